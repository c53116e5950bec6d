#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/rule_budget.h"

namespace caravel::host {

// A pattern of _redirects and _headers: "*" stands for any text, also with
// slashes, and ":name" for text within a segment. A value.
class PathPattern {
 public:
  // What "*" (under the name "splat") and the names stood for: views of the
  // text that matched.
  using Found = std::vector<std::pair<std::string_view, std::string_view>>;

  explicit PathPattern(std::string_view pattern);

  // Whether it is plain text, which only an equal one matches.
  bool is_plain() const { return is_plain_; }

  // Nothing: no match, or the budget was exceeded.
  std::optional<Found> Match(std::string_view text, RuleBudget& budget) const;

 private:
  struct Piece {
    enum class Kind : unsigned char { kText, kName, kSplat };
    Kind kind = Kind::kText;
    std::string text;  // the name of kName
  };
  bool MatchFrom(size_t piece, std::string_view text, RuleBudget& budget,
                 Found& found) const;

  std::vector<Piece> pieces_;
  bool is_plain_ = true;
};

// `text` with ":splat" and ":name" replaced by what was found; cut off where
// the budget was exceeded.
std::string Filled(std::string_view text, const PathPattern::Found& found,
                   RuleBudget& budget);

// Whether `pattern`, in which "*" stands for any text, matches all of `text`;
// false also where the budget was exceeded.
bool MatchesGlob(std::string_view pattern, std::string_view text,
                 RuleBudget& budget);

}  // namespace caravel::host
