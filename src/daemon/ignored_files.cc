#include "daemon/ignored_files.h"

#include <algorithm>

#include "base/lower_case.h"

namespace caravel::daemon {
namespace {

constexpr std::string_view kAnyFolders = "**";

// Splits at slashes; there is no part between two of them.
template <typename Text>
std::vector<Text> PartsOf(std::string_view path) {
  std::vector<Text> parts;
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) parts.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return parts;
}

// How many characters of a pattern stand for one of a name; `c` is that one.
// 0: none of them does.
size_t OneMatches(std::string_view pattern, char c) {
  if (pattern.empty()) return 0;
  if (pattern[0] == '?') return 1;
  if (pattern[0] == '\\' && pattern.size() > 1) return pattern[1] == c ? 2 : 0;
  if (pattern[0] != '[') return pattern[0] == c ? 1 : 0;
  const size_t close = pattern.find(']', 2);
  if (close == std::string_view::npos) return 0;
  std::string_view set = pattern.substr(1, close - 1);
  const bool is_negated = set[0] == '!' || set[0] == '^';
  if (is_negated) set.remove_prefix(1);
  bool is_in = false;
  for (size_t i = 0; i < set.size(); ++i) {
    if (set[i] == '\\' && i + 1 < set.size()) ++i;
    const char first = set[i];
    const bool is_range = i + 2 < set.size() && set[i + 1] == '-';
    const char last = is_range ? set[i + 2] : first;
    if (is_range) i += 2;
    is_in = is_in || (first <= c && c <= last);
  }
  return is_in != is_negated ? close + 1 : 0;
}

// One part of a pattern on one of a path. Where a "*" took too little, it takes
// one more, and only the last one may: so it is at most their product.
bool PartMatches(std::string_view pattern, std::string_view name) {
  std::string_view after_star;
  std::string_view rest_at_star;
  bool has_star = false;
  while (!name.empty() || !pattern.empty()) {
    if (pattern.starts_with('*')) {
      pattern.remove_prefix(1);
      has_star = true;
      after_star = pattern;
      rest_at_star = name;
      continue;
    }
    const size_t taken = name.empty() ? 0 : OneMatches(pattern, name[0]);
    if (taken > 0) {
      pattern.remove_prefix(taken);
      name.remove_prefix(1);
    } else if (has_star && !rest_at_star.empty()) {
      rest_at_star.remove_prefix(1);
      pattern = after_star;
      name = rest_at_star;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

IgnoredFiles::IgnoredFiles(std::string_view patterns) {
  while (!patterns.empty()) {
    const size_t end = std::min(patterns.find('\n'), patterns.size());
    Add(patterns.substr(0, end));
    patterns.remove_prefix(std::min(end + 1, patterns.size()));
  }
}

void IgnoredFiles::Add(std::string_view line) {
  constexpr std::string_view kBlank = " \t\r";
  while (!line.empty() && kBlank.find(line.back()) != std::string_view::npos &&
         !line.substr(0, line.size() - 1).ends_with('\\')) {
    line.remove_suffix(1);
  }
  if (line.empty() || line.starts_with('#')) return;
  Pattern pattern;
  if (line.starts_with('!')) {
    pattern.takes_back = true;
    line.remove_prefix(1);
  }
  pattern.is_of_folders = line.ends_with('/');
  if (pattern.is_of_folders) line.remove_suffix(1);
  pattern.is_anywhere = line.find('/') == std::string_view::npos;
  for (const std::string_view part : PartsOf<std::string_view>(line)) {
    pattern.parts.push_back(base::LowerCase(part));
  }
  if (!pattern.parts.empty()) patterns_.push_back(std::move(pattern));
}

bool IgnoredFiles::Has(std::string_view path, bool is_folder) const {
  const std::string lower = base::LowerCase(path);
  const Parts parts = PartsOf<std::string_view>(lower);
  for (size_t depth = 1; depth < parts.size(); ++depth) {
    if (HasItself(Parts(parts.begin(), parts.begin() + depth), true)) {
      return true;
    }
  }
  return HasItself(parts, is_folder);
}

bool IgnoredFiles::HasItself(const Parts& path, bool is_folder) const {
  const auto decides = std::find_if(
      patterns_.rbegin(), patterns_.rend(), [&](const Pattern& pattern) {
        return (is_folder || !pattern.is_of_folders) && Matches(pattern, path);
      });
  return decides != patterns_.rend() && !decides->takes_back;
}

bool IgnoredFiles::Matches(const Pattern& pattern, const Parts& path) {
  if (path.empty()) return false;
  if (pattern.is_anywhere) return PartMatches(pattern.parts[0], path.back());
  // Which first parts of the path the parts of the pattern so far can match.
  std::vector<bool> reached(path.size() + 1, false);
  reached[0] = true;
  for (size_t i = 0; i < pattern.parts.size(); ++i) {
    const std::string& part = pattern.parts[i];
    std::vector<bool> next(path.size() + 1, false);
    if (part == kAnyFolders) {
      // At the end it stands for what is in the folder, not for that itself.
      const bool is_last = i + 1 == pattern.parts.size();
      bool is_open = false;
      for (size_t at = 0; at <= path.size(); ++at) {
        next[at] = is_open || (reached[at] && !is_last);
        is_open = is_open || reached[at];
      }
    } else {
      for (size_t at = 0; at < path.size(); ++at) {
        next[at + 1] = reached[at] && PartMatches(part, path[at]);
      }
    }
    reached = std::move(next);
  }
  return reached[path.size()];
}

}  // namespace caravel::daemon
