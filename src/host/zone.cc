#include "host/zone.h"

#include <algorithm>

#include "host/request_path.h"

namespace caravel::host {

Zone::Zone(registry::PublishedZone published)
    : published_(std::move(published)) {
  if (!published_.origin.empty()) {
    Result<registry::ZoneOrigin> origin =
        registry::ZoneOrigin::Parse(published_.origin);
    if (origin) origin_ = std::move(*origin);
  }
  for (const registry::PublishedRoute& route : published_.routes) {
    Result<registry::RoutePattern> pattern =
        registry::RoutePattern::Parse(route.pattern);
    if (pattern) rules_.push_back({std::move(*pattern), route.worker});
  }
  std::ranges::sort(rules_, [](const Rule& a, const Rule& b) {
    return a.pattern.IsBefore(b.pattern);
  });
}

std::optional<Zone::Match> Zone::Find(std::string_view scheme,
                                      std::string_view host,
                                      std::string_view target) const {
  if (rules_.empty()) return std::nullopt;
  std::string plain;
  if (!IsPlainTarget(target)) {
    plain = PlainTarget(target);
    target = plain;
  }
  for (const Rule& rule : rules_) {
    if (rule.pattern.Matches(scheme, host, target)) return Match{rule.worker};
  }
  return std::nullopt;
}

bool Zone::Runs(const registry::WorkerId& worker) const {
  return std::ranges::any_of(
      rules_, [&](const Rule& rule) { return rule.worker == worker; });
}

}  // namespace caravel::host
