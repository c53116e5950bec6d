#include "base/codec.h"

#include <gtest/gtest.h>

namespace caravel::base {
namespace {

enum class Colour : unsigned char { kRed, kGreen, kLast = kGreen };

struct Inner {
  int64_t number = 0;
  std::optional<std::string> text;
  static constexpr auto Fields() {
    return base::Fields(&Inner::number, &Inner::text);
  }
  bool operator==(const Inner&) const = default;
};

struct Outer {
  uint32_t count = 0;
  double ratio = 0;
  bool flag = false;
  Colour colour = Colour::kRed;
  std::vector<Inner> inners;
  std::map<std::string, uint64_t> sizes;
  static constexpr auto Fields() {
    return base::Fields(&Outer::count, &Outer::ratio, &Outer::flag,
                        &Outer::colour, &Outer::inners, &Outer::sizes);
  }
  bool operator==(const Outer&) const = default;
};

Outer Sample() {
  return {.count = 300,
          .ratio = -0.25,
          .flag = true,
          .colour = Colour::kGreen,
          .inners = {{-1, "a"}, {std::numeric_limits<int64_t>::min(), {}}},
          .sizes = {{"x", 1}, {"y", ~0ULL}}};
}

TEST(CodecTest, WhatIsEncodedDecodesToTheSameValue) {
  const Result<Outer> again = Decode<Outer>(Encode(Sample()));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(*again, Sample());
}

TEST(CodecTest, EveryTruncationIsAnErrorOrAnOlderShapeButNeverACrash) {
  const std::string bytes = Encode(Sample());
  for (size_t size = 0; size < bytes.size(); ++size) {
    const Result<Outer> cut = Decode<Outer>(bytes.substr(0, size));
    if (cut) {
      EXPECT_NE(*cut, Sample());
    }
  }
}

TEST(CodecTest, FieldsThatOlderCodeDidNotWriteKeepTheirDefaults) {
  const Result<Inner> inner = Decode<Inner>(std::string_view("\x02", 1));
  ASSERT_TRUE(inner);
  EXPECT_EQ(inner->number, 1);
  EXPECT_FALSE(inner->text);
}

TEST(CodecTest, ALengthBeyondTheBytesIsRefusedBeforeAllocation) {
  const Result<std::string> text =
      Decode<std::string>(std::string_view("\xFF\xFF\xFF\xFF\x7F", 5));
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().message(), "the bytes end within a value");
}

TEST(CodecTest, UnknownEnumeratorsAndWideNumbersAreRefused) {
  EXPECT_FALSE(Decode<Colour>(std::string_view("\x02", 1)));
  EXPECT_FALSE(Decode<uint8_t>(std::string_view("\x80\x02", 2)));
  EXPECT_FALSE(Decode<bool>(std::string_view("\x02", 1)));
}

}  // namespace
}  // namespace caravel::base
