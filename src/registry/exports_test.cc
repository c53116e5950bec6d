#include "registry/exports.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace caravel::registry {
namespace {

TEST(ExportsTest, AListThatIsWholeSaysWhatIsNotExported) {
  std::vector<std::string> exports = {"Cart", "Card"};
  CutExports(exports);
  EXPECT_TRUE(MayExport(exports, "Cart"));
  EXPECT_FALSE(MayExport(exports, "Cars"));
}

// Whatever the length of the names, of which the shortest fill a packet with
// little of their own.
TEST(ExportsTest, WhatWasCutOffMayBeExported) {
  for (const size_t length : {4, 9, 40, 256}) {
    std::vector<std::string> names;
    for (size_t i = 0; i < 9'000; ++i) {
      names.push_back(fmt::format("{:0{}}", i, length));
    }
    std::vector<std::string> exports = names;
    CutExports(exports);
    ASSERT_LT(exports.size(), names.size());
    for (const std::string& name : names) {
      EXPECT_TRUE(MayExport(exports, name)) << name;
    }
  }
}

TEST(ExportsTest, ALongNameThatNoBindingHasHidesNoOther) {
  std::vector<std::string> exports = {std::string(20'000, 'a'), "Cart"};
  CutExports(exports);
  EXPECT_EQ(exports, std::vector<std::string>{"Cart"});
  EXPECT_FALSE(MayExport(exports, "Cars"));
}

}  // namespace
}  // namespace caravel::registry
