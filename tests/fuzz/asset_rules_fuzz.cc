// The rules of a version's assets and a request, both hostile: the shard is
// held for a bounded time, a redirect stays on its origin where its rule is a
// path, and what is served is reached by one spelling. The input's lines are
// the target, a base path, a pattern of run_worker_first, and rules: "h" begins
// one of _headers, all others are of _redirects.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "host/asset_site.h"
#include "host/request_path.h"

namespace {

using namespace caravel;

std::string_view TakeUntil(std::string_view& text, char end) {
  const std::string_view taken = text.substr(0, text.find(end));
  text.remove_prefix(std::min(taken.size() + 1, text.size()));
  return taken;
}

registry::AssetConfig ConfigOf(std::string_view text) {
  registry::AssetConfig config;
  config.not_found_handling = registry::NotFoundHandling::kNotFoundPage;
  const std::string_view base = TakeUntil(text, '\n');
  const bool is_name = std::ranges::all_of(
      base, [](char c) { return (c >= 'a' && c <= 'z') || c == ' '; });
  if (!base.empty() && is_name) config.base_path = "/" + std::string(base);
  const std::string_view first = TakeUntil(text, '\n');
  if (!first.empty()) config.worker_patterns.emplace_back(first);
  while (!text.empty()) {
    std::string_view line = TakeUntil(text, '\n');
    const bool is_header = line.starts_with('h');
    const std::string from(TakeUntil(line, ' '));
    if (is_header) {
      config.headers.push_back(
          {"", "/" + from.substr(1), {{"x-a", std::string(line)}}, {"etag"}});
    } else {
      const auto status =
          static_cast<uint16_t>(from.size() % 2 == 0 ? 200 : 302);
      config.redirects.push_back({"/" + from, "/" + std::string(line), status});
    }
  }
  return config;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string target = "/" + std::string(TakeUntil(text, '\n'));
  std::vector<registry::Asset> assets;
  for (const char* path : {"/index.html", "/a/404.html", "/a/b", "/a b.html"}) {
    registry::Asset asset;
    asset.path = path;
    asset.forms[0] = {std::string(64, 'a'), 1};
    assets.push_back(std::move(asset));
  }
  const auto list = registry::WriteAssetList(ConfigOf(text), assets);
  const auto fd = base::SealedMemoryFile("list", list.value());
  const host::AssetSite site(registry::AssetList::Map(*fd).value(),
                             {.has_code = size % 2 == 0});
  const host::AssetRequest request = {
      .method = "GET", .host = "a.example", .target = target};
  host::RuleBudget budget;
  const host::AssetChoice choice =
      site.Choose(request, host::AssetRoute::kClient, budget);
  using Kind = host::AssetChoice::Kind;
  CARAVEL_CHECK((choice.kind == Kind::kTooMuch) == budget.exceeded());
  if (choice.kind == Kind::kRedirect) {
    const std::string& to = choice.location;
    CARAVEL_CHECK(to.starts_with('/'), to);
    CARAVEL_CHECK(!to.starts_with("//") && !to.starts_with("/\\"), to);
  }
  std::string memory;
  const std::string_view url = host::UrlTarget(target, memory);
  CARAVEL_CHECK(host::PlainTarget(url) == host::PlainTarget(target), target);
  net::Headers headers;
  site.ApplyHeaderRules(request, budget, headers);
  CARAVEL_CHECK(headers.bytes() <= 2 * host::RuleBudget::kMostSteps,
                headers.bytes());
  return 0;
}
