#include "daemon/start_queue.h"

#include <gmock/gmock.h>

#include <vector>

namespace caravel::daemon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class StartQueueTest : public testing::Test {
 protected:
  bool Ask(const std::string& host) {
    return queue_.Add(host, [this, host] { answered_.push_back(host); });
  }

  StartQueue queue_{8};
  std::vector<std::string> answered_;
};

TEST_F(StartQueueTest, WhatIsAskedBeforeItIsOpenWaitsForThat) {
  EXPECT_TRUE(Ask("a") && Ask("gone") && Ask("b"));
  EXPECT_THAT(answered_, IsEmpty());
  queue_.OnHostLeft("gone");
  queue_.Open();
  EXPECT_THAT(answered_, ElementsAre("a", "b"));
  EXPECT_TRUE(Ask("c"));
  EXPECT_THAT(answered_, ElementsAre("a", "b", "c"));
}

TEST_F(StartQueueTest, AHostLeavesPlacesToOthers) {
  int room = 0;
  while (Ask("greedy")) ++room;
  EXPECT_EQ(room, 4);
  EXPECT_TRUE(Ask("other"));
  queue_.OnHostLeft("greedy");
  EXPECT_TRUE(Ask("greedy")) << "its places are free again";
}

TEST_F(StartQueueTest, AllHostsTogetherHaveSoManyPlaces) {
  int room = 0;
  while (Ask(std::to_string(room))) ++room;
  EXPECT_EQ(room, 8);
}

TEST_F(StartQueueTest, AHostThatEndsByAnAnswerGetsNoMore) {
  EXPECT_TRUE(queue_.Add("a", [this] { queue_.OnHostLeft("b"); }));
  EXPECT_TRUE(Ask("b") && Ask("c"));
  queue_.Open();
  EXPECT_THAT(answered_, ElementsAre("c"));
}

}  // namespace
}  // namespace caravel::daemon
