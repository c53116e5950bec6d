#include "control/asset_rule_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <string>

#include "base/lower_case.h"
#include "net/headers.h"
#include "net/http_syntax.h"

namespace caravel::api {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kSecure = "https://";

std::string_view TrimBlanks(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// Calls `take` with each line that says something, and its number.
template <typename Take>
Status EachLine(std::string_view file, std::string_view text, Take take) {
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = TrimBlanks(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    const auto wrong = [&](std::string_view what) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("{}, line {}: {}", file, number, what));
    };
    if (line.size() > kLongestRuleLine) {
      return wrong(
          fmt::format("has more than {} characters", kLongestRuleLine));
    }
    CARAVEL_TRY(take(line, wrong));
  }
  return {};
}

std::vector<std::string_view> Words(std::string_view line) {
  std::vector<std::string_view> words;
  while (!(line = TrimBlanks(line)).empty()) {
    const size_t end = std::min(line.find_first_of(kBlanks), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

// A pattern's path, or "https://HOST/path" taken apart.
bool TakePattern(std::string_view text, std::string& host, std::string& path) {
  if (text.starts_with(kSecure)) {
    text.remove_prefix(kSecure.size());
    const size_t slash = std::min(text.find('/'), text.size());
    host = text.substr(0, slash);
    for (char& c : host) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    text.remove_prefix(slash);
    if (host.empty() || host.find(':') != std::string::npos) return false;
    if (text.empty()) text = "/";
  }
  path = text;
  return text.starts_with('/');
}

bool HasPlaceholder(std::string_view pattern) {
  for (size_t at = pattern.find(':'); at != std::string_view::npos;
       at = pattern.find(':', at + 1)) {
    const char next = at + 1 < pattern.size() ? pattern[at + 1] : ' ';
    if ((next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z')) {
      return true;
    }
  }
  return false;
}

bool IsDynamic(std::string_view pattern) {
  return pattern.find('*') != std::string_view::npos || HasPlaceholder(pattern);
}

bool HasOneSplat(std::string_view pattern) {
  return std::ranges::count(pattern, '*') <= 1;
}

// "/* /index.html", which asset handling would redirect to "/" again.
bool LoopsForEver(const registry::RedirectRule& rule) {
  return (rule.from == "/" || rule.from == "/*" || rule.from.ends_with("/*")) &&
         (rule.to.ends_with("/index") || rule.to.ends_with("/index.html")) &&
         rule.to.starts_with('/') && rule.from.size() <= rule.to.size();
}

bool IsRedirectStatus(uint16_t status) {
  return status == 200 || (status >= 301 && status <= 303) || status == 307 ||
         status == 308;
}

}  // namespace

Result<std::vector<registry::RedirectRule>> ParseRedirects(
    std::string_view text) {
  std::vector<registry::RedirectRule> rules;
  std::set<std::string> seen;
  size_t dynamic = 0;
  CARAVEL_TRY(EachLine(
      "_redirects", text, [&](std::string_view line, auto wrong) -> Status {
        const std::vector<std::string_view> words = Words(line);
        if (words.size() < 2 || words.size() > 3) {
          return wrong("must be \"FROM TO\" or \"FROM TO STATUS\"");
        }
        registry::RedirectRule rule;
        rule.from = words[0];
        rule.to = words[1];
        if (!rule.from.starts_with('/')) {
          return wrong(fmt::format("\"{}\" is no path", rule.from));
        }
        if (!HasOneSplat(rule.from)) return wrong("has more than one *");
        const bool relative = rule.to.starts_with('/');
        if (!relative && !rule.to.starts_with("https://") &&
            !rule.to.starts_with("http://")) {
          return wrong(fmt::format("\"{}\" is neither path nor URL", rule.to));
        }
        if (!net::IsFieldValue(rule.to)) {
          return wrong(fmt::format("\"{}\" is not fit for a header", rule.to));
        }
        if (words.size() == 3) {
          const std::string_view status = words[2];
          const auto [end, error] = std::from_chars(
              status.data(), status.data() + status.size(), rule.status);
          if (error != std::errc() || end != status.data() + status.size() ||
              !IsRedirectStatus(rule.status)) {
            return wrong(fmt::format(
                "status {} is none of 200, 301, 302, 303, 307, 308", status));
          }
        }
        if (rule.status == 200 && !relative) {
          return wrong("with status 200 the target must be a path");
        }
        if (LoopsForEver(rule)) return wrong("would redirect for ever");
        if (!seen.insert(rule.from).second) return {};
        dynamic += IsDynamic(rule.from) ? 1 : 0;
        if (dynamic > kMostDynamicRedirects ||
            rules.size() + 1 - dynamic > kMostStaticRedirects) {
          return wrong(fmt::format("more than {} static or {} dynamic rules",
                                   kMostStaticRedirects,
                                   kMostDynamicRedirects));
        }
        rules.push_back(std::move(rule));
        return {};
      }));
  return rules;
}

Result<std::vector<registry::HeaderRule>> ParseHeaderRules(
    std::string_view text) {
  std::vector<registry::HeaderRule> rules;
  std::map<std::string, size_t> places;  // of the last rule's names, in `set`
  CARAVEL_TRY(EachLine(
      "_headers", text, [&](std::string_view line, auto wrong) -> Status {
        if (line.starts_with('/') || line.starts_with(kSecure)) {
          registry::HeaderRule rule;
          if (!TakePattern(line, rule.host, rule.path) ||
              line.find_first_of(kBlanks) != std::string_view::npos) {
            return wrong(fmt::format("\"{}\" is no pattern of paths", line));
          }
          if (!HasOneSplat(rule.path)) return wrong("has more than one *");
          if (rules.size() == kMostHeaderRules) {
            return wrong(fmt::format("more than {} rules", kMostHeaderRules));
          }
          rules.push_back(std::move(rule));
          places.clear();
          return {};
        }
        if (rules.empty()) return wrong("stands before any path");
        if (line.starts_with('!')) {
          const std::string_view name = TrimBlanks(line.substr(1));
          if (!net::IsToken(name)) {
            return wrong(fmt::format("\"{}\" is no name of a header", name));
          }
          rules.back().unset.emplace_back(name);
          return {};
        }
        const size_t colon = line.find(':');
        if (colon == std::string_view::npos) {
          return wrong("must be \"Name: value\" or \"! Name\"");
        }
        const std::string_view name = TrimBlanks(line.substr(0, colon));
        const std::string_view value = TrimBlanks(line.substr(colon + 1));
        if (!net::IsToken(name) || value.empty() || !net::IsFieldValue(value)) {
          return wrong("is no header");
        }
        auto& set = rules.back().set;
        const auto [place, is_new] =
            places.try_emplace(base::LowerCase(name), set.size());
        if (is_new) {
          set.emplace_back(name, value);
        } else {
          set[place->second].second += fmt::format(", {}", value);
        }
        return {};
      }));
  return rules;
}

}  // namespace caravel::api
