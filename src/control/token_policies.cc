#include "control/token_policies.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/permission_groups.h"

namespace caravel::api {
namespace {

constexpr std::string_view kAccountResource = "com.cloudflare.api.account.";
constexpr std::string_view kZonesResource = "com.cloudflare.api.account.zone.*";

// Whether a resource is all zones of the account, or the account with all that
// it has; kInvalid: it is less, or of another account.
Result<bool> IsZonesOnly(std::string_view name, const boost::json::value& value,
                         const registry::AccountId& account,
                         std::string_view where) {
  const bool is_all = value == boost::json::value("*");
  if (is_all && name == kZonesResource) return true;
  if (name.starts_with(kAccountResource)) {
    const std::string_view of = name.substr(kAccountResource.size());
    const bool is_account = of == account.value || of == "*";
    if (is_account && is_all) return false;
    const auto* inner = value.if_object();
    const auto* zones =
        inner == nullptr ? nullptr : inner->if_contains(kZonesResource);
    if (is_account && zones != nullptr && inner->size() == 1 &&
        *zones == boost::json::value("*")) {
      return true;
    }
  }
  return Error(ErrorCode::kInvalid,
               fmt::format("{}.resources: \"{}\": a token is for all of one "
                           "account; less than that is not built",
                           where, name.substr(0, 200)))
      .Remedy(
          fmt::format("say \"{}{}\": \"*\"", kAccountResource, account.value));
}

// The same of all resources of a policy.
Result<bool> IsZonesOnly(const TokenPolicy& policy, std::string_view where,
                         const registry::AccountId& account) {
  if (policy.resources.empty()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("{}.resources: names nothing", where))
        .Remedy(fmt::format("say \"{}{}\": \"*\"", kAccountResource,
                            account.value));
  }
  bool zones_only = true;
  for (const auto& [name, value] : policy.resources) {
    CARAVEL_TRY(const bool is_zones, IsZonesOnly(name, value, account, where));
    zones_only = zones_only && is_zones;
  }
  return zones_only;
}

Status AddScopes(const TokenPolicy& policy, const std::string& where,
                 const registry::AccountId& account,
                 const std::vector<PermissionGroup>& groups,
                 std::vector<std::string>& scopes) {
  if (policy.effect != "allow") {
    return Error(ErrorCode::kInvalid,
                 fmt::format("{}.effect: \"{}\" is not built", where,
                             policy.effect.substr(0, 100)))
        .Remedy("say \"allow\", and leave out what it must not do");
  }
  CARAVEL_TRY(const bool zones_only, IsZonesOnly(policy, where, account));
  for (const GroupNamed& named : policy.permission_groups) {
    const auto group =
        std::ranges::find(groups, named.id, &PermissionGroup::id);
    if (group == groups.end()) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("{}.permission_groups: \"{}\" ({}) is none that "
                               "Caravel has",
                               where, named.id.substr(0, 100),
                               named.name.value_or("no name").substr(0, 100)))
          .Remedy("GET …/tokens/permission_groups lists those it has");
    }
    if (zones_only && !group->of_zones) {
      return Error(
                 ErrorCode::kInvalid,
                 fmt::format("{}.permission_groups: \"{}\" is of accounts, and "
                             "the policy is for zones",
                             where, group->name))
          .Remedy(fmt::format("say \"{}{}\": \"*\" in its resources",
                              kAccountResource, account.value));
    }
    scopes.emplace_back(group->scope);
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> ScopesOf(
    const std::vector<TokenPolicy>& policies,
    const registry::AccountId& account) {
  const std::vector<PermissionGroup> groups = PermissionGroups();
  std::vector<std::string> scopes;
  for (size_t i = 0; i < policies.size(); ++i) {
    CARAVEL_TRY(AddScopes(policies[i], fmt::format("policies[{}]", i), account,
                          groups, scopes));
  }
  return scopes;
}

TokenPolicy PolicyOf(const registry::Token& token) {
  TokenPolicy policy{
      .id = token.id.value,
      .effect = "allow",
      .resources = {{fmt::format("{}{}", kAccountResource, token.account.value),
                     boost::json::value("*")}},
      .permission_groups = {}};
  const std::vector<std::string>& scopes = token.terms.scopes;
  const auto holds = [&](std::string_view scope) {
    return std::ranges::find(scopes, scope) != scopes.end();
  };
  for (const PermissionGroup& group : PermissionGroups()) {
    if (!holds(group.scope) && !holds(registry::kEveryScope)) continue;
    policy.permission_groups.push_back(
        {.id = group.id, .name = std::string(group.name)});
  }
  return policy;
}

}  // namespace caravel::api
