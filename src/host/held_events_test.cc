#include "host/held_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace caravel::host {
namespace {

using ::testing::HasSubstr;

constexpr size_t kRoom = 100'000;

registry::LogEvent EventOf(const std::string& worker, size_t bytes = 1'000) {
  registry::LogEvent event;
  event.worker = {worker};
  event.version = {"v of " + worker};
  event.url = std::string(bytes, 'x');
  event.outcome = "ok";
  return event;
}

size_t CountOf(const HeldEvents::Batch& batch, const std::string& worker) {
  return static_cast<size_t>(std::count_if(
      batch.events.begin(), batch.events.end(), [&](const auto& held) {
        return held.event.worker.value == worker &&
               held.event.outcome != HeldEvents::kDroppedOutcome;
      }));
}

TEST(HeldEventsTest, AChattyWorkerLeavesRoomForItsNeighbours) {
  HeldEvents held(kRoom);
  for (int i = 0; i < 1'000; ++i) held.Add(EventOf("chatty"));
  for (int i = 0; i < 5; ++i) {
    held.Add(EventOf("calm"));
    held.Add(EventOf("quiet"));
  }
  const HeldEvents::Batch batch = held.Take();
  EXPECT_EQ(CountOf(batch, "calm"), 5U);
  EXPECT_EQ(CountOf(batch, "quiet"), 5U);
  EXPECT_GT(CountOf(batch, "chatty"), 20U) << "about half of the room";
  EXPECT_EQ(batch.dropped + CountOf(batch, "chatty"), 1'000U);
}

TEST(HeldEventsTest, WhoseEventsWereDroppedIsTold) {
  HeldEvents held(kRoom);
  held.Add(EventOf("calm"));
  held.Add(EventOf("chatty", kRoom));
  held.Add(EventOf("chatty", kRoom));
  const HeldEvents::Batch batch = held.Take();
  EXPECT_EQ(batch.dropped, 2U);
  ASSERT_EQ(batch.events.size(), 2U);
  const registry::LogEvent& told = batch.events[1].event;
  EXPECT_EQ(told.worker.value, "chatty");
  EXPECT_EQ(told.version.value, "v of chatty");
  EXPECT_EQ(told.outcome, HeldEvents::kDroppedOutcome);
  EXPECT_THAT(told.logs.at(0).message,
              HasSubstr("2 log events of this Worker were dropped"));
}

TEST(HeldEventsTest, WhatWasTakenMakesRoom) {
  HeldEvents held(kRoom);
  for (int i = 0; i < 10; ++i) {
    held.Add(EventOf("a", kRoom / 3));
    const HeldEvents::Batch batch = held.Take();
    EXPECT_EQ(CountOf(batch, "a"), 1U);
    EXPECT_EQ(batch.dropped, 0U);
  }
}

}  // namespace
}  // namespace caravel::host
