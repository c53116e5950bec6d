#include "daemon/held_versions.h"

#include <gmock/gmock.h>

#include <memory>

namespace caravel::daemon {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class HeldVersionsTest : public testing::Test {
 protected:
  void Pass(seconds time) {
    clock_.Advance(time);
    loop_->Poll(std::chrono::milliseconds(0));
  }

  base::FakeClock clock_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  int changes_ = 0;
  HeldVersions held_{*loop_, [this] { ++changes_; }};
};

TEST_F(HeldVersionsTest, AVersionIsHeldForTenSeconds) {
  EXPECT_EQ(held_.Hold({"v"}), seconds(10));
  EXPECT_THAT(held_.Current(), ElementsAre(registry::VersionId{"v"}));
  Pass(seconds(9));
  EXPECT_EQ(changes_, 0);
  Pass(seconds(1));
  EXPECT_EQ(changes_, 1);
  EXPECT_THAT(held_.Current(), IsEmpty());
}

TEST_F(HeldVersionsTest, EachHasItsOwnTime) {
  held_.Hold({"a"});
  Pass(seconds(5));
  held_.Hold({"b"});
  Pass(seconds(5));
  EXPECT_THAT(held_.Current(), ElementsAre(registry::VersionId{"b"}));
  Pass(seconds(5));
  EXPECT_THAT(held_.Current(), IsEmpty());
  EXPECT_EQ(changes_, 2);
}

TEST_F(HeldVersionsTest, EachTimeIsTwiceAsLongAndAnHourAtMost) {
  for (const int expected : {10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600}) {
    EXPECT_EQ(held_.Hold({"v"}), seconds(expected));
    Pass(seconds(expected));
  }
  EXPECT_EQ(held_.Hold({"v"}), seconds(3600));
}

TEST_F(HeldVersionsTest, OneThatIsHeldAlreadyStaysAsItIs) {
  held_.Hold({"v"});
  Pass(seconds(5));
  EXPECT_EQ(held_.Hold({"v"}), std::nullopt);
  Pass(seconds(5));
  EXPECT_THAT(held_.Current(), IsEmpty());
}

TEST_F(HeldVersionsTest, AnHourWithoutTroubleIsForgiven) {
  Pass(held_.Hold({"v"}).value());
  Pass(held_.Hold({"v"}).value());
  Pass(seconds(3601));
  EXPECT_EQ(held_.Hold({"v"}), seconds(10));
}

}  // namespace
}  // namespace caravel::daemon
