#include "host/cache.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace caravel::host {
namespace {

class CacheTest : public testing::Test {
 protected:
  static constexpr size_t kBody = 10'000;

  void Put(const std::string& account, const std::string& url,
           std::string body = std::string(kBody, 'x')) {
    auto answer = std::make_shared<CachedAnswer>();
    answer->body = std::move(body);
    answer->varies = varies_;
    answer->expires = clock_.Wall() + std::chrono::seconds(10);
    cache_.Put({account, "default", url}, std::move(answer));
  }
  // The body, or "none".
  std::string Match(const std::string& account, const std::string& url) {
    const auto answer = cache_.Match({account, "default", url}, request_);
    return answer == nullptr ? "none" : answer->body;
  }
  bool Has(const std::string& account, const std::string& url) {
    return Match(account, url) != "none";
  }

  base::FakeClock clock_;
  Cache cache_{clock_, {.bytes = 10 * kBody, .body = kBody, .arriving = 1000}};
  net::Headers request_;
  std::vector<std::pair<std::string, std::string>> varies_;
};

TEST_F(CacheTest, AccountsAndNamesAreApart) {
  Put("a", "/1", "kept");
  EXPECT_EQ(Match("a", "/1"), "kept");
  EXPECT_EQ(Match("b", "/1"), "none");
  EXPECT_EQ(cache_.Match({"a", "other", "/1"}, request_), nullptr);
  EXPECT_FALSE(cache_.Delete({"b", "default", "/1"}));
  EXPECT_TRUE(cache_.Delete({"a", "default", "/1"}));
  EXPECT_EQ(cache_.bytes(), 0U);
}

TEST_F(CacheTest, AnAnswerGoesWhenItExpires) {
  Put("a", "/1");
  clock_.Advance(std::chrono::seconds(9));
  EXPECT_TRUE(Has("a", "/1"));
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_FALSE(Has("a", "/1"));
  EXPECT_EQ(cache_.bytes(), 0U);
  Put("a", "/1");
  clock_.Advance(std::chrono::seconds(10));
  EXPECT_FALSE(cache_.Delete({"a", "default", "/1"}));
}

TEST_F(CacheTest, TheNewestOfThoseThatMatchIsGiven) {
  Put("a", "/1", "old");
  clock_.Advance(std::chrono::seconds(11));
  varies_ = {{"accept", ""}};
  Put("a", "/1", "new");
  EXPECT_EQ(Match("a", "/1"), "new");
}

TEST_F(CacheTest, AStaleAnswerIsGivenToWhoCanAskWhetherItHolds) {
  const Cache::Key key{"a", "default", "/1"};
  const auto put = [&](std::string_view name) {
    auto answer = std::make_shared<CachedAnswer>();
    answer->headers.Add(name, "x");
    answer->expires = clock_.Wall();
    ASSERT_TRUE(cache_.Put(key, std::move(answer)));
  };
  for (const std::string_view name : {"etag", "last-modified"}) {
    put(name);
    EXPECT_NE(cache_.Match(key, request_, Cache::Stale::kGiven), nullptr);
    EXPECT_NE(cache_.Match(key, request_, Cache::Stale::kGiven), nullptr);
    EXPECT_EQ(cache_.Match(key, request_), nullptr);
    EXPECT_EQ(cache_.bytes(), 0U);
  }
  put("date");
  EXPECT_EQ(cache_.Match(key, request_, Cache::Stale::kGiven), nullptr);
  EXPECT_EQ(cache_.bytes(), 0U);
}

TEST_F(CacheTest, OfAUrlThereAreSoManyAnswersAndTheOldestGoes) {
  const auto say = [this](size_t language) {
    request_ = net::Headers();
    request_.Add("accept-language", std::to_string(language));
  };
  for (size_t i = 0; i <= Cache::kMostVariants; ++i) {
    varies_ = {{"accept-language", std::to_string(i)}};
    Put("a", "/1", std::to_string(i));
  }
  say(0);
  EXPECT_EQ(Match("a", "/1"), "none");
  for (size_t i = 1; i <= Cache::kMostVariants; ++i) {
    say(i);
    EXPECT_EQ(Match("a", "/1"), std::to_string(i));
  }
}

TEST_F(CacheTest, WhatVariesByTooManyNamesIsNotKept) {
  for (size_t i = 0; i < Cache::kMostVaryNames; ++i) {
    varies_.emplace_back("x-" + std::to_string(i), "");
  }
  Put("a", "/1");
  EXPECT_TRUE(Has("a", "/1"));
  varies_.emplace_back("x-more", "");
  Put("a", "/2");
  EXPECT_FALSE(Has("a", "/2"));
}

TEST_F(CacheTest, ANewAnswerTakesThePlaceOfTheOldOne) {
  Put("a", "/1", "old");
  const size_t bytes = cache_.bytes();
  Put("a", "/1", "new");
  EXPECT_EQ(Match("a", "/1"), "new");
  EXPECT_EQ(cache_.bytes(), bytes);
}

TEST_F(CacheTest, AnswersOfAUrlAreChosenByTheirVary) {
  varies_ = {{"accept", "a"}};
  Put("a", "/1", "first");
  varies_ = {{"accept", "a, b"}};
  Put("a", "/1", "second");
  EXPECT_EQ(Match("a", "/1"), "none");
  request_.Add("Accept", "a");
  EXPECT_EQ(Match("a", "/1"), "first");
  request_.Add("accept", "b");
  EXPECT_EQ(Match("a", "/1"), "second");
}

TEST_F(CacheTest, TheLongestUnusedGoesWhenThereIsNoRoom) {
  for (int i = 0; i < 8; ++i) Put("a", std::to_string(i));
  EXPECT_TRUE(Has("a", "0"));
  Put("a", "8");
  Put("a", "9");
  EXPECT_TRUE(Has("a", "0"));
  EXPECT_FALSE(Has("a", "1"));
  EXPECT_LE(cache_.bytes(), 10 * kBody);
}

TEST_F(CacheTest, AnAccountPushesNoOtherOut) {
  Put("b", "mine");
  for (int i = 0; i < 100; ++i) Put("a", std::to_string(i));
  EXPECT_TRUE(Has("b", "mine"));
  EXPECT_TRUE(Has("a", "99"));
  EXPECT_LE(cache_.bytes(), 10 * kBody);
}

TEST_F(CacheTest, AnAnswerThatIsBeingSentIsCountedUntilItIsGivenBack) {
  Put("a", "/1");
  const size_t bytes = cache_.bytes();
  Cache::Found first = cache_.Match({"a", "default", "/1"}, request_);
  Cache::Found second = cache_.Match({"a", "default", "/1"}, request_);
  EXPECT_TRUE(cache_.Delete({"a", "default", "/1"}));
  EXPECT_FALSE(Has("a", "/1"));
  EXPECT_EQ(cache_.bytes(), bytes);
  first.reset();
  EXPECT_EQ(second->body.size(), kBody);
  EXPECT_EQ(cache_.bytes(), bytes);
  second.reset();
  EXPECT_EQ(cache_.bytes(), 0U);
}

TEST_F(CacheTest, WhatIsBeingSentIsPushedOutByNothing) {
  Put("a", "held");
  const Cache::Found held = cache_.Match({"a", "default", "held"}, request_);
  for (int i = 0; i < 100; ++i) Put("a", std::to_string(i));
  EXPECT_TRUE(Has("a", "held"));
  EXPECT_TRUE(Has("a", "99"));
  EXPECT_LE(cache_.bytes(), 10 * kBody);
}

TEST_F(CacheTest, AnAccountThatSendsMuchLeavesRoomForOthers) {
  std::vector<Cache::Found> held;
  const auto hold = [&](const std::string& account, const std::string& url) {
    Put(account, url);
    held.push_back(cache_.Match({account, "default", url}, request_));
    return held.back() != nullptr;
  };
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(hold("a", std::to_string(i)));
  EXPECT_FALSE(hold("a", "4"));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(hold("b", std::to_string(i)));
  // What is left for answers that can make room for each other.
  EXPECT_FALSE(hold("b", "3"));
  for (int i = 0; i < 9; ++i) Put("c", std::to_string(i));
  EXPECT_LE(cache_.bytes(), 10 * kBody);
  held.clear();
  EXPECT_TRUE(Has("a", "0"));
  EXPECT_TRUE(Has("c", "8"));
}

TEST_F(CacheTest, CountsWhatStringsAndListsHold) {
  CachedAnswer answer;
  const size_t before = answer.bytes();
  answer.body.reserve(1000);
  EXPECT_GE(answer.bytes(), before + 1000);
  for (int i = 0; i < 1000; ++i) answer.headers.Add("a", "");
  EXPECT_GE(answer.bytes(), before + 1000 + 1000 * (1 + 3 * sizeof(uint32_t)));
  answer.varies.resize(10);
  EXPECT_GE(answer.bytes(), before + 14'000 + 10 * sizeof answer.varies[0]);
}

TEST_F(CacheTest, WhatCanNeverFitPushesNothingOut) {
  Put("a", "/1");
  Put("a", "/2", std::string(11 * kBody, 'x'));
  EXPECT_FALSE(Has("a", "/2"));
  EXPECT_TRUE(Has("a", "/1"));
}

TEST_F(CacheTest, WhatVariesByTooManyBytesIsNotKept) {
  varies_ = {{"accept", std::string(Cache::kMostVaryBytes - 6, 'x')}};
  request_.Add("accept", varies_[0].second);
  Put("a", "/1");
  EXPECT_TRUE(Has("a", "/1"));
  varies_[0].second += 'x';
  Put("a", "/2");
  request_.Clear();
  request_.Add("accept", varies_[0].second);
  EXPECT_FALSE(Has("a", "/2"));
}

TEST_F(CacheTest, AnEmptyFirstValueIsAValue) {
  varies_ = {{"accept", ", a"}};
  Put("a", "/1", "kept");
  request_.Add("accept", "");
  request_.Add("accept", "a");
  EXPECT_EQ(Match("a", "/1"), "kept");
}

TEST_F(CacheTest, BodiesThatArriveHaveTheirShare) {
  EXPECT_TRUE(cache_.Reserve("a", 500));
  EXPECT_FALSE(cache_.Reserve("a", 1));
  EXPECT_TRUE(cache_.Reserve("b", 400));
  EXPECT_FALSE(cache_.Reserve("c", 101));
  cache_.Release("a", 500);
  EXPECT_TRUE(cache_.Reserve("c", 500));
}

}  // namespace
}  // namespace caravel::host
