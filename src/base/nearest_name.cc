#include "base/nearest_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace caravel::base {
namespace {

// What is typed may come from a stranger; longer than this is no typing error.
constexpr size_t kLongestName = 64;

// Levenshtein's distance, one row at a time.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view NearestName(std::string_view typed,
                             std::span<const std::string_view> names) {
  if (typed.size() > kLongestName) return {};
  std::string_view nearest;
  size_t fewest = std::max<size_t>(typed.size() / 3, 1) + 1;
  for (const std::string_view name : names) {
    if (name.size() > kLongestName) continue;
    const size_t edits = EditDistance(typed, name);
    if (edits < fewest) {
      fewest = edits;
      nearest = name;
    }
  }
  return nearest;
}

std::string DidYouMean(std::string_view typed,
                       std::span<const std::string_view> names) {
  const std::string_view nearest = NearestName(typed, names);
  return nearest.empty() ? std::string()
                         : fmt::format(" (did you mean \"{}\"?)", nearest);
}

}  // namespace caravel::base
