#include "host/asset_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caravel::host {
namespace {

using registry::AssetCoding;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kTag = "\"61616161616161616161616161616161\"";

class AssetAnswerTest : public ::testing::Test {
 protected:
  // "200 br 0+30": status, coding, and which bytes of it.
  std::string Plan(const AssetWish& wish, uint16_t status = 200) {
    plan_ = PlanAnswer(asset_, status, wish);
    constexpr std::string_view kNames[] = {"identity", "br", "zstd"};
    return fmt::format("{} {} {}+{}", plan_.head.status,
                       kNames[static_cast<size_t>(plan_.coding)], plan_.begin,
                       plan_.size);
  }
  std::string Field(std::string_view name) {
    return std::string(plan_.head.headers.Find(name).value_or("none"));
  }

  const std::string digest_ = std::string(32, 'a');
  registry::AssetList::View asset_ = {.path = "/a",
                                      .type = "text/css",
                                      .sizes = {100, 30, 40},
                                      .has = {true, true, true},
                                      .digests = {digest_, digest_, digest_}};
  AssetPlan plan_;
};

TEST_F(AssetAnswerTest, APlainRequestGetsAllAsItIs) {
  EXPECT_EQ(Plan({}), "200 identity 0+100");
  EXPECT_EQ(Field("content-type"), "text/css");
  EXPECT_EQ(Field("etag"), kTag);
  EXPECT_EQ(Field("cache-control"), "public, max-age=0, must-revalidate");
  EXPECT_EQ(Field("vary"), "Accept-Encoding");
  EXPECT_EQ(plan_.head.body_size, 100);
}

TEST_F(AssetAnswerTest, TheSmallestOfWhatTheClientLikesBest) {
  EXPECT_EQ(Plan({.accept_encoding = "gzip, br, zstd"}), "200 br 0+30");
  EXPECT_EQ(Field("content-encoding"), "br");
  EXPECT_EQ(Field("etag"), fmt::format("W/{}", kTag));
  EXPECT_EQ(Plan({.accept_encoding = "br;q=0.5, ZSTD"}), "200 zstd 0+40");
  EXPECT_EQ(Plan({.accept_encoding = "br;q=0, *"}), "200 zstd 0+40");
  EXPECT_EQ(Plan({.accept_encoding = "br;q=0.2,identity"}),
            "200 identity 0+100");
  EXPECT_EQ(Plan({.accept_encoding = "gzip"}), "200 identity 0+100");
  asset_.has = {true, false, false};
  EXPECT_EQ(Plan({.accept_encoding = "br, zstd"}), "200 identity 0+100");
  EXPECT_EQ(Field("vary"), "none");
}

TEST_F(AssetAnswerTest, WhatTheClientHasIsNotSentAgain) {
  for (const std::string& tags :
       {std::string(kTag), fmt::format("W/{}", kTag),
        fmt::format("\"other\", {}", kTag), std::string("*")}) {
    EXPECT_EQ(Plan({.if_none_match = tags}), "304 identity 0+0") << tags;
    EXPECT_EQ(Field("etag"), kTag);
  }
  EXPECT_EQ(Plan({.if_none_match = "\"other\""}), "200 identity 0+100");
  EXPECT_EQ(Plan({.if_none_match = kTag, .accept_encoding = "br"}),
            "304 br 0+0");
  EXPECT_EQ(Plan({.if_match = "\"other\""}), "412 identity 0+0");
  EXPECT_EQ(Plan({.if_match = kTag}), "200 identity 0+100");
  EXPECT_EQ(Plan({.if_none_match = kTag}, 404), "404 identity 0+100");
}

TEST_F(AssetAnswerTest, OneRangeIsOfTheBytesAsTheyAre) {
  EXPECT_EQ(Plan({.range = "bytes=10-19", .accept_encoding = "br"}),
            "206 identity 10+10");
  EXPECT_EQ(Field("content-range"), "bytes 10-19/100");
  EXPECT_EQ(Field("cache-control"), "none");
  EXPECT_EQ(Plan({.range = "bytes=90-"}), "206 identity 90+10");
  EXPECT_EQ(Plan({.range = "bytes=-5"}), "206 identity 95+5");
  EXPECT_EQ(Plan({.range = "bytes=95-200"}), "206 identity 95+5");
  EXPECT_EQ(Plan({.range = "bytes=100-"}), "416 identity 0+0");
  EXPECT_EQ(Field("content-range"), "bytes */100");
  for (const std::string_view all :
       {"bytes=0-1,3-4", "lines=1-2", "bytes=5-4", "bytes=x-"}) {
    EXPECT_EQ(Plan({.range = all}), "200 identity 0+100") << all;
  }
  EXPECT_EQ(Plan({.if_range = "\"other\"", .range = "bytes=0-1"}),
            "200 identity 0+100");
  EXPECT_EQ(Plan({.if_range = kTag, .range = "bytes=0-1"}), "206 identity 0+2");
  EXPECT_EQ(Plan({.is_head = true, .range = "bytes=0-1"}),
            "200 identity 0+100");
  EXPECT_EQ(Plan({.range = "bytes=0-1"}, 404), "404 identity 0+100");
}

}  // namespace
}  // namespace caravel::host
