#include "host/gate_queue.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace caravel::host {
namespace {

using runtime::Gate;
using testing::ElementsAre;
using testing::IsEmpty;

class GateQueueTest : public testing::Test {
 protected:
  void Push(runtime::InvocationId invocation, std::string text,
            std::optional<Gate> gate = {}) {
    runtime::OutboxEntry entry{invocation, gate,
                               runtime::RespondBody{std::move(text)}};
    queue_.Push(entry);
  }
  std::vector<std::string> out_;
  GateQueue queue_{[this](runtime::OutboxEntry& entry) {
    out_.push_back(std::get<runtime::RespondBody>(entry.action).bytes);
  }};
};

TEST_F(GateQueueTest, WhatHasNoGatePassesAtOnce) {
  Push(1, "a");
  EXPECT_THAT(out_, ElementsAre("a"));
  EXPECT_TRUE(queue_.empty());
}

TEST_F(GateQueueTest, AnAnswerLeavesOnlyAfterTheSyncIsReported) {
  Push(1, "answer", Gate{7, 3});
  queue_.Opened(7, 2);
  EXPECT_THAT(out_, IsEmpty());
  queue_.Opened(7, 3);
  EXPECT_THAT(out_, ElementsAre("answer"));
}

TEST_F(GateQueueTest, GatedEntriesKeepTheirOrder) {
  Push(1, "first", Gate{7, 1});
  Push(3, "second", Gate{7, 2});
  Push(1, "third", Gate{7, 3});
  queue_.Opened(7, 3);
  EXPECT_THAT(out_, ElementsAre("first", "second", "third"));
}

TEST_F(GateQueueTest, AnUngatedEntryDoesNotOvertakeItsOwnInvocation) {
  Push(1, "head", Gate{7, 1});
  Push(1, "body");
  Push(3, "other");
  EXPECT_THAT(out_, ElementsAre("other"));
  queue_.Opened(7, 1);
  EXPECT_THAT(out_, ElementsAre("other", "head", "body"));
}

TEST_F(GateQueueTest, CellsOpenIndependently) {
  Push(1, "seven", Gate{7, 1});
  Push(3, "eight", Gate{8, 1});
  queue_.Opened(8, 1);
  EXPECT_THAT(out_, ElementsAre("eight"));
  Push(5, "late", Gate{8, 1});
  EXPECT_THAT(out_, ElementsAre("eight", "late"));
}

TEST_F(GateQueueTest,
       AFailedSyncDropsWhatWaitsForItAndTellsEachInvocationOnce) {
  Push(1, "lost", Gate{7, 1});
  Push(1, "lost too");
  Push(3, "kept", Gate{8, 1});
  std::vector<runtime::InvocationId> broken;
  queue_.Failed(7, [&](runtime::InvocationId id) { broken.push_back(id); });
  EXPECT_THAT(broken, ElementsAre(1));
  queue_.Opened(7, 9);
  queue_.Opened(8, 1);
  EXPECT_THAT(out_, ElementsAre("kept"));
}

}  // namespace
}  // namespace caravel::host
