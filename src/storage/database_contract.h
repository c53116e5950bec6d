#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "storage/database.h"
#include "storage/migrations.h"
#include "storage/testing/test_database.h"

// What every Database does. An engine instantiates DatabaseContract with a
// function that makes an empty database, and gets the tests:
//
//   INSTANTIATE_TEST_SUITE_P(Sqlite, DatabaseContract, Values(&MakeSqlite));
//
// A test program includes this in one file.
namespace caravel::storage {

class DatabaseContract
    : public ::testing::TestWithParam<std::function<TestDatabase()>> {
 protected:
  void SetUp() override {
    test_ = GetParam()();
    if (!test_.unavailable.empty()) GTEST_SKIP() << test_.unavailable;
    const Status made = db().Transact([](Transaction& transaction) {
      return transaction.ExecuteScript(
          "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT "
          "NULL);"
          "CREATE TABLE things (account TEXT NOT NULL, name TEXT NOT NULL,"
          " number INTEGER, ratio REAL, content BLOB, note TEXT,"
          " UNIQUE (account, name));"
          "CREATE TABLE parts (owner TEXT NOT NULL REFERENCES counters "
          "(name))");
    });
    ASSERT_TRUE(made) << made.error().ToText();
  }

  Database& db() { return *test_.database; }

  template <typename... Values>
  Status Execute(std::string_view sql, const Values&... values) {
    return db().Transact([&](Transaction& transaction) -> Status {
      CARAVEL_TRY(transaction.Execute(sql, values...));
      return {};
    });
  }

  Status SetCounter(std::string_view name, int64_t value) {
    return Execute("INSERT INTO counters (name, value) VALUES (?, ?)", name,
                   value);
  }

  static Result<int64_t> ReadCounter(Transaction& transaction,
                                     std::string_view name) {
    CARAVEL_TRY(
        const auto rows,
        transaction.Query("SELECT value FROM counters WHERE name = ?", name));
    return rows.empty() ? -1 : rows[0].Integer(0);
  }
  int64_t Counter(std::string_view name) {
    return db()
        .Read([&](Transaction& transaction) {
          return ReadCounter(transaction, name);
        })
        .value();
  }

  TestDatabase test_;
};

TEST_P(DatabaseContract, WhatCommitsStaysAndWhatFailsLeavesNothing) {
  ASSERT_TRUE(SetCounter("kept", 1));
  const Status failed = db().Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(transaction.Execute("UPDATE counters SET value = 2"));
    CARAVEL_TRY(
        transaction.Execute("INSERT INTO counters VALUES ('other', 3)"));
    return Error(ErrorCode::kInvalid, "changed my mind");
  });
  EXPECT_EQ(MessageOf(failed), "changed my mind");
  EXPECT_EQ(Counter("kept"), 1);
  EXPECT_EQ(Counter("other"), -1);
}

TEST_P(DatabaseContract, ACommitIsSeenThroughAnotherHandle) {
  ASSERT_TRUE(SetCounter("a", 7));
  const auto other = test_.open_again();
  EXPECT_EQ(
      other->Read([](Transaction& t) { return ReadCounter(t, "a"); }).value(),
      7);
}

TEST_P(DatabaseContract, EveryTypeComesBackAsItWent) {
  const std::string binary("\0\xFF\0'?\n", 6);
  const std::string text = "gr\xC3\xBC\xC3\x9F ' \" ? $1 \xF0\x9F\x90\xAA";
  ASSERT_TRUE(Execute(
      "INSERT INTO things (account, name, number, ratio, content, note) "
      "VALUES (?, ?, ?, ?, ?, ?)",
      text, "", std::numeric_limits<int64_t>::min(), -0.1, Bytes{binary},
      std::nullopt));
  ASSERT_TRUE(Execute(
      "INSERT INTO things (account, name, number, ratio, content, note) "
      "VALUES (?, ?, ?, ?, ?, ?)",
      "b", "b", std::numeric_limits<int64_t>::max(), 1e300, Bytes{},
      std::optional<std::string>("note")));
  const auto rows =
      db().Read([](Transaction& transaction) {
            return transaction.Query(
                "SELECT account, name, number, ratio, content, note "
                "FROM things ORDER BY number");
          })
          .value();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].Text(0), text);
  EXPECT_EQ(rows[0].Text(1), "");
  EXPECT_EQ(rows[0].Integer(2), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(rows[0].Real(3), -0.1);
  EXPECT_EQ(rows[0].Blob(4), binary);
  EXPECT_TRUE(rows[0].IsNull(5));
  EXPECT_EQ(rows[0].OptionalText(5), std::nullopt);
  EXPECT_EQ(rows[1].Integer(2), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(rows[1].Real(3), 1e300);
  EXPECT_EQ(rows[1].Blob(4), "");
  EXPECT_EQ(rows[1].OptionalText(5), "note");
}

TEST_P(DatabaseContract, TextThatNotEveryEngineStoresIsRefused) {
  EXPECT_EQ(MessageOf(SetCounter(std::string_view("a\0b", 3), 1)),
            "text with a NUL character cannot be stored");
  EXPECT_EQ(MessageOf(SetCounter("\xC3(", 1)),
            "text that is not UTF-8 cannot be stored");
  EXPECT_EQ(MessageOf(SetCounter("\xED\xA0\x80", 1)),
            "text that is not UTF-8 cannot be stored");
}

TEST_P(DatabaseContract, ChangedCountsTheRowsThatAStatementTouched) {
  ASSERT_TRUE(SetCounter("a", 1));
  ASSERT_TRUE(SetCounter("b", 1));
  const auto changed = [&](std::string_view sql) {
    return db()
        .Transact(
            [&](Transaction& transaction) { return transaction.Execute(sql); })
        .value();
  };
  EXPECT_EQ(changed("UPDATE counters SET value = 2"), 2U);
  EXPECT_EQ(changed("UPDATE counters SET value = 3 WHERE name = 'c'"), 0U);
  EXPECT_EQ(changed("SELECT * FROM counters"), 0U);
  EXPECT_EQ(changed("DELETE FROM counters WHERE name = 'a'"), 1U);
}

TEST_P(DatabaseContract, ReturningAndUpsertWork) {
  const auto next = [&] {
    return db()
        .Transact([](Transaction& transaction) -> Result<int64_t> {
          CARAVEL_TRY(const auto rows,
                      transaction.Query(
                          "INSERT INTO counters (name, value) VALUES ('n', 1) "
                          "ON CONFLICT (name) DO UPDATE "
                          "SET value = counters.value + 1 RETURNING value"));
          return rows[0].Integer(0);
        })
        .value();
  };
  EXPECT_EQ(next(), 1);
  EXPECT_EQ(next(), 2);
}

TEST_P(DatabaseContract, ADuplicateNamesTableAndColumns) {
  const auto insert = [&] {
    return Execute("INSERT INTO things (account, name) VALUES ('a', 'b')");
  };
  ASSERT_TRUE(insert());
  const Status again = insert();
  EXPECT_EQ(CodeOf(again), ErrorCode::kConflict);
  EXPECT_EQ(MessageOf(again),
            "table \"things\": a row with this account, name exists already");
  ASSERT_TRUE(SetCounter("a", 1));
  EXPECT_EQ(MessageOf(SetCounter("a", 2)),
            "table \"counters\": a row with this name exists already");
}

TEST_P(DatabaseContract, ABrokenReferenceIsAConflict) {
  const Status orphan = Execute("INSERT INTO parts VALUES ('nobody')");
  EXPECT_EQ(CodeOf(orphan), ErrorCode::kConflict);
  ASSERT_TRUE(SetCounter("a", 1));
  ASSERT_TRUE(Execute("INSERT INTO parts VALUES ('a')"));
  EXPECT_EQ(CodeOf(Execute("DELETE FROM counters")), ErrorCode::kConflict);
}

TEST_P(DatabaseContract, ANullWhereNoneIsAllowedIsInvalid) {
  EXPECT_EQ(
      CodeOf(Execute("INSERT INTO counters VALUES ('a', ?)", std::nullopt)),
      ErrorCode::kInvalid);
}

TEST_P(DatabaseContract, AWrongStatementIsShown) {
  const Status status = Execute("SELECT nothing FROM nowhere");
  EXPECT_EQ(CodeOf(status), ErrorCode::kInternal);
  EXPECT_THAT(MessageOf(status), ::testing::HasSubstr("nowhere"));
}

TEST_P(DatabaseContract, AFailureThatTheFunctionHidesStillCommitsNothing) {
  ASSERT_TRUE(SetCounter("a", 1));
  const Status status = db().Transact([](Transaction& transaction) -> Status {
    CARAVEL_TRY(transaction.Execute("UPDATE counters SET value = 2"));
    if (transaction.Execute("INSERT INTO counters VALUES ('a', 1)")) return {};
    return {};
  });
  EXPECT_THAT(MessageOf(status), ::testing::HasSubstr("nothing was committed"));
  EXPECT_EQ(Counter("a"), 1);
}

TEST_P(DatabaseContract, AReadCannotWrite) {
  const auto read = db().Read([](Transaction& transaction) {
    return transaction.Execute("INSERT INTO counters VALUES ('a', 1)");
  });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::kInvalid);
  EXPECT_THAT(read.error().message(),
              ::testing::HasSubstr("a read transaction cannot write"));
  EXPECT_TRUE(SetCounter("a", 1));
}

TEST_P(DatabaseContract, AReadSeesOneMomentWhateverIsWrittenMeanwhile) {
  ASSERT_TRUE(SetCounter("a", 1));
  const auto other = test_.open_again();
  const auto seen = db().Read(
      [&](Transaction& transaction) -> Result<std::pair<int64_t, int64_t>> {
        CARAVEL_TRY(const int64_t first, ReadCounter(transaction, "a"));
        CARAVEL_TRY(other->Transact([](Transaction& writer) {
          return writer.Execute("UPDATE counters SET value = 2");
        }));
        CARAVEL_TRY(const int64_t second, ReadCounter(transaction, "a"));
        return std::pair(first, second);
      });
  ASSERT_TRUE(seen) << seen.error().ToText();
  EXPECT_EQ(*seen, std::pair(int64_t{1}, int64_t{1}));
  EXPECT_EQ(Counter("a"), 2);
}

TEST_P(DatabaseContract, WhatWaitsForACommitRunsOnlyBehindIt) {
  int64_t seen = -1;
  const auto other = test_.open_again();
  ASSERT_TRUE(db().Transact([&](Transaction& transaction) -> Status {
    transaction.AfterCommit([&] {
      seen = other->Read([](Transaction& t) { return ReadCounter(t, "a"); })
                 .value();
    });
    CARAVEL_TRY(transaction.Execute("INSERT INTO counters VALUES ('a', 5)"));
    EXPECT_EQ(seen, -1);
    return {};
  }));
  EXPECT_EQ(seen, 5);

  bool ran = false;
  EXPECT_FALSE(db().Transact([&](Transaction& transaction) -> Status {
    transaction.AfterCommit([&] { ran = true; });
    return Error(ErrorCode::kInvalid, "no");
  }));
  EXPECT_FALSE(ran);
}

TEST_P(DatabaseContract, CountersOfEightThreadsLoseNothing) {
  constexpr int kThreads = 8;
  constexpr int kTimes = 25;
  ASSERT_TRUE(SetCounter("a", 0));
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int time = 0; time < kTimes; ++time) {
        if (!Execute("UPDATE counters SET value = value + 1")) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(Counter("a"), kThreads * kTimes);
}

TEST_P(DatabaseContract, TheLockOfANameLetsOneTransactionInAtATime) {
  ASSERT_TRUE(SetCounter("a", 0));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto handle = test_.open_again();
      for (int time = 0; time < 10; ++time) {
        const Status status =
            handle->Transact([](Transaction& transaction) -> Status {
              CARAVEL_TRY(transaction.Lock("contract"));
              CARAVEL_TRY(const int64_t value, ReadCounter(transaction, "a"));
              CARAVEL_TRY(transaction.Execute("UPDATE counters SET value = ?",
                                              value + 1));
              return {};
            });
        EXPECT_TRUE(status) << MessageOf(status);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Counter("a"), 40);
}

// ---- migrations ----

inline constexpr Migration kContractMigrations[] = {
    {.name = "first",
     .sql = "CREATE TABLE m1 (a INTEGER); CREATE TABLE m2 (a BLOB)"},
    {.name = "second", .sql = "ALTER TABLE m1 ADD COLUMN b TEXT"},
    {.name = "third",
     .step = Migration::Step::kContract,
     .sql = "DROP TABLE m2"},
};

TEST_P(DatabaseContract, MigrationsApplyInOrderAndOnce) {
  const std::span<const Migration> all(kContractMigrations);
  ASSERT_TRUE(Migrate(db(), "room", all.first(1)));
  ASSERT_TRUE(Migrate(db(), "room", all));
  ASSERT_TRUE(Migrate(db(), "room", all));
  EXPECT_TRUE(Execute("INSERT INTO m1 (a, b) VALUES (1, 'x')"));
  EXPECT_FALSE(Execute("SELECT * FROM m2"));
}

TEST_P(DatabaseContract, MigrationsThatStartTogetherApplyOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto handle = test_.open_again();
      const Status status = Migrate(*handle, "room", kContractMigrations);
      EXPECT_TRUE(status) << MessageOf(status);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(DatabaseContract, AMigrationThatFailsLeavesNothingOfItself) {
  constexpr Migration kBroken[] = {
      {.name = "broken", .sql = "CREATE TABLE m1 (a TEXT); CREATE nonsense"}};
  const Status status = Migrate(db(), "room", kBroken);
  EXPECT_THAT(MessageOf(status),
              ::testing::StartsWith("migration 1 \"broken\" of \"room\": "));
  EXPECT_TRUE(Migrate(db(), "room", kContractMigrations));
}

TEST_P(DatabaseContract, OlderCodeRunsOnAnExpandedSchemaOnly) {
  const std::span<const Migration> all(kContractMigrations);
  ASSERT_TRUE(Migrate(db(), "room", all.first(2)));
  EXPECT_TRUE(Migrate(db(), "room", all.first(1)));
  ASSERT_TRUE(Migrate(db(), "room", all));
  EXPECT_EQ(MessageOf(Migrate(db(), "room", all.first(2))),
            "schema of \"room\": migration 3 \"third\", which this program "
            "does not know, removed what it needs");
}

TEST_P(DatabaseContract, AnotherListOfMigrationsIsRefused) {
  ASSERT_TRUE(Migrate(db(), "room", kContractMigrations));
  constexpr Migration kOther[] = {{.name = "other", .sql = "SELECT 1"}};
  EXPECT_EQ(MessageOf(Migrate(db(), "room", kOther)),
            "schema of \"room\": migration 1 is \"first\" in the database and "
            "\"other\" in this program");
}

}  // namespace caravel::storage
