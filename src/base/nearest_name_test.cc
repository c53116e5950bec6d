#include "base/nearest_name.h"

#include <gtest/gtest.h>

#include <array>

namespace caravel::base {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"pattern", "worker",
                                                    "enabled"};

TEST(NearestNameTest, NamesTheOneWithTheFewestEdits) {
  EXPECT_EQ(NearestName("patern", kNames), "pattern");
  EXPECT_EQ(NearestName("workers", kNames), "worker");
  EXPECT_EQ(DidYouMean("enbaled", kNames), " (did you mean \"enabled\"?)");
}

TEST(NearestNameTest, NamesNoneThatIsFar) {
  EXPECT_EQ(NearestName("zone", kNames), "");
  EXPECT_EQ(DidYouMean("", kNames), "");
  EXPECT_EQ(NearestName(std::string(100'000, 'w'), kNames), "");
}

}  // namespace
}  // namespace caravel::base
