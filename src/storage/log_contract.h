#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "storage/log.h"
#include "storage/testing/test_database.h"

// What every Log does. An implementation instantiates LogContract with a
// function that makes an empty log in an empty database. A test program
// includes this in one file.
namespace caravel::storage {

struct TestLog {
  TestDatabase database;
  std::unique_ptr<Log> log;
};

class LogContract : public ::testing::TestWithParam<std::function<TestLog()>> {
 protected:
  void SetUp() override {
    test_ = GetParam()();
    if (!test_.database.unavailable.empty()) {
      GTEST_SKIP() << test_.database.unavailable;
    }
  }

  Database& db() { return *test_.database.database; }
  Log& log() { return *test_.log; }

  uint64_t Append(std::string_view topic, std::string_view bytes) {
    return db()
        .Transact([&](Transaction& transaction) {
          return log().Append(transaction, topic, bytes);
        })
        .value();
  }
  Result<std::vector<LogRecord>> ReadAfter(std::string_view topic,
                                           uint64_t after, size_t limit = 100) {
    return db().Read([&](Transaction& transaction) {
      return log().ReadAfter(transaction, topic, after, limit);
    });
  }
  uint64_t Newest(std::string_view topic) {
    return db()
        .Read([&](Transaction& transaction) {
          return log().Newest(transaction, topic);
        })
        .value();
  }
  Status Trim(std::string_view topic, uint64_t sequence) {
    return db().Transact([&](Transaction& transaction) {
      return log().Trim(transaction, topic, sequence);
    });
  }

  TestLog test_;
};

TEST_P(LogContract, EachTopicIsNumberedFromOne) {
  EXPECT_EQ(Newest("a"), 0U);
  EXPECT_EQ(Append("a", "first"), 1U);
  EXPECT_EQ(Append("b", "other"), 1U);
  EXPECT_EQ(Append("a", std::string("\0\xFF", 2)), 2U);
  EXPECT_EQ(Newest("a"), 2U);
  EXPECT_EQ(ReadAfter("a", 0).value(),
            (std::vector<LogRecord>{{1, "first"}, {2, {"\0\xFF", 2}}}));
  EXPECT_EQ(ReadAfter("a", 1).value().size(), 1U);
  EXPECT_EQ(ReadAfter("a", 2).value().size(), 0U);
}

TEST_P(LogContract, ReadingStopsAtTheLimit) {
  for (int i = 0; i < 5; ++i) Append("a", "x");
  const auto records = ReadAfter("a", 1, 2).value();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].sequence, 2U);
  EXPECT_EQ(records[1].sequence, 3U);
}

TEST_P(LogContract, ARollbackLeavesNoGap) {
  Append("a", "kept");
  const Status failed = db().Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(log().Append(transaction, "a", "lost"));
    return Error(ErrorCode::kInvalid, "no");
  });
  EXPECT_FALSE(failed);
  EXPECT_EQ(Append("a", "next"), 2U);
  EXPECT_EQ(ReadAfter("a", 0).value()[1].bytes, "next");
}

TEST_P(LogContract, ASubscriberIsWokenBehindTheCommitOfItsTopicOnly) {
  std::vector<size_t> seen;
  const auto subscription = log().Subscribe("a", [&] { seen.push_back(1); });
  ASSERT_TRUE(db().Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(log().Append(transaction, "a", "x"));
    EXPECT_TRUE(seen.empty());
    return {};
  }));
  EXPECT_EQ(seen.size(), 1U);
  Append("b", "x");
  EXPECT_EQ(seen.size(), 1U);
  EXPECT_FALSE(db().Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(log().Append(transaction, "a", "x"));
    return Error(ErrorCode::kInvalid, "no");
  }));
  EXPECT_EQ(seen.size(), 1U);
}

TEST_P(LogContract, ASubscriptionThatEndedIsNotWoken) {
  int woken = 0;
  auto first = log().Subscribe("a", [&] { ++woken; });
  auto second = log().Subscribe("a", [&] { ++woken; });
  first.reset();
  Append("a", "x");
  EXPECT_EQ(woken, 1);
}

TEST_P(LogContract, WhatWasTrimmedIsToldApartFromWhatIsNotThere) {
  for (int i = 0; i < 4; ++i) Append("a", "x");
  ASSERT_TRUE(Trim("a", 2));
  EXPECT_TRUE(Trim("a", 1)) << "trimming less again changes nothing";
  EXPECT_EQ(ReadAfter("a", 2).value().size(), 2U);
  EXPECT_EQ(ReadAfter("a", 1).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(ReadAfter("a", 5).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(Trim("a", 5).error().code(), ErrorCode::kInvalid);
  EXPECT_EQ(Append("a", "x"), 5U);
}

TEST_P(LogContract, AppendsOfManyThreadsAreSeenInOrderWithoutGaps) {
  constexpr int kThreads = 4;
  constexpr int kTimes = 20;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int time = 0; time < kTimes; ++time) Append("a", "x");
    });
  }
  uint64_t read = 0;
  while (read < kThreads * kTimes) {
    const std::vector<LogRecord> records = ReadAfter("a", read).value();
    for (const LogRecord& record : records) {
      ASSERT_EQ(record.sequence, read + 1);
      read = record.sequence;
    }
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace caravel::storage
