#include "daemon/edit_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

namespace caravel::daemon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class EditChecksTest : public testing::Test {
 protected:
  static EditChecks::Edit EditOf(const std::string& version,
                                 const std::string& worker = "worker") {
    EditChecks::Edit edit;
    edit.worker.id.value = worker;
    edit.worker.versions.emplace_back().id.value = version;
    return edit;
  }
  void PollUntilDone() {
    while (checks_.busy()) loop_->Poll(std::chrono::nanoseconds(-1));
  }

  base::SystemClock clock_;
  const std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  std::promise<void> release_;
  std::shared_future<void> released_ = release_.get_future().share();
  std::vector<std::string> told_;
  EditChecks checks_{*loop_,
                     [this](EditChecks::Edit edit) {
                       released_.wait();
                       return EditChecks::Checked{
                           edit.worker.versions.front().id, {}};
                     },
                     [this](const EditChecks::Checked& checked) {
                       told_.push_back(checked.version.value);
                     }};
};

TEST_F(EditChecksTest, BeginWhenTheyMayAndPassOverAllButTheNewest) {
  checks_.Submit(EditOf("1"));
  EXPECT_FALSE(checks_.busy());
  checks_.Start();
  EXPECT_TRUE(checks_.busy());
  for (const char* version : {"2", "3"}) checks_.Submit(EditOf(version));
  release_.set_value();
  PollUntilDone();
  EXPECT_THAT(told_, ElementsAre("1", "3"));
}

TEST_F(EditChecksTest, PassOverNoEditOfAnotherWorker) {
  checks_.Submit(EditOf("a1", "a"));
  checks_.Submit(EditOf("b1", "b"));
  checks_.Submit(EditOf("a2", "a"));
  checks_.Start();
  release_.set_value();
  PollUntilDone();
  EXPECT_THAT(told_, ElementsAre("a2", "b1"));
}

TEST_F(EditChecksTest, BeginAndTellNoMoreOnceStopped) {
  checks_.Start();
  checks_.Submit(EditOf("1"));
  checks_.Submit(EditOf("2"));
  checks_.Stop();
  release_.set_value();
  PollUntilDone();
  checks_.Submit(EditOf("3"));
  EXPECT_FALSE(checks_.busy());
  EXPECT_THAT(told_, IsEmpty());
}

}  // namespace
}  // namespace caravel::daemon
