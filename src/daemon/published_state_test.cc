#include "daemon/published_state.h"

#include <gtest/gtest.h>

#include "daemon/testing/published_values.h"

namespace caravel::daemon {
namespace {

using registry::Sequence;
using registry::VersionId;
using registry::WorkerId;

bool Grants(const PublishedState& state, const std::string& worker,
            const std::string& version) {
  return state.FindGranted(WorkerId{worker}, VersionId{version}) != nullptr;
}

TEST(PublishedState, IsTheSnapshotWithTheChangesBehindIt) {
  PublishedState state;
  state.Load({Sequence{5}, {WorkerAt("a", "1"), WorkerAt("b", "1")}});
  state.Apply(ChangeTo(6, "a", "2"));
  state.Apply(Removal(7, "b"));
  EXPECT_EQ(state.ToSnapshot(),
            (registry::Snapshot{Sequence{7}, {WorkerAt("a", "2")}}));
}

TEST(PublishedState, TakesNoChangeTwice) {
  PublishedState state;
  state.Apply(ChangeTo(6, "a", "2"));
  state.Apply(ChangeTo(6, "a", "1"));
  EXPECT_TRUE(Grants(state, "a", "2"));
  EXPECT_FALSE(Grants(state, "a", "1"));
}

TEST(PublishedState, GrantsAVersionOnlyAsItsOwnWorkers) {
  PublishedState state;
  state.Load({Sequence{1}, {WorkerAt("a", "1"), WorkerAt("b", "2")}});
  EXPECT_TRUE(Grants(state, "a", "1"));
  EXPECT_FALSE(Grants(state, "a", "2"));
  EXPECT_FALSE(Grants(state, "c", "1"));
}

TEST(PublishedState, GrantsTheVersionBeforeUntilTheNextChange) {
  PublishedState state;
  state.Load({Sequence{1}, {WorkerAt("a", "1")}});
  state.Apply(ChangeTo(2, "a", "2"));
  EXPECT_TRUE(Grants(state, "a", "1"));
  state.Apply(ChangeTo(3, "a", "3"));
  EXPECT_FALSE(Grants(state, "a", "1"));
  EXPECT_TRUE(Grants(state, "a", "2"));
}

TEST(PublishedState, RemembersChangesAsFarAsItSays) {
  PublishedState state;
  state.Load({Sequence{10}, {}});
  EXPECT_EQ(state.ChangesAfter(Sequence{10})->size(), 0U);
  EXPECT_FALSE(state.ChangesAfter(Sequence{9}).has_value());
  EXPECT_FALSE(state.ChangesAfter(Sequence{11}).has_value());
  for (uint64_t i = 1; i <= PublishedState::kRemembered + 1; ++i) {
    state.Apply(ChangeTo(10 + i, "a", std::to_string(i)));
  }
  EXPECT_FALSE(state.ChangesAfter(Sequence{10}).has_value());
  EXPECT_EQ(state.ChangesAfter(Sequence{11})->size(),
            PublishedState::kRemembered);
}

TEST(PublishedState, NamesAWorkerByItsIdOnceItIsUnknown) {
  PublishedState state;
  state.Load({Sequence{1}, {WorkerAt("a", "1")}});
  state.Apply(Removal(2, "a"));
  EXPECT_EQ(state.NameOf(WorkerId{"a"}), "a");
  EXPECT_EQ(state.NameOf(WorkerId{"0123"}), "0123");
}

}  // namespace
}  // namespace caravel::daemon
