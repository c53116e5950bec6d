#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/lifetime.h"
#include "registry/published.h"
#include "registry/route_pattern.h"
#include "registry/zone_origin.h"

namespace caravel::host {

// A zone with its routes made ready to be matched. Immutable; any thread may
// read.
class Zone {
 public:
  // Patterns and an origin that do not parse, which caraveld never publishes,
  // count for nothing.
  explicit Zone(registry::PublishedZone published);

  const registry::ZoneId& id() const CARAVEL_LIFETIME_BOUND {
    return published_.id;
  }
  const registry::AccountId& account() const CARAVEL_LIFETIME_BOUND {
    return published_.account;
  }
  const std::string& name() const CARAVEL_LIFETIME_BOUND {
    return published_.name;
  }
  // Nothing: the zone has none.
  const std::optional<registry::ZoneOrigin>& origin() const
      CARAVEL_LIFETIME_BOUND {
    return origin_;
  }

  struct Match {
    std::optional<registry::WorkerId> worker;  // nothing: no Worker runs there
  };
  // The most specific route that takes the request; nothing when none does.
  // `host` in lower case and without port. The path counts as PlainTarget()
  // has it.
  std::optional<Match> Find(std::string_view scheme, std::string_view host,
                            std::string_view target) const;

  // Whether one of its routes names the Worker.
  bool Runs(const registry::WorkerId& worker) const;

 private:
  struct Rule {
    registry::RoutePattern pattern;
    std::optional<registry::WorkerId> worker;
  };

  registry::PublishedZone published_;
  std::optional<registry::ZoneOrigin> origin_;
  std::vector<Rule> rules_;  // the most specific first
};

using ZonePtr = std::shared_ptr<const Zone>;

}  // namespace caravel::host
