#include "registry/crons.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/registry_fixture.h"
#include "storage/database_log.h"
#include "storage/testing/new_postgres.h"
#include "storage/testing/new_sqlite.h"

namespace caravel::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CronsTest : public RegistryTest {
 protected:
  void SetUp() override {
    RegistryTest::SetUp();
    if (IsSkipped()) return;
    worker_ = Publish("hello", "digest").value().worker.id;
    crons_.emplace(*ground_.database, clock_);
  }

  std::vector<std::string> Set(const std::vector<std::string>& crons) {
    return NamesOf(crons_->Set(worker_, crons).value());
  }
  static std::vector<std::string> NamesOf(
      const std::vector<CronTrigger>& triggers) {
    std::vector<std::string> names;
    for (const CronTrigger& trigger : triggers) names.push_back(trigger.cron);
    return names;
  }

  bool Claim(base::WallTime slot) {
    return !crons_->Claim({RunOf(slot, CronOutcome::kRunning)}).value().empty();
  }
  CronRun RunOf(base::WallTime slot, CronOutcome outcome,
                std::string detail = {}) {
    return {.worker = worker_,
            .cron = std::string(kEachMinute),
            .slot = slot,
            .outcome = outcome,
            .detail = std::move(detail)};
  }
  // "OUTCOME DETAIL", newest first.
  std::vector<std::string> Runs() {
    std::vector<std::string> runs;
    const std::vector<CronRun> kept = crons_->Runs(worker_, 1000).value();
    for (const CronRun& run : kept) {
      runs.push_back(
          fmt::format("{} {}", static_cast<int>(run.outcome), run.detail));
    }
    return runs;
  }
  base::WallTime Minute(int number) {
    return clock_.Wall() + std::chrono::minutes(number);
  }

  static constexpr std::string_view kEachMinute = "* * * * *";
  WorkerId worker_;
  std::optional<Crons> crons_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, CronsTest,
                         ::testing::Values(&storage::NewSqlite),
                         [](const auto&) { return "Registry"; });
INSTANTIATE_TEST_SUITE_P(Postgres, CronsTest,
                         ::testing::Values(&storage::NewPostgres),
                         [](const auto&) { return "Registry"; });

TEST_P(CronsTest, SetReplacesWhatAWorkerHas) {
  EXPECT_THAT(Set({"* * * * *", "0 0 * * *"}),
              ElementsAre("* * * * *", "0 0 * * *"));
  const base::WallTime seen = crons_->Of(worker_).value()[0].seen;
  clock_.Advance(std::chrono::hours(1));
  EXPECT_THAT(Set({"* * * * *", "5 * * * *", "5 * * * *"}),
              ElementsAre("* * * * *", "5 * * * *"));
  EXPECT_EQ(crons_->Of(worker_).value()[0].seen, seen);
  EXPECT_GT(crons_->Of(worker_).value()[1].seen, seen);
  EXPECT_THAT(Set({}), IsEmpty());
}

TEST_P(CronsTest, AWrongOneChangesNothing) {
  Set({"* * * * *"});
  const auto wrong = crons_->Set(worker_, {"0 0 * * *", "61 * * * *"});
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message(), HasSubstr("minute \"61\""));
  const auto many = crons_->Set(
      worker_, std::vector<std::string>(Crons::kMostOfWorker + 1, "* * * * *"));
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code(), ErrorCode::kLimit);
  EXPECT_THAT(NamesOf(crons_->Of(worker_).value()), ElementsAre("* * * * *"));
}

TEST_P(CronsTest, TheyGoWithTheirWorker) {
  Set({"* * * * *"});
  ASSERT_TRUE(Claim(Minute(1)));
  ASSERT_TRUE(registry_->DeleteWorker(account_.id, "hello"));
  EXPECT_THAT(crons_->All().value(), IsEmpty());
  EXPECT_FALSE(Claim(Minute(2)));
  EXPECT_THAT(Runs(), IsEmpty());
}

TEST_P(CronsTest, AMinuteIsClaimedOnce) {
  Set({"* * * * *"});
  EXPECT_TRUE(Claim(Minute(1)));
  EXPECT_FALSE(Claim(Minute(1)));
  EXPECT_TRUE(Claim(Minute(2)));
  EXPECT_FALSE(Claim(Minute(1)));
  EXPECT_THAT(Runs(), ElementsAre("0 ", "0 "));
  ASSERT_TRUE(crons_->Finish({RunOf(Minute(1), CronOutcome::kOk),
                              RunOf(Minute(2), CronOutcome::kFailed, "why")}));
  EXPECT_THAT(Runs(), ElementsAre("2 why", "1 "));
}

TEST_P(CronsTest, WhatWasCutOffIsInterrupted) {
  Set({"* * * * *"});
  ASSERT_TRUE(Claim(Minute(1)));
  ASSERT_TRUE(crons_->Finish({RunOf(Minute(1), CronOutcome::kOk)}));
  ASSERT_TRUE(Claim(Minute(2)));
  const auto interrupted = crons_->Interrupt().value();
  ASSERT_EQ(interrupted.size(), 1u);
  EXPECT_EQ(interrupted[0].slot, Minute(2));
  EXPECT_THAT(Runs(), ElementsAre("3 ", "1 "));
  EXPECT_THAT(crons_->Interrupt().value(), IsEmpty());
}

TEST_P(CronsTest, WhatWasMissedIsNotRunLater) {
  Set({"* * * * *"});
  const auto miss = [this](int minute, std::string detail) {
    return crons_
        ->Claim(
            {RunOf(Minute(minute), CronOutcome::kMissed, std::move(detail))})
        .value()
        .size();
  };
  EXPECT_EQ(miss(5, "5 missed"), 1U);
  EXPECT_FALSE(Claim(Minute(5)));
  EXPECT_TRUE(Claim(Minute(6)));
  EXPECT_EQ(miss(6, "1 missed"), 0U) << "told by one who came too late";
  EXPECT_THAT(Runs(), ElementsAre("0 ", "4 5 missed"));
}

TEST_P(CronsTest, AClockThatWasAheadHoldsNothingUpAndRunsNothingTwice) {
  Set({"* * * * *"});
  ASSERT_TRUE(Claim(Minute(100)));
  EXPECT_FALSE(Claim(Minute(1)));
  EXPECT_EQ(crons_->Rewind(Minute(200)).value(), 0U) << "it is not ahead";
  EXPECT_EQ(crons_->Rewind(Minute(0)).value(), 1U);
  EXPECT_TRUE(Claim(Minute(1)));
  EXPECT_FALSE(Claim(Minute(100))) << "it ran, by the clock of then";
  EXPECT_TRUE(Claim(Minute(101)));
}

TEST_P(CronsTest, AnAccountHasABoundOfItsOwn) {
  std::vector<std::string> crons;
  for (size_t i = 0; i < Crons::kMostOfWorker; ++i) {
    crons.push_back(fmt::format("{} {} * * *", i % 60, i / 60));
  }
  for (size_t i = 0; i < Crons::kMostOfAccount / Crons::kMostOfWorker; ++i) {
    const WorkerId other =
        Publish(fmt::format("other{}", i), "digest").value().worker.id;
    ASSERT_TRUE(crons_->Set(other, crons));
    ASSERT_TRUE(crons_->Set(other, crons)) << "its own do not count twice";
  }
  const auto more = crons_->Set(worker_, {"* * * * *"});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code(), ErrorCode::kLimit);
  EXPECT_TRUE(crons_->Set(worker_, {}));
}

TEST_P(CronsTest, OldRunsGo) {
  Set({"* * * * *"});
  for (int i = 1; i <= static_cast<int>(Crons::kKeptRuns) + 3; ++i) {
    ASSERT_TRUE(Claim(Minute(i)));
  }
  EXPECT_EQ(Runs().size(), Crons::kKeptRuns);
}

}  // namespace
}  // namespace caravel::registry
