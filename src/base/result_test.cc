#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace caravel {
namespace {

Result<int> ParseDigit(char c) {
  if (c < '0' || c > '9') {
    return Error(ErrorCode::kInvalid, fmt::format("\"{}\" is not a digit", c))
        .Remedy("use 0-9");
  }
  return c - '0';
}

Result<int> Sum(std::string_view digits) {
  int sum = 0;
  for (const char c : digits) {
    CARAVEL_TRY(const int digit, ParseDigit(c));
    sum += digit;
  }
  return sum;
}

TEST(ResultTest, TryPassesTheValueOn) { EXPECT_EQ(Sum("123").value(), 6); }

TEST(ResultTest, TryPassesTheErrorOnWithItsRemedy) {
  const Result<int> sum = Sum("1x3");
  ASSERT_FALSE(sum);
  EXPECT_EQ(sum.error().code(), ErrorCode::kInvalid);
  EXPECT_EQ(sum.error().ToText(), "\"x\" is not a digit\nuse 0-9");
}

TEST(ResultTest, CircumstanceStandsInFrontOfTheMessage) {
  const Result<int> sum = Sum("x").In("field \"count\"");
  ASSERT_FALSE(sum);
  EXPECT_EQ(sum.error().message(), "field \"count\": \"x\" is not a digit");
}

TEST(ResultTest, AnErrorIsOnePointerWide) {
  EXPECT_EQ(sizeof(Error), sizeof(void*));
}

TEST(ResultTest, ErrnoBecomesACodeAndAText) {
  const Error error = ErrnoError("open /x", ENOENT);
  EXPECT_EQ(error.code(), ErrorCode::kNotFound);
  EXPECT_EQ(error.message(), "open /x: No such file or directory");
}

using ResultDeathTest = testing::Test;

TEST_F(ResultDeathTest, TheValueOfAnErrorEndsTheProcessAndNamesIt) {
  Result<int> bad = ParseDigit('x');
  EXPECT_DEATH((void)bad.value(), "is not a digit");
}

}  // namespace
}  // namespace caravel
