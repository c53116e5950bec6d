// One way for all kinds of html_handling: a path names files that may stand
// behind it, each file has one canonical path, and who asks by another is
// redirected there, unless that path would give another file.
// Test: asset_site_test.cc.
#include "host/asset_site.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "host/authority.h"
#include "net/utf8_check.h"

namespace caravel::host {
namespace {

using registry::HtmlHandling;
using registry::NotFoundHandling;
using Kind = AssetChoice::Kind;

constexpr std::string_view kIndex = "index.html";
constexpr std::string_view kHtml = ".html";

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A segment decoded; as it is where that cannot be done.
std::string DecodeSegment(std::string_view segment) {
  if (segment.find('%') == std::string_view::npos) return std::string(segment);
  std::string decoded;
  for (size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] != '%') {
      decoded += segment[i];
      continue;
    }
    const int high = i + 2 < segment.size() ? HexValue(segment[i + 1]) : -1;
    const int low = i + 2 < segment.size() ? HexValue(segment[i + 2]) : -1;
    if (high < 0 || low < 0) return std::string(segment);
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return net::IsUtf8(decoded) ? decoded : std::string(segment);
}

// A path decoded, with one slash for several.
std::string DecodePath(std::string_view path) {
  std::string decoded;
  const auto add = [&decoded](std::string_view text) {
    for (const char c : text) {
      if (c != '/' || !decoded.ends_with('/')) decoded += c;
    }
  };
  while (true) {
    const size_t slash = path.find('/');
    add(DecodeSegment(path.substr(0, slash)));
    if (slash == std::string_view::npos) return decoded;
    add("/");
    path.remove_prefix(slash + 1);
  }
}

// What encodeURIComponent() of JavaScript leaves as it is, and slashes.
bool StaysAsItIs(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') ||
         std::string_view("/-_.!~*'()").find(c) != std::string_view::npos;
}

std::string EncodePath(std::string_view path) {
  std::string encoded;
  for (const char c : path) {
    if (StaysAsItIs(c)) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::string_view PathOf(std::string_view target) {
  return target.substr(0, target.find('?'));
}
// A segment that stands for this place, or, with two dots, for the one above
// (URL Standard, 4.1).
size_t DotsOf(std::string_view segment) {
  size_t dots = 0;
  while (!segment.empty()) {
    if (segment.starts_with('.')) {
      segment.remove_prefix(1);
    } else if (segment.starts_with("%2e") || segment.starts_with("%2E")) {
      segment.remove_prefix(3);
    } else {
      return 0;
    }
    ++dots;
  }
  return dots <= 2 ? dots : 0;
}

// The target as a URL has it: without "." and "..", and with slashes for
// backslashes. `memory` holds it where it differs.
std::string_view AsInUrl(std::string_view target, std::string& memory) {
  std::string_view path = PathOf(target);
  if (path.find("/.") == std::string_view::npos &&
      path.find("/%2") == std::string_view::npos &&
      path.find('\\') == std::string_view::npos) {
    return target;
  }
  const std::string_view query = target.substr(path.size());
  while (!path.empty()) {
    path.remove_prefix(1);  // a slash of either kind
    const size_t end = std::min(path.find_first_of("/\\"), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    const size_t dots = DotsOf(segment);
    if (dots == 0) {
      memory.append("/").append(segment);
      continue;
    }
    if (dots == 2 && !memory.empty()) memory.resize(memory.rfind('/'));
    if (path.empty()) memory += '/';
  }
  memory += query;
  return memory;
}

std::string_view QueryOf(std::string_view target) {
  return target.substr(PathOf(target).size());
}

// A path of this origin, which "//host" and "/\host" would leave.
std::string StayHere(std::string location) {
  size_t end = 0;
  while (end < location.size() &&
         (location[end] == '/' || location[end] == '\\')) {
    ++end;
  }
  return location.replace(0, end, "/");
}

bool EqualsLowerCase(std::string_view lower, std::string_view text) {
  return net::EqualsIgnoringCase(lower, text);
}

// The query of the request goes along where the target has none.
std::string LocationOf(const registry::RedirectRule& rule,
                       const PathPattern::Found& found,
                       std::string_view query) {
  std::string to = Filled(rule.to, found);
  if (rule.to.starts_with('/')) to = StayHere(std::move(to));
  const size_t hash = std::min(to.find('#'), to.size());
  const bool has_query =
      std::string_view(to).substr(0, hash).find('?') != std::string_view::npos;
  if (!has_query) to.insert(hash, query);
  return to;
}

}  // namespace

AssetSite::AssetSite(registry::AssetList list, Traits traits)
    : list_(std::move(list)), traits_(traits) {
  const registry::AssetConfig& config = list_.config();
  for (size_t i = 0; i < config.redirects.size(); ++i) {
    PathPattern pattern(config.redirects[i].from);
    if (pattern.is_plain()) {
      plain_redirects_.emplace(config.redirects[i].from, i);
    } else {
      redirects_.push_back({std::move(pattern), i});
    }
  }
  for (size_t i = 0; i < config.headers.size(); ++i) {
    headers_.push_back({PathPattern(config.headers[i].path), i});
  }
}

AssetChoice AssetSite::Choose(const AssetRequest& asked,
                              AssetRoute route) const {
  std::string memory;
  AssetRequest request = asked;
  request.target = AsInUrl(asked.target, memory);
  const registry::AssetConfig& config = list_.config();
  const Handling handling = config.not_found_handling;
  if (route == AssetRoute::kBinding || !traits_.has_code) {
    return ChooseAsset(request, handling);
  }
  const std::string_view path = PathOf(request.target);
  const auto matches = [path](const std::string& pattern) {
    return MatchesGlob(pattern, path);
  };
  if (std::ranges::any_of(config.asset_patterns, matches)) {
    return ChooseAsset(request, handling);
  }
  if (config.worker_first ||
      std::ranges::any_of(config.worker_patterns, matches)) {
    return {.kind = Kind::kWorker};
  }
  const bool has_patterns =
      !config.worker_patterns.empty() || !config.asset_patterns.empty();
  const bool handles_missing =
      has_patterns || (traits_.navigation_first && request.navigates);
  AssetChoice choice = ChooseAsset(
      request, handles_missing ? handling : NotFoundHandling::kNone);
  if (choice.kind != Kind::kNotFound) return choice;
  // What a rule has sent here does not go on to the Worker, as on Workers.
  if (choice.status == 404) return ChooseAsset(request, handling);
  return {.kind = Kind::kWorker};
}

AssetChoice AssetSite::ChooseAsset(const AssetRequest& request,
                                   Handling handling) const {
  std::string_view raw = PathOf(request.target);
  std::string proxied;
  PathPattern::Found found;
  if (const registry::RedirectRule* rule = FindRedirect(raw, found)) {
    std::string location = LocationOf(*rule, found, QueryOf(request.target));
    if (rule->status != 200) {
      return {.kind = Kind::kRedirect,
              .status = rule->status,
              .location = std::move(location)};
    }
    proxied = PathOf(std::string_view(location).substr(0, location.find('#')));
    raw = proxied;
  }
  const std::string path = DecodePath(raw);
  AssetChoice choice = Resolve(path, /*may_redirect=*/true);
  if (choice.kind == Kind::kNotFound) choice = NotFound(path, handling);
  if (choice.kind == Kind::kNotFound) {
    if (!proxied.empty()) choice.status = 404;
    return choice;
  }
  if (request.method != "GET" && request.method != "HEAD") {
    return {.kind = Kind::kMethodNotAllowed};
  }
  std::string encoded =
      EncodePath(choice.kind == Kind::kRedirect ? choice.location : path);
  if (choice.kind == Kind::kRedirect || encoded != raw) {
    encoded += QueryOf(request.target);
    return {
        .kind = Kind::kRedirect, .status = 307, .location = std::move(encoded)};
  }
  return choice;
}

const registry::RedirectRule* AssetSite::FindRedirect(
    std::string_view path, PathPattern::Found& found) const {
  const auto& rules = list_.config().redirects;
  if (rules.empty()) return nullptr;
  const auto plain = plain_redirects_.find(std::string(path));
  if (plain != plain_redirects_.end()) return &rules[plain->second];
  for (const Rule& rule : redirects_) {
    auto match = rule.pattern.Match(path);
    if (!match) continue;
    found = *std::move(match);
    return &rules[rule.index];
  }
  return nullptr;
}

AssetChoice AssetSite::NotFound(std::string_view path,
                                Handling handling) const {
  if (handling == NotFoundHandling::kSinglePage) {
    const auto page = list_.Find("/index.html");
    if (page) return {.kind = Kind::kAsset, .index = *page};
  } else if (handling == NotFoundHandling::kNotFoundPage) {
    while (!path.empty()) {
      path = path.substr(
          0, path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/'));
      const auto page = list_.Find(std::string(path).append("/404.html"));
      if (page) return {.kind = Kind::kAsset, .index = *page, .status = 404};
    }
  }
  return {.kind = Kind::kNotFound};
}

// The one path under which an HTML file is served.
std::string AssetSite::CanonicalOf(std::string_view file) const {
  const HtmlHandling handling = list_.config().html_handling;
  const bool is_index = file.ends_with("/index.html");
  std::string path(
      file.substr(0, file.size() - (is_index ? kIndex.size() : kHtml.size())));
  if (path == "/") return path;
  if (is_index && handling == HtmlHandling::kDropTrailingSlash) path.pop_back();
  if (!is_index && handling == HtmlHandling::kForceTrailingSlash) path += '/';
  return path;
}

AssetChoice AssetSite::Resolve(const std::string& path,
                               bool may_redirect) const {
  const auto exact = list_.Find(path);
  const auto serve = [](uint32_t index) {
    return AssetChoice{.kind = Kind::kAsset, .index = index};
  };
  const bool is_page = path.ends_with(kHtml);
  const bool handles = list_.config().html_handling != HtmlHandling::kNone;
  if (exact && (!is_page || !handles)) return serve(*exact);
  if (!handles) return {};

  // The files that the path may stand for, the likelier first.
  std::string stem = path;
  if (stem.ends_with("/index.html")) {
    stem.resize(stem.size() - kIndex.size());
  } else if (stem.ends_with("/index")) {
    stem.resize(stem.size() - 5);
  } else if (is_page) {
    stem.resize(stem.size() - kHtml.size());
  }
  std::array<std::string, 2> files;
  if (stem.ends_with('/')) {
    files = {stem + "index.html", stem.substr(0, stem.size() - 1) + ".html"};
  } else {
    files = {stem + ".html", stem + "/index.html"};
  }
  for (const std::string& file : files) {
    const auto index = list_.Find(file);
    if (!index || (exact && file != path)) continue;
    std::string canonical = CanonicalOf(file);
    if (canonical == path) return serve(*index);
    if (!may_redirect || list_.Find(canonical)) continue;
    const AssetChoice there = Resolve(canonical, /*may_redirect=*/false);
    if (there.kind == Kind::kAsset && there.index == *index) {
      return {.kind = Kind::kRedirect, .location = std::move(canonical)};
    }
  }
  if (exact) return serve(*exact);
  return {};
}

void AssetSite::ApplyHeaderRules(const AssetRequest& request,
                                 net::Headers& headers) const {
  if (headers_.empty()) return;
  std::string memory;
  const std::string_view path = PathOf(AsInUrl(request.target, memory));
  using Fields = std::vector<std::pair<std::string, std::string>>;
  Fields fields;
  for (size_t i = 0; i < headers.size(); ++i) {
    fields.emplace_back(headers[i].name, headers[i].value);
  }
  const auto has_name = [](std::string_view name) {
    return [name](const auto& field) {
      return net::EqualsIgnoringCase(field.first, name);
    };
  };
  std::vector<std::string_view> set;  // by a rule
  bool any = false;
  for (const Rule& rule : headers_) {
    const registry::HeaderRule& said = list_.config().headers[rule.index];
    if (!said.host.empty() &&
        !EqualsLowerCase(said.host, WithoutPort(request.host))) {
      continue;
    }
    const auto found = rule.pattern.Match(path);
    if (!found) continue;
    any = true;
    for (const std::string& name : said.unset) {
      std::erase_if(fields, has_name(name));
    }
    for (const auto& [name, value] : said.set) {
      const auto known = std::ranges::find_if(fields, has_name(name));
      const bool is_set = std::ranges::any_of(set, [&](std::string_view other) {
        return net::EqualsIgnoringCase(other, name);
      });
      std::string text = Filled(value, *found);
      if (is_set && known != fields.end()) {
        known->second += fmt::format(", {}", text);
        continue;
      }
      std::erase_if(fields, has_name(name));
      fields.emplace_back(name, std::move(text));
      set.push_back(name);
    }
  }
  if (!any) return;
  headers.Clear();
  for (const auto& [name, value] : fields) headers.Add(name, value);
}

}  // namespace caravel::host
