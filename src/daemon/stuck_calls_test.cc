#include "daemon/stuck_calls.h"

#include <gmock/gmock.h>

#include "daemon/testing/fake_host_port.h"
#include "daemon/testing/published_values.h"

namespace caravel::daemon {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class StuckLogs final : public LogSink {
 public:
  void Append(const registry::LogEvent& event) override {
    events.push_back(event);
  }
  void CountDropped(uint64_t) override {}

  std::vector<registry::LogEvent> events;
};

class StuckCallsTest : public testing::Test {
 protected:
  StuckCallsTest() { published_.Apply(ChangeTo(1, "shop", "v")); }

  base::FakeClock clock_;
  base::NullLog log_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  PublishedState published_;
  StuckLogs logs_;
  FakeHostPort host_{"h1"};
  int told_ = 0;
  StuckCalls calls_{*loop_,     clock_, log_,
                    published_, logs_,  [this] { ++told_; }};
};

TEST_F(StuckCallsTest, TheVersionIsHeldAndItsLogSaysWhyAndWhatToDo) {
  calls_.OnStuck(host_, {"v"});
  EXPECT_THAT(calls_.Message().versions, ElementsAre(registry::VersionId{"v"}));
  EXPECT_EQ(told_, 1);
  ASSERT_EQ(logs_.events.size(), 1U);
  EXPECT_EQ(logs_.events[0].worker.value, "shop");
  EXPECT_EQ(logs_.events[0].outcome, "exceededCpu");
  EXPECT_THAT(logs_.events[0].exceptions.at(0).message,
              AllOf(HasSubstr("error 1102 for 10 s"),
                    HasSubstr("Bound the length, or deploy")));
  clock_.Advance(seconds(10));
  loop_->Poll(std::chrono::nanoseconds(0));
  EXPECT_THAT(calls_.Message().versions, IsEmpty());
  EXPECT_EQ(told_, 2);
}

TEST_F(StuckCallsTest, AnotherHostThatSaysTheSameChangesNothing) {
  calls_.OnStuck(host_, {"v"});
  calls_.OnStuck(FakeHostPort("h2"), {"v"});
  EXPECT_EQ(told_, 1);
  EXPECT_EQ(logs_.events.size(), 1U);
}

TEST_F(StuckCallsTest, AVersionThatIsNotPublishedIsNotHeld) {
  calls_.OnStuck(host_, {"made up"});
  EXPECT_THAT(calls_.Message().versions, IsEmpty());
  EXPECT_EQ(told_, 0);
  EXPECT_THAT(logs_.events, IsEmpty());
}

}  // namespace
}  // namespace caravel::daemon
