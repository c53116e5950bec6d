#include "runtime/ops/random_pool.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <vector>

namespace caravel::runtime {
namespace {

TEST(RandomPoolTest, GivesNothingTwice) {
  RandomPool pool;
  std::set<std::array<char, 16>> seen;
  for (int i = 0; i < 10'000; ++i) {
    std::array<char, 16> bytes{};
    pool.Fill(bytes);
    EXPECT_TRUE(seen.insert(bytes).second);
  }
}

TEST(RandomPoolTest, FillsEverySizeWholly) {
  RandomPool pool;
  for (size_t size = 0; size < 600; ++size) {
    // A byte that stays zero in 8 fills was not filled: chance 2^-64.
    std::vector<char> seen(size);
    for (int round = 0; round < 8; ++round) {
      std::vector<char> bytes(size + 1, 0);
      pool.Fill({bytes.data(), size});
      for (size_t i = 0; i < size; ++i) seen[i] |= bytes[i];
      EXPECT_EQ(bytes[size], 0) << "written behind the end of " << size;
    }
    for (size_t i = 0; i < size; ++i) EXPECT_NE(seen[i], 0) << i << "/" << size;
  }
}

}  // namespace
}  // namespace caravel::runtime
