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
#include "host/request_path.h"

namespace caravel::host {
namespace {

using registry::HtmlHandling;
using registry::NotFoundHandling;
using Kind = AssetChoice::Kind;

constexpr std::string_view kIndex = "index.html";
constexpr std::string_view kHtml = ".html";

constexpr std::string_view kMissingPage = "/404.html";
// What looking a path up in the list costs beside its length.
constexpr size_t kLookUpSteps = 16;

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
                       const PathPattern::Found& found, std::string_view query,
                       RuleBudget& budget) {
  std::string to = Filled(rule.to, found, budget);
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
  if (config.not_found_handling != NotFoundHandling::kNotFoundPage) return;
  for (uint32_t i = 0; i < list_.size(); ++i) {
    const std::string_view path = list_.At(i).path;
    if (!path.ends_with(kMissingPage)) continue;
    deepest_missing_page_ =
        std::max(deepest_missing_page_, path.size() - kMissingPage.size());
  }
}

AssetChoice AssetSite::Choose(const AssetRequest& asked, AssetRoute route,
                              RuleBudget& budget) const {
  AssetChoice choice = ChooseWithin(asked, route, budget);
  if (budget.exceeded()) return {.kind = Kind::kTooMuch};
  return choice;
}

AssetChoice AssetSite::ChooseWithin(const AssetRequest& asked, AssetRoute route,
                                    RuleBudget& budget) const {
  if (!budget.TakeLook(asked.target.size())) return {};
  std::string memory;
  AssetRequest request = asked;
  request.target = UrlTarget(asked.target, memory);
  const registry::AssetConfig& config = list_.config();
  const Handling handling = config.not_found_handling;
  if (route == AssetRoute::kBinding || !traits_.has_code) {
    return ChooseAsset(request, handling, budget);
  }
  const std::string_view path = PathOf(request.target);
  const auto matches = [path, &budget](const std::string& pattern) {
    return MatchesGlob(pattern, path, budget);
  };
  if (std::ranges::any_of(config.asset_patterns, matches)) {
    return ChooseAsset(request, handling, budget);
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
      request, handles_missing ? handling : NotFoundHandling::kNone, budget);
  if (choice.kind != Kind::kNotFound) return choice;
  // What a rule has sent here does not go on to the Worker, as on Workers.
  if (choice.status == 404) return ChooseAsset(request, handling, budget);
  return {.kind = Kind::kWorker};
}

std::optional<std::string> AssetSite::WithinBase(std::string_view path) const {
  const std::string_view base = list_.config().base_path;
  if (base.empty()) return std::string(path);
  if (path == base) return "/";
  if (!path.starts_with(base) || path[base.size()] != '/') return {};
  return std::string(path.substr(base.size()));
}

std::optional<std::string> AssetSite::RedirectOfBase(
    std::string_view path) const {
  const std::string& base = list_.config().base_path;
  const HtmlHandling handling = list_.config().html_handling;
  if (base.empty() || handling == HtmlHandling::kNone ||
      !list_.Find("/index.html")) {
    return {};
  }
  const bool drops = handling == HtmlHandling::kDropTrailingSlash;
  if (path != (drops ? base + "/" : base)) return {};
  return drops ? base : base + "/";
}

AssetChoice AssetSite::ChooseAsset(const AssetRequest& request,
                                   Handling handling,
                                   RuleBudget& budget) const {
  std::string_view raw = PathOf(request.target);
  std::string path = DecodedPath(raw);
  std::optional<std::string> within = WithinBase(path);
  if (!within) return {};
  std::string proxied;
  PathPattern::Found found;
  if (const registry::RedirectRule* rule = FindRedirect(raw, budget, found)) {
    std::string location =
        LocationOf(*rule, found, QueryOf(request.target), budget);
    if (rule->status != 200) {
      return {.kind = Kind::kRedirect,
              .status = rule->status,
              .location = std::move(location)};
    }
    proxied = PathOf(std::string_view(location).substr(0, location.find('#')));
    raw = proxied;
    path = DecodedPath(raw);
    within = WithinBase(path);
    if (!within) return {.status = 404};
  }
  AssetChoice choice = Resolve(*within, /*may_redirect=*/true);
  if (choice.kind == Kind::kRedirect) {
    choice.location.insert(0, list_.config().base_path);
  } else if (auto root = RedirectOfBase(path); root && proxied.empty()) {
    choice = {.kind = Kind::kRedirect, .location = *std::move(root)};
  }
  if (choice.kind == Kind::kNotFound) {
    choice = NotFound(*within, handling, budget);
  }
  if (choice.kind == Kind::kNotFound) {
    if (!proxied.empty()) choice.status = 404;
    return choice;
  }
  if (request.method != "GET" && request.method != "HEAD") {
    return {.kind = Kind::kMethodNotAllowed};
  }
  std::string encoded =
      EncodedPath(choice.kind == Kind::kRedirect ? choice.location : path);
  if (choice.kind == Kind::kRedirect || encoded != raw) {
    encoded += QueryOf(request.target);
    return {
        .kind = Kind::kRedirect, .status = 307, .location = std::move(encoded)};
  }
  return choice;
}

const registry::RedirectRule* AssetSite::FindRedirect(
    std::string_view path, RuleBudget& budget,
    PathPattern::Found& found) const {
  const auto& rules = list_.config().redirects;
  if (rules.empty()) return nullptr;
  const auto plain = plain_redirects_.find(std::string(path));
  if (plain != plain_redirects_.end()) return &rules[plain->second];
  for (const Rule& rule : redirects_) {
    auto match = rule.pattern.Match(path, budget);
    if (!match) continue;
    found = *std::move(match);
    return &rules[rule.index];
  }
  return nullptr;
}

AssetChoice AssetSite::NotFound(std::string_view path, Handling handling,
                                RuleBudget& budget) const {
  if (handling == NotFoundHandling::kSinglePage) {
    const auto page = list_.Find("/index.html");
    if (page) return {.kind = Kind::kAsset, .index = *page};
  } else if (handling == NotFoundHandling::kNotFoundPage) {
    // One text that gets shorter, beginning where there is a page at all.
    std::string page(path.substr(0, deepest_missing_page_ + 1));
    while (!page.empty()) {
      const size_t slash = page.rfind('/');
      page.resize(slash == std::string::npos ? 0 : slash);
      if (!budget.Take(kLookUpSteps + page.size() / RuleBudget::kBytesAStep)) {
        break;
      }
      const size_t folder = page.size();
      const auto found = list_.Find(page.append(kMissingPage));
      if (found) return {.kind = Kind::kAsset, .index = *found, .status = 404};
      page.resize(folder);
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
                                 RuleBudget& budget,
                                 net::Headers& headers) const {
  if (headers_.empty()) return;
  std::string memory;
  const std::string_view path = PathOf(UrlTarget(request.target, memory));
  if (!WithinBase(DecodedPath(path))) return;
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
    const auto found = rule.pattern.Match(path, budget);
    if (!found) continue;
    any = true;
    for (const std::string& name : said.unset) {
      if (!budget.Take(fields.size())) return;
      std::erase_if(fields, has_name(name));
    }
    for (const auto& [name, value] : said.set) {
      if (!budget.Take(fields.size() + set.size())) return;
      const auto known = std::ranges::find_if(fields, has_name(name));
      const bool is_set = std::ranges::any_of(set, [&](std::string_view other) {
        return net::EqualsIgnoringCase(other, name);
      });
      std::string text = Filled(value, *found, budget);
      if (is_set && known != fields.end()) {
        known->second.append(", ").append(text);
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
