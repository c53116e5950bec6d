#include "host/path_pattern.h"

#include <algorithm>

namespace caravel::host {
namespace {

constexpr size_t kMostSteps = 20'000;
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

std::optional<PathPattern::Found> PathPattern::Match(
    std::string_view text) const {
  Found found;
  size_t steps = 0;
  if (!MatchFrom(0, text, steps, found)) return {};
  return found;
}

// As a regular expression would: the longest text first.
bool PathPattern::MatchFrom(size_t piece, std::string_view text, size_t& steps,
                            Found& found) const {
  if (piece == pieces_.size()) return text.empty();
  const Piece& here = pieces_[piece];
  if (here.kind == Piece::Kind::kText) {
    return text.starts_with(here.text) &&
           MatchFrom(piece + 1, text.substr(here.text.size()), steps, found);
  }
  const bool splat = here.kind == Piece::Kind::kSplat;
  const size_t most =
      splat ? text.size() : std::min(text.find('/'), text.size());
  for (size_t size = most + 1; size-- > (splat ? 0 : 1);) {
    if (++steps > kMostSteps) return false;
    found.emplace_back(here.text, text.substr(0, size));
    if (MatchFrom(piece + 1, text.substr(size), steps, found)) return true;
    found.pop_back();
  }
  return false;
}

std::string Filled(std::string_view text, const PathPattern::Found& found) {
  std::string filled;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view name =
        text[i] == ':' ? NameAt(text, i) : std::string_view();
    const auto value = std::ranges::find(
        found, name, [](const auto& entry) { return entry.first; });
    if (name.empty() || value == found.end()) {
      filled += text[i];
    } else {
      filled += value->second;
      i += name.size();
    }
  }
  return filled;
}

bool MatchesGlob(std::string_view pattern, std::string_view text) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  text.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  // What stands between two stars is found at the first place that has it.
  for (size_t next = pattern.find('*'); next != std::string_view::npos;
       next = pattern.find('*')) {
    const std::string_view piece = pattern.substr(0, next);
    const size_t at = text.find(piece);
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + piece.size());
    pattern.remove_prefix(next + 1);
  }
  return text.ends_with(pattern);
}

}  // namespace caravel::host
