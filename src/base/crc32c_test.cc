#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace caravel::base {
namespace {

TEST(Crc32cTest, GivesTheValuesOfTheStandard) {  // RFC 3720, B.4
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(Crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(Crc32c(""), 0U);
}

TEST(Crc32cTest, TheTableAndTheInstructionAgreeOnEveryLength) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Crc32c(bytes), Crc32cByTable(bytes)) << bytes.size();
    bytes.push_back(static_cast<char>(i * 37));
  }
}

}  // namespace
}  // namespace caravel::base
