#include "control/domain_endpoints.h"

#include <algorithm>

#include "registry/route_pattern.h"

namespace caravel::api {
namespace {

using registry::Zones;

DomainSeen Seen(const registry::CustomDomain& domain) {
  return {.id = domain.id.value,
          .hostname = domain.hostname,
          .zone_id = domain.zone.value,
          .zone_name = domain.zone_name,
          .service = domain.worker,
          .environment = "production",
          .enabled = true,
          .previews_enabled = false};
}

Status CheckBuilt(const DomainOrigin& domain) {
  const auto not_built = [&domain](std::string_view what,
                                   std::string_view key) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("custom domain \"{}\": {}: not built in Caravel "
                             "yet",
                             domain.hostname, what))
        .Remedy(fmt::format("remove \"{}\" from the route", key));
  };
  if (!domain.enabled.value_or(true)) {
    return not_built("a domain that is switched off", "enabled");
  }
  if (domain.previews_enabled.value_or(false)) {
    return not_built("previews under it", "previews_enabled");
  }
  return {};
}

Result<std::vector<Zones::NewDomain>> ToDomains(
    const std::vector<DomainOrigin>& origins) {
  std::vector<Zones::NewDomain> domains;
  for (const DomainOrigin& origin : origins) {
    CARAVEL_TRY(CheckBuilt(origin));
    domains.push_back({.hostname = origin.hostname,
                       .zone_id = origin.zone_id,
                       .zone_name = origin.zone_name});
  }
  return domains;
}

}  // namespace

Result<DomainChangeset> PostDomainChangeset(Caller& caller,
                                            const ScriptPath& path,
                                            Query<ChangesetQuery> query,
                                            std::vector<DomainOrigin> input) {
  CARAVEL_TRY(ToDomains(input));
  CARAVEL_TRY(
      caller.services.registry.GetWorker(caller.account, path.script_name));
  CARAVEL_TRY(const std::vector<registry::CustomDomain> all,
              caller.services.registry.zones().ListDomains(caller.account));
  DomainChangeset changeset;
  std::vector<std::string> wanted;
  for (const DomainOrigin& origin : input) {
    wanted.push_back(registry::LowerHost(origin.hostname));
    const auto found = std::ranges::find(all, wanted.back(),
                                         &registry::CustomDomain::hostname);
    if (found == all.end()) {
      changeset.added.push_back({.hostname = wanted.back()});
    } else {
      changeset.updated.push_back(
          {.id = found->id.value,
           .hostname = found->hostname,
           .modified = found->worker != path.script_name,
           .previews_enabled = false});
    }
  }
  if (!query.value.replace_state.value_or(false)) return changeset;
  for (const registry::CustomDomain& domain : all) {
    if (domain.worker == path.script_name &&
        std::ranges::find(wanted, domain.hostname) == wanted.end()) {
      changeset.removed.push_back(Seen(domain));
    }
  }
  return changeset;
}

Result<std::vector<DomainSeen>> PutDomainRecords(Caller& caller,
                                                 const ScriptPath& path,
                                                 DomainsInput input) {
  CARAVEL_TRY(const std::vector<Zones::NewDomain> domains,
              ToDomains(input.origins));
  CARAVEL_TRY(
      const Zones::DomainsChanged changed,
      caller.services.registry.zones().PutDomains(
          caller.account, path.script_name, domains, Zones::Others::kRemove,
          input.override_existing_origin.value_or(false)));
  caller.services.observer.Published(changed.sequence);
  std::vector<DomainSeen> seen;
  for (const registry::CustomDomain& domain : changed.domains) {
    seen.push_back(Seen(domain));
  }
  return seen;
}

Result<std::vector<DomainSeen>> ListDomains(Caller& caller, const AccountPath&,
                                            Query<DomainsQuery> query) {
  const DomainsQuery& asked = query.value;
  CARAVEL_TRY(const std::vector<registry::CustomDomain> all,
              caller.services.registry.zones().ListDomains(caller.account));
  std::vector<DomainSeen> seen;
  for (const registry::CustomDomain& domain : all) {
    if (asked.service && *asked.service != domain.worker) continue;
    if (asked.hostname &&
        registry::LowerHost(*asked.hostname) != domain.hostname) {
      continue;
    }
    if (asked.zone_id && *asked.zone_id != domain.zone.value) continue;
    if (asked.zone_name && *asked.zone_name != domain.zone_name) continue;
    seen.push_back(Seen(domain));
  }
  return seen;
}

Result<DomainSeen> PutDomain(Caller& caller, const AccountPath&,
                             DomainInput input) {
  CARAVEL_TRY(const Zones::DomainsChanged changed,
              caller.services.registry.zones().PutDomains(
                  caller.account, input.service,
                  {{.hostname = input.hostname,
                    .zone_id = input.zone_id,
                    .zone_name = input.zone_name}},
                  Zones::Others::kKeep, /*may_take=*/true));
  caller.services.observer.Published(changed.sequence);
  const auto found =
      std::ranges::find(changed.domains, registry::LowerHost(input.hostname),
                        &registry::CustomDomain::hostname);
  CARAVEL_CHECK(found != changed.domains.end(), input.hostname);
  return Seen(*found);
}

Result<DomainSeen> GetDomain(Caller& caller, const DomainPath& path) {
  CARAVEL_TRY(const std::vector<registry::CustomDomain> all,
              caller.services.registry.zones().ListDomains(caller.account));
  for (const registry::CustomDomain& domain : all) {
    if (domain.id.value == path.domain_id) return Seen(domain);
  }
  return Error(ErrorCode::kNotFound,
               fmt::format("custom domain {} does not exist in this account",
                           path.domain_id));
}

Result<void> DeleteDomain(Caller& caller, const DomainPath& path) {
  CARAVEL_TRY(const registry::Sequence sequence,
              caller.services.registry.zones().RemoveDomain(caller.account,
                                                            {path.domain_id}));
  caller.services.observer.Published(sequence);
  return {};
}

}  // namespace caravel::api
