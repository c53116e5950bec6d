#include "host/conditions.h"

#include <gtest/gtest.h>

namespace caravel::host {
namespace {

TEST(ConditionsTest, ATagIsFoundInAList) {
  const auto weakly = [](std::string_view list, std::string_view tag) {
    return ListHasTag(list, tag, TagMatch::kWeak);
  };
  EXPECT_TRUE(weakly("\"a\", W/\"b\" ,\"c\"", "\"b\""));
  EXPECT_TRUE(weakly("\"b\"", "W/\"b\""));
  EXPECT_TRUE(weakly("*", "\"b\""));
  EXPECT_TRUE(weakly("*", ""));
  EXPECT_FALSE(weakly("\"a\"", "\"b\""));
  EXPECT_FALSE(weakly("W/", ""));
  EXPECT_FALSE(weakly("", ""));
}

TEST(ConditionsTest, AWeakTagIsNeverTheSameByTheStrongComparison) {
  const auto strongly = [](std::string_view list, std::string_view tag) {
    return ListHasTag(list, tag, TagMatch::kStrong);
  };
  EXPECT_TRUE(strongly("\"a\", \"b\"", "\"b\""));
  EXPECT_FALSE(strongly("W/\"b\"", "\"b\""));
  EXPECT_FALSE(strongly("W/\"b\"", "W/\"b\""));
}

TEST(ConditionsTest, ADateIsReadAsItIsWrittenToday) {
  EXPECT_EQ(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"),
            base::WallTime(std::chrono::seconds(784111777)));
  for (const char* text : {"", "0", "Sun, 06 Nov 1994 08:49:37",
                           "Sun, 06 Nov 1994 08:49:37 GMT+1"}) {
    EXPECT_FALSE(ParseHttpDate(text)) << text;
  }
}

TEST(ConditionsTest, ARangeIsOfBytesThatAreThere) {
  // "begin+size", or "all".
  const auto range = [](std::string_view text, uint64_t size = 10) {
    const auto found = RangeOf(text, size);
    return found ? fmt::format("{}+{}", found->begin, found->size) : "all";
  };
  EXPECT_EQ(range("bytes=2-3"), "2+2");
  EXPECT_EQ(range("Bytes=2-"), "2+8");
  EXPECT_EQ(range("bytes=8-99"), "8+2");
  EXPECT_EQ(range("bytes=-3"), "7+3");
  EXPECT_EQ(range("bytes=-99"), "0+10");
  EXPECT_EQ(range("bytes=10-"), "0+0");
  EXPECT_EQ(range("bytes=0-", 0), "0+0");
  EXPECT_EQ(range("bytes=0-18446744073709551615"), "0+10");
  for (const char* text : {"", "bytes=", "bytes=3-2", "bytes=0-1,3-4",
                           "lines=1-2", "bytes=a-b", "bytes=1"}) {
    EXPECT_EQ(range(text), "all") << text;
  }
}

}  // namespace
}  // namespace caravel::host
