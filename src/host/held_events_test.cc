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

// To an account of the Worker's own, where not said otherwise.
void Add(HeldEvents& held, registry::LogEvent event) {
  const registry::AccountId account{"account of " + event.worker.value};
  held.Add(account, std::move(event));
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
  for (int i = 0; i < 1'000; ++i) Add(held, EventOf("chatty"));
  for (int i = 0; i < 5; ++i) {
    Add(held, EventOf("calm"));
    Add(held, EventOf("quiet"));
  }
  const HeldEvents::Batch batch = held.Take();
  EXPECT_EQ(CountOf(batch, "calm"), 5U);
  EXPECT_EQ(CountOf(batch, "quiet"), 5U);
  EXPECT_GT(CountOf(batch, "chatty"), 20U) << "about a third of the room";
  EXPECT_EQ(batch.dropped + CountOf(batch, "chatty"), 1'000U);
}

TEST(HeldEventsTest, AnAccountWithManyWorkersLeavesRoomForTheOthers) {
  HeldEvents held(kRoom);
  constexpr int kWorkers = 200;
  for (int i = 0; i < 1'000; ++i) {
    held.Add({"many"}, EventOf("one of many " + std::to_string(i % kWorkers)));
  }
  for (int i = 0; i < 10; ++i) Add(held, EventOf("calm"));
  const HeldEvents::Batch batch = held.Take();
  EXPECT_EQ(CountOf(batch, "calm"), 10U);
  size_t of_many = 0;
  for (int i = 0; i < kWorkers; ++i) {
    of_many += CountOf(batch, "one of many " + std::to_string(i));
  }
  EXPECT_GT(of_many, 30U) << "about half of the room";
}

TEST(HeldEventsTest, AChattyWorkerLeavesRoomForThoseOfItsAccount) {
  HeldEvents held(kRoom);
  for (int i = 0; i < 1'000; ++i) held.Add({"same"}, EventOf("chatty"));
  for (int i = 0; i < 5; ++i) held.Add({"same"}, EventOf("calm"));
  EXPECT_EQ(CountOf(held.Take(), "calm"), 5U);
}

TEST(HeldEventsTest, WhoseEventsWereDroppedIsTold) {
  HeldEvents held(kRoom);
  Add(held, EventOf("calm"));
  Add(held, EventOf("chatty", kRoom));
  Add(held, EventOf("chatty", kRoom));
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

TEST(HeldEventsTest, IsNotEmptyWhileADropIsToBeTold) {
  HeldEvents held(kRoom);
  EXPECT_TRUE(held.empty());
  held.CountDropped(EventOf("large"));
  EXPECT_FALSE(held.empty());
  (void)held.Take();
  EXPECT_TRUE(held.empty());
}

TEST(HeldEventsTest, WhatWasTakenMakesRoom) {
  HeldEvents held(kRoom);
  for (int i = 0; i < 10; ++i) {
    Add(held, EventOf("a", kRoom / 4));
    const HeldEvents::Batch batch = held.Take();
    EXPECT_EQ(CountOf(batch, "a"), 1U);
    EXPECT_EQ(batch.dropped, 0U);
  }
}

}  // namespace
}  // namespace caravel::host
