#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/lifetime.h"
#include "host/path_pattern.h"
#include "host/rule_budget.h"
#include "net/headers.h"
#include "registry/asset_list.h"

namespace caravel::host {

// What a request asks for, as far as it decides which asset answers.
struct AssetRequest {
  std::string_view method;
  std::string_view host;    // of the authority, as it came
  std::string_view target;  // path and query, as they came
  bool navigates = false;   // Sec-Fetch-Mode: navigate
};

// Who asks, which decides what becomes of a request that nothing matches.
enum class AssetRoute : uint8_t {
  kClient,   // a client: the Worker may be asked first or last
  kBinding,  // the Worker, by its binding
};

struct AssetChoice {
  enum class Kind : uint8_t {
    kWorker,    // not ours
    kAsset,     // `index` with `status`
    kRedirect,  // to `location` with `status`
    kNotFound,
    kMethodNotAllowed,
    kTooMuch,  // the budget was exceeded
  };
  Kind kind = Kind::kNotFound;
  uint32_t index = 0;
  uint16_t status = 200;
  std::string location = {};
};

// The assets of one version with their rules, ready to be asked. Immutable: any
// thread may read. Source: Workers documentation, "Static Assets".
class AssetSite {
 public:
  struct Traits {
    bool has_code = false;  // there is a Worker for what nothing matches
    // Compatibility flag assets_navigation_prefers_asset_serving.
    bool navigation_first = false;
  };

  AssetSite(registry::AssetList list, Traits traits);

  const registry::AssetList& list() const CARAVEL_LIFETIME_BOUND {
    return list_;
  }

  AssetChoice Choose(const AssetRequest& asked, AssetRoute route,
                     RuleBudget& budget) const;

  // Does what _headers says for a request to the fields of its answer: some of
  // it, where the budget was exceeded.
  void ApplyHeaderRules(const AssetRequest& request, RuleBudget& budget,
                        net::Headers& headers) const;

 private:
  struct Rule {
    PathPattern pattern;
    size_t index;  // in the configuration
  };
  using Handling = registry::NotFoundHandling;

  AssetChoice ChooseWithin(const AssetRequest& asked, AssetRoute route,
                           RuleBudget& budget) const;
  AssetChoice ChooseAsset(const AssetRequest& request, Handling handling,
                          RuleBudget& budget) const;
  const registry::RedirectRule* FindRedirect(std::string_view path,
                                             RuleBudget& budget,
                                             PathPattern::Found& found) const;
  AssetChoice NotFound(std::string_view path, Handling handling,
                       RuleBudget& budget) const;
  // The asset or the redirect of html_handling; kNotFound: neither.
  AssetChoice Resolve(const std::string& path, bool may_redirect) const;
  std::string CanonicalOf(std::string_view file) const;
  // A decoded path as that of an asset, without the prefix under which assets
  // are public; nothing: it does not lie there.
  std::optional<std::string> WithinBase(std::string_view path) const;
  // Where the prefix alone is redirected, which has a slash behind it or has
  // not; nothing: it is not.
  std::optional<std::string> RedirectOfBase(std::string_view path) const;

  const registry::AssetList list_;
  const Traits traits_;
  std::unordered_map<std::string, size_t> plain_redirects_;
  std::vector<Rule> redirects_;  // the others
  std::vector<Rule> headers_;
  size_t deepest_missing_page_ = 0;  // the longest folder with a 404.html
};

}  // namespace caravel::host
