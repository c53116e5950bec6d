#pragma once

#include <span>
#include <string>
#include <string_view>

namespace caravel::base {

// The one of `names` that a person who typed `typed` most likely meant: fewest
// single-letter edits, and no more than a third of the letters. Empty when none
// is near. The view points into `names`' storage.
std::string_view NearestName(std::string_view typed,
                             std::span<const std::string_view> names);

// ` (did you mean "x"?)` for the nearest of `names`, else the empty text.
std::string DidYouMean(std::string_view typed,
                       std::span<const std::string_view> names);

}  // namespace caravel::base
