#include "daemon/client/run_info.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "daemon/client/child_process.h"
#include "daemon/client/testing/temporary_folder.h"

namespace caravel::daemon {
namespace {

using testing::HasSubstr;

class RunInfoTest : public testing::Test {
 protected:
  RunInfoTest() { temporary_.Make("run"); }

  static RunInfo OfThisProcess() {
    return {.api = "http://127.0.0.1:8788/client/v4",
            .token = "secret",
            .account_id = "0123",
            .http = "http://localhost:8787",
            .data = "/data",
            .problem = "the API is off",
            .pid = ::getpid(),
            .start_time = ProcessStartTime(::getpid()).value()};
  }

  testing_support::TemporaryFolder temporary_;
  DataFolder folder_{temporary_.path()};
};

TEST_F(RunInfoTest, FindsTheCaraveldThatRuns) {
  ASSERT_TRUE(SaveRunInfo(folder_, OfThisProcess()));
  EXPECT_EQ(FindRunning(folder_).value(), OfThisProcess());
}

TEST_F(RunInfoTest, SaysThatNobodyRunsAndHowToStart) {
  const Result<RunInfo> none = FindRunning(folder_);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(none.error().message(), HasSubstr("Caravel is not up"));
  EXPECT_THAT(none.error().remedy(), HasSubstr("./caravel up --data"));
}

TEST_F(RunInfoTest, TakesNoOtherProcessForCaraveld) {
  RunInfo info = OfThisProcess();
  info.start_time -= 1;
  ASSERT_TRUE(SaveRunInfo(folder_, info));
  EXPECT_FALSE(FindRunning(folder_));
}

TEST_F(RunInfoTest, CarriesReadinessAndFailureThroughAPipe) {
  EXPECT_EQ(ParseReadyLine(ReadyLine(OfThisProcess())).value(),
            OfThisProcess());
  const Result<RunInfo> failed = ParseReadyLine(FailedLine(
      Error(ErrorCode::kConflict, "port 1: in use").Remedy("another")));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(failed.error().ToText(), "port 1: in use\nanother");
  EXPECT_FALSE(ParseReadyLine("half a li"));
}

TEST_F(RunInfoTest, PrintsTheObjectThatUpPromises) {
  EXPECT_EQ(
      RunInfoJson({.api = "A",
                   .token = "T",
                   .account_id = "I",
                   .http = "H",
                   .data = "D",
                   .problem = "",
                   .pid = 3}),
      R"({"api":"A","token":"T","account_id":"I","http":"H","data":"D","pid":3})");
}

}  // namespace
}  // namespace caravel::daemon
