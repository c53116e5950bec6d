#include "host/kv_cache.h"

#include <gtest/gtest.h>

namespace caravel::host {
namespace {

class KvCacheTest : public ::testing::Test {
 protected:
  KvCacheTest() { Lease(); }

  void Lease() {
    cache_.SetLease(clock_.Steady().time_since_epoch() +
                    std::chrono::seconds(1));
  }
  void Keep(std::string key, std::string value,
            std::optional<int64_t> expiration = {},
            std::string_view account = "account") {
    auto answer = std::make_shared<registry::KvAnswer>();
    answer->items.push_back({.found = true,
                             .key = {},
                             .value = std::move(value),
                             .metadata = {},
                             .expiration = expiration});
    cache_.Keep(account, {"space", std::move(key)}, answer);
  }
  // "": it is not given.
  std::string Find(std::string_view key, std::string_view space = "space") {
    const KvCache::Answer answer = cache_.Find(space, key);
    return answer == nullptr ? "" : answer->items.front().value;
  }

  base::FakeClock clock_;
  KvCache cache_{clock_, {.bytes = 4000, .entry = 2000}};
};

TEST_F(KvCacheTest, GivesWhatItKeepsWhileTheLeaseLasts) {
  Keep("k", "v");
  EXPECT_EQ(Find("k"), "v");
  EXPECT_EQ(Find("k", "another"), "");
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(Find("k"), "");
  Lease();
  EXPECT_EQ(Find("k"), "v");
}

TEST_F(KvCacheTest, GivesNothingThatWasDropped) {
  Keep("k", "v");
  Keep("other", "w");
  cache_.Drop({{"space", "k"}, {"space", "absent"}});
  EXPECT_EQ(Find("k"), "");
  EXPECT_EQ(Find("other"), "w");
  cache_.DropAll();
  EXPECT_EQ(Find("other"), "");
  EXPECT_EQ(cache_.bytes(), 0U);
}

TEST_F(KvCacheTest, GivesNothingThatHasEnded) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
      clock_.Wall().time_since_epoch());
  Keep("k", "v", now.count() + 60);
  EXPECT_EQ(Find("k"), "v");
  clock_.Advance(std::chrono::seconds(60));
  Lease();
  EXPECT_EQ(Find("k"), "");
}

TEST_F(KvCacheTest, KeepsTheLatestOfAKey) {
  Keep("k", "v");
  Keep("k", "new");
  EXPECT_EQ(Find("k"), "new");
  const size_t bytes = cache_.bytes();
  Keep("k", "old");
  EXPECT_EQ(cache_.bytes(), bytes);
}

TEST_F(KvCacheTest, WhatWasAskedForTheLongestAgoMakesRoom) {
  for (const char* key : {"1", "2", "3"}) Keep(key, std::string(1000, 'v'));
  EXPECT_NE(Find("1"), "");
  Keep("4", std::string(1000, 'v'));
  EXPECT_EQ(Find("2"), "");
  EXPECT_NE(Find("1"), "");
  EXPECT_LE(cache_.bytes(), 4000U);
}

TEST_F(KvCacheTest, AnAccountCannotPushAnothersOut) {
  Keep("small", "v", {}, "modest");
  for (int i = 0; i < 50; ++i) {
    Keep(std::to_string(i), std::string(1000, 'v'), {}, "greedy");
  }
  EXPECT_EQ(Find("small"), "v");
  EXPECT_NE(Find("49"), "");
}

TEST_F(KvCacheTest, DoesNotKeepWhatIsTooLarge) {
  Keep("k", std::string(2000, 'v'));
  EXPECT_EQ(Find("k"), "");
}

TEST_F(KvCacheTest, AnEntryMayEndLaterThanAClockOfNanosecondsCounts) {
  Keep("k", "v", int64_t{1} << 40);
  EXPECT_EQ(Find("k"), "v");
}

TEST_F(KvCacheTest, DropsANamespaceWhole) {
  Keep("a", "v");
  Keep("b", "v");
  auto other = std::make_shared<registry::KvAnswer>();
  other->items.push_back({.found = true,
                          .key = {},
                          .value = "w",
                          .metadata = {},
                          .expiration = {}});
  cache_.Keep("account", {"space2", "a"}, other);
  cache_.Drop({{"space", ""}});
  EXPECT_EQ(Find("a"), "");
  EXPECT_EQ(Find("b"), "");
  EXPECT_EQ(Find("a", "space2"), "w");
}

}  // namespace
}  // namespace caravel::host
