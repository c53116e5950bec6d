#include "runtime/source_map.h"

#include <gtest/gtest.h>

namespace caravel::runtime {
namespace {

// Two generated lines: "AAAA" maps 1:1 to a.ts 1:1, "IACI" at column 5 to a.ts
// 2:5; the second line begins at b.ts 11:1.
SourceMap Sample() { return SourceMap("AAAA,IACI;ACSJ", {"a.ts", "b.ts"}); }

TEST(SourceMapTest, APositionMapsToTheSegmentThatCoversIt) {
  const SourceMap map = Sample();
  const auto first = map.Find(1, 3);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->source, "a.ts");
  EXPECT_EQ(first->line, 1U);
  EXPECT_EQ(first->column, 1U);
  const auto second = map.Find(1, 5);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->line, 2U);
  EXPECT_EQ(second->column, 5U);
}

TEST(SourceMapTest, LinesContinueSourcesAndRestartColumns) {
  const SourceMap map = Sample();
  const auto found = map.Find(2, 40);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->source, "b.ts");
  EXPECT_EQ(found->line, 11U);
  EXPECT_EQ(found->column, 1U);
}

TEST(SourceMapTest, WhatHasNoOriginMapsToNothing) {
  const SourceMap map = Sample();
  EXPECT_FALSE(map.Find(3, 1));
  EXPECT_FALSE(map.Find(0, 1));
  EXPECT_FALSE(SourceMap("A", {}).Find(1, 1));
  EXPECT_FALSE(SourceMap("AgggggggA", {"a"}).Find(1, 1));
  EXPECT_FALSE(SourceMap("ACAA", {"a"}).Find(1, 1));
}

TEST(SourceMapTest, ALongNameOfASourceIsCut) {
  const SourceMap map("AAAA", {std::string(200'000, 'x')});
  const auto found = map.Find(1, 1);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->source, std::string(SourceMap::kMaxSource, 'x'));
}

}  // namespace
}  // namespace caravel::runtime
