#include "net/headers.h"

#include <gtest/gtest.h>

#include <utility>

namespace caravel::net {
namespace {

TEST(HeadersTest, FieldsKeepTheirOrderAndCase) {
  Headers headers;
  headers.Add("Accept", "a");
  headers.Add("x-Empty", "");
  headers.Add("accept", "b");
  ASSERT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers[0].name, "Accept");
  EXPECT_EQ(headers[1].name, "x-Empty");
  EXPECT_EQ(headers[1].value, "");
  EXPECT_EQ(headers[2].value, "b");
}

TEST(HeadersTest, TheFirstFieldIsFoundWithoutRegardToCase) {
  Headers headers;
  headers.Add("X-One", "1");
  headers.Add("x-one", "2");
  EXPECT_EQ(headers.Find("x-ONE"), "1");
  EXPECT_EQ(headers.Find("x-two"), std::nullopt);
}

TEST(HeadersTest, OnlyLettersCompareWithoutCase) {
  EXPECT_TRUE(EqualsIgnoringCase("aZ-9", "Az-9"));
  EXPECT_FALSE(EqualsIgnoringCase("a", "ab"));
  EXPECT_FALSE(EqualsIgnoringCase("@", "`"));  // differ in the bit of case
  EXPECT_FALSE(EqualsIgnoringCase("[", "{"));
}

TEST(HeadersTest, AClearedListIsEmpty) {
  Headers headers;
  headers.Add("A", "1");
  headers.Clear();
  EXPECT_TRUE(headers.empty());
  EXPECT_EQ(headers.Find("a"), std::nullopt);
}

TEST(HeadersTest, AListThatIsMovedKeepsWhatTheOtherHadForItsNextFields) {
  Headers taken;
  taken.Add("Old", std::string(100, 'x'));
  const size_t held = taken.held();
  Headers headers;
  headers.Add("New", "1");
  taken = std::move(headers);
  EXPECT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken.Find("new"), "1");
  headers.Clear();
  EXPECT_EQ(headers.held(), held);
}

// As Headers is encoded: the block, then a list of spans.
struct Forged {
  struct Span {
    uint32_t begin = 0;
    uint32_t name_size = 0;
    uint32_t value_size = 0;
    static constexpr auto Fields() {
      return base::Fields(&Span::begin, &Span::name_size, &Span::value_size);
    }
  };
  std::string block;
  std::vector<Span> spans;
  static constexpr auto Fields() {
    return base::Fields(&Forged::block, &Forged::spans);
  }
};

bool IsForgedSound(const std::string& block, Forged::Span span) {
  const Forged forged{block, {span}};
  return base::Decode<Headers>(base::Encode(forged)).value().IsSound();
}

TEST(HeadersTest, AListFromElsewhereIsSoundOnlyWithinItsBlock) {
  EXPECT_TRUE(IsForgedSound("ab", {0, 1, 1}));
  EXPECT_TRUE(IsForgedSound("ab", {1, 1, 0}));
  EXPECT_FALSE(IsForgedSound("ab", {0, 1, 2}));
  EXPECT_FALSE(IsForgedSound("ab", {3, 0, 0}));
  EXPECT_FALSE(IsForgedSound("ab", {1, UINT32_MAX, UINT32_MAX}));
  EXPECT_FALSE(IsForgedSound("ab", {UINT32_MAX, 1, 1}));
}

TEST(HeadersTest, AListFromElsewhereIsSoundOnlyWithLegalFields) {
  EXPECT_FALSE(IsForgedSound("a", {0, 0, 1}));
  EXPECT_FALSE(IsForgedSound("a bc", {0, 3, 1}));
  EXPECT_FALSE(IsForgedSound("ab\r\nc", {0, 1, 4}));
  EXPECT_FALSE(IsForgedSound("a ", {0, 1, 1}));
  EXPECT_FALSE(IsForgedSound(std::string("a\0b", 3), {0, 1, 2}));
}

}  // namespace
}  // namespace caravel::net
