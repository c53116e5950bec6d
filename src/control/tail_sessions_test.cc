#include "control/tail_sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caravel::api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TailSessionsTest : public ::testing::Test {
 protected:
  static registry::Worker WorkerNamed(std::string name) {
    registry::Worker worker;
    worker.id = {"id-of-" + name};
    worker.name = std::move(name);
    return worker;
  }

  TailSession Begin(const std::string& name) {
    return sessions_.Begin(WorkerNamed(name), {}, owner_).value();
  }

  base::FakeClock clock_;
  int changes_ = 0;
  registry::TokenOwner owner_;
  TailSessions sessions_{clock_, [this] { ++changes_; }};
};

TEST_F(TailSessionsTest, AKeyIsTakenOnce) {
  const TailSession session = Begin("hello");
  EXPECT_EQ(changes_, 1);
  EXPECT_THAT(sessions_.Tailed(), ElementsAre(session.worker));
  EXPECT_FALSE(sessions_.Take("nonsense"));
  const auto taken = sessions_.Take(session.key);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->id, session.id);
  EXPECT_FALSE(sessions_.Take(session.key));
  sessions_.Leave(session.id);
  EXPECT_TRUE(sessions_.Take(session.key));
}

TEST_F(TailSessionsTest, OnesOfOtherWorkersAreNotEnded) {
  const TailSession session = Begin("hello");
  EXPECT_FALSE(sessions_.End({"id-of-other"}, session.id));
  EXPECT_TRUE(sessions_.End(session.worker, session.id));
  EXPECT_FALSE(sessions_.End(session.worker, session.id));
  EXPECT_FALSE(sessions_.IsThere(session.id));
  EXPECT_THAT(sessions_.Tailed(), IsEmpty());
}

TEST_F(TailSessionsTest, WhatNobodyReadsGoes) {
  const TailSession read = Begin("hello");
  const TailSession unread = Begin("hello");
  ASSERT_TRUE(sessions_.Take(read.key));
  clock_.Advance(TailSessions::kUnreadLimit);
  sessions_.Sweep();
  EXPECT_TRUE(sessions_.IsThere(read.id));
  EXPECT_FALSE(sessions_.IsThere(unread.id));
  EXPECT_EQ(changes_, 3);
}

TEST_F(TailSessionsTest, WhatIsReadExpires) {
  const TailSession session = Begin("hello");
  ASSERT_TRUE(sessions_.Take(session.key));
  clock_.Advance(TailSessions::kLifetime);
  sessions_.Sweep();
  EXPECT_FALSE(sessions_.IsThere(session.id));
}

TEST_F(TailSessionsTest, EndsWithTheTokenThatBeganIt) {
  owner_.token = {"t1"};
  owner_.user = {"ada"};
  owner_.expires = clock_.Wall() + std::chrono::minutes(5);
  const TailSession session = Begin("hello");
  EXPECT_EQ(session.expires, *owner_.expires);
  EXPECT_EQ(session.user, owner_.user);
  owner_.token = {"t2"};
  owner_.expires = std::nullopt;
  const TailSession other = Begin("hello");
  EXPECT_EQ(other.expires, clock_.Wall() + TailSessions::kLifetime);
  const int before = changes_;
  sessions_.EndWhere([](const TailSession& each) {
    return each.token == registry::TokenId{"t1"};
  });
  EXPECT_FALSE(sessions_.IsThere(session.id));
  EXPECT_TRUE(sessions_.IsThere(other.id));
  EXPECT_EQ(changes_, before + 1);
}

TEST_F(TailSessionsTest, AWorkerHasSoManyAtMost) {
  for (size_t i = 0; i < TailSessions::kMostOfWorker; ++i) Begin("hello");
  const auto more = sessions_.Begin(WorkerNamed("hello"), {}, owner_);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code(), ErrorCode::kLimit);
  EXPECT_THAT(more.error().message(), HasSubstr("Worker \"hello\" has 10"));
  EXPECT_TRUE(sessions_.Begin(WorkerNamed("other"), {}, owner_));
}

TEST_F(TailSessionsTest, AnAccountAndThePlatformHaveSoManyAtMost) {
  const auto begin = [this](size_t account, size_t worker) {
    registry::Worker tailed =
        WorkerNamed(fmt::format("{:016}{:016}", account, worker));
    tailed.account = {fmt::format("account{}", account)};
    return sessions_.Begin(tailed, {}, owner_);
  };
  for (size_t i = 0; i < TailSessions::kMostOfAccount; ++i) {
    ASSERT_TRUE(begin(0, i));
  }
  const auto more = begin(0, TailSessions::kMostOfAccount);
  ASSERT_FALSE(more);
  EXPECT_THAT(more.error().message(), HasSubstr("the account has 100"));
  for (size_t i = TailSessions::kMostOfAccount; i < TailSessions::kMostOfAll;
       ++i) {
    ASSERT_TRUE(begin(i, 0));
  }
  const auto full = begin(TailSessions::kMostOfAll, 0);
  ASSERT_FALSE(full);
  EXPECT_THAT(full.error().message(), HasSubstr("the platform has 1000"));
}

}  // namespace
}  // namespace caravel::api
