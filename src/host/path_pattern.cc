// Backtracking, but only where there is a choice: what a text follows ends
// where that text begins, and what stands last, or in front of a last text, has
// one size. So common rules cost a few steps however long the path is. Rules
// that are made to cost more (":a:b:c:d!") end with the request's budget.
// Tests: path_pattern_test.cc, tests/fuzz/asset_rules_fuzz.cc.
#include "host/path_pattern.h"

#include <algorithm>
#include <cstring>

namespace caravel::host {
namespace {

constexpr std::string_view kSplatName = "splat";

bool StartsName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool GoesOnName(char c) {
  return StartsName(c) || (c >= '0' && c <= '9') || c == '_';
}

// The name behind a colon at `at`; empty: none.
std::string_view NameAt(std::string_view text, size_t at) {
  size_t end = at + 1;
  if (end >= text.size() || !StartsName(text[end])) return {};
  while (end < text.size() && GoesOnName(text[end])) ++end;
  return text.substr(at + 1, end - at - 1);
}

}  // namespace

PathPattern::PathPattern(std::string_view pattern) {
  const auto add_text = [this](char c) {
    if (pieces_.empty() || pieces_.back().kind != Piece::Kind::kText) {
      pieces_.emplace_back();
    }
    pieces_.back().text += c;
  };
  for (size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view name =
        pattern[i] == ':' ? NameAt(pattern, i) : std::string_view();
    if (pattern[i] == '*') {
      pieces_.push_back({Piece::Kind::kSplat, std::string(kSplatName)});
      is_plain_ = false;
    } else if (!name.empty()) {
      pieces_.push_back({Piece::Kind::kName, std::string(name)});
      i += name.size();
      is_plain_ = false;
    } else {
      add_text(pattern[i]);
    }
  }
}

std::optional<PathPattern::Found> PathPattern::Match(std::string_view text,
                                                     RuleBudget& budget) const {
  Found found;
  if (!MatchFrom(0, text, budget, found)) return {};
  return found;
}

// As a regular expression would: the longest text first.
bool PathPattern::MatchFrom(size_t piece, std::string_view text,
                            RuleBudget& budget, Found& found) const {
  if (piece == pieces_.size()) return text.empty();
  const Piece& here = pieces_[piece];
  if (here.kind == Piece::Kind::kText) {
    return budget.TakeLook(here.text.size()) && text.starts_with(here.text) &&
           MatchFrom(piece + 1, text.substr(here.text.size()), budget, found);
  }
  if (!budget.TakeLook(text.size())) return false;
  const bool splat = here.kind == Piece::Kind::kSplat;
  const size_t least = splat ? 0 : 1;
  const size_t most =
      splat ? text.size() : std::min(text.find('/'), text.size());
  const auto matches_with = [&](size_t size) {
    if (size < least || size > most) return false;
    found.emplace_back(here.text, text.substr(0, size));
    if (MatchFrom(piece + 1, text.substr(size), budget, found)) return true;
    found.pop_back();
    return false;
  };
  const size_t behind = pieces_.size() - piece - 1;
  if (behind == 0) return matches_with(text.size());
  const Piece& next = pieces_[piece + 1];
  const bool before_text = next.kind == Piece::Kind::kText;
  if (before_text && behind == 1) {
    return next.text.size() <= text.size() &&
           matches_with(text.size() - next.text.size());
  }
  for (size_t end = most + 1; end > least; --end) {
    if (before_text) {
      const size_t places = std::min(end, text.size());
      const void* at = ::memrchr(text.data(), next.text.front(), places);
      if (at == nullptr) return false;
      const auto size =
          static_cast<size_t>(static_cast<const char*>(at) - text.data());
      if (!budget.TakeLook(places - size)) return false;
      end = size + 1;
    } else if (!budget.Take(1)) {
      return false;
    }
    if (matches_with(end - 1)) return true;
    if (budget.exceeded()) return false;
  }
  return false;
}

std::string Filled(std::string_view text, const PathPattern::Found& found,
                   RuleBudget& budget) {
  std::string filled;
  if (!budget.Take(text.size())) return filled;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view name =
        text[i] == ':' ? NameAt(text, i) : std::string_view();
    const auto value = std::ranges::find(
        found, name, [](const auto& entry) { return entry.first; });
    if (name.empty() || value == found.end()) {
      filled += text[i];
    } else {
      if (!budget.Take(value->second.size())) return filled;
      filled += value->second;
      i += name.size();
    }
  }
  return filled;
}

bool MatchesGlob(std::string_view pattern, std::string_view text,
                 RuleBudget& budget) {
  if (!budget.TakeLook(pattern.size())) return false;
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  text.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  // What stands between two stars is found at the first place that has it.
  for (size_t next = pattern.find('*'); next != std::string_view::npos;
       next = pattern.find('*')) {
    const std::string_view piece = pattern.substr(0, next);
    while (!text.starts_with(piece)) {
      const size_t at = std::min(text.find(piece.front(), 1), text.size());
      if (text.empty() || !budget.TakeLook(at + piece.size())) return false;
      text.remove_prefix(at);
    }
    text.remove_prefix(piece.size());
    pattern.remove_prefix(next + 1);
  }
  return text.ends_with(pattern);
}

}  // namespace caravel::host
