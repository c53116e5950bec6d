#include "runtime/ops/node/byte_search.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace caravel::runtime {
namespace {

// What the functions promise, by comparing at each place.
size_t Slowly(std::string_view bytes, std::string_view needle, size_t from,
              size_t step, bool forward) {
  size_t found = std::string_view::npos;
  for (size_t at = 0; at + needle.size() <= bytes.size(); at += step) {
    if (bytes.substr(at, needle.size()) != needle) continue;
    if (forward && at >= from) return at;
    if (!forward && at <= from) found = at;
  }
  return found;
}

TEST(ByteSearchTest, FindsWhatComparingAtEachPlaceFinds) {
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes(random() % 200 + 1, 'a');
    for (char& byte : bytes) byte = random() % 5 == 0 ? 'b' : 'a';
    const size_t length = random() % std::min<size_t>(bytes.size(), 40) + 1;
    const std::string needle =
        round % 3 == 0
            ? std::string(length, 'a')
            : bytes.substr(random() % (bytes.size() - length + 1), length);
    const size_t from = random() % (bytes.size() - length + 1);
    for (const size_t step : {1, 2}) {
      EXPECT_EQ(FindBytes(bytes, needle, from, step),
                Slowly(bytes, needle, from, step, true));
      EXPECT_EQ(FindLastBytes(bytes, needle, from, step),
                Slowly(bytes, needle, from, step, false));
    }
  }
}

TEST(ByteSearchTest, NothingIsFoundBehindTheEnd) {
  EXPECT_EQ(FindBytes("abc", "c", 3, 1), std::string_view::npos);
  EXPECT_EQ(FindBytes("abc", "c", 9, 1), std::string_view::npos);
  EXPECT_EQ(FindBytes("abc", "abcd", 0, 2), std::string_view::npos);
}

// Comparing at each place would take days.
TEST(ByteSearchTest, ANeedleThatNearlyFitsEverywhereCostsNoMoreThanAnother) {
  const std::string bytes(4 << 20, 'a');
  std::string first(1 << 20, 'a');
  first.back() = 'b';
  std::string last = first;
  std::swap(last.front(), last.back());
  for (const std::string& needle : {first, last}) {
    for (const size_t step : {1, 2}) {
      EXPECT_EQ(FindBytes(bytes, needle, 0, step), std::string_view::npos);
      EXPECT_EQ(
          FindLastBytes(bytes, needle, bytes.size() - needle.size(), step),
          std::string_view::npos);
    }
  }
}

}  // namespace
}  // namespace caravel::runtime
