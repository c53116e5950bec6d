#include "control/permissions.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest_name.h"
#include "storage/digest.h"

namespace caravel::api {
namespace {

bool Holds(const registry::TokenOwner& owner, std::string_view scope) {
  return std::ranges::find(owner.scopes, scope) != owner.scopes.end();
}

const ScopeInfo* FindScope(std::string_view name) {
  const auto found = std::ranges::find(kScopes, name, &ScopeInfo::name);
  return found == kScopes.end() || !IsGrantable(found->scope) ? nullptr
                                                              : &*found;
}

Error NoSuchScope(std::string_view name) {
  std::vector<std::string_view> names;
  std::string list;
  for (const ScopeInfo& info : kScopes) {
    if (!IsGrantable(info.scope)) continue;
    names.push_back(info.name);
    list += fmt::format("{}{}", list.empty() ? "" : ", ", info.name);
  }
  return Error(ErrorCode::kInvalid,
               fmt::format("scope \"{}\" does not exist{}", name.substr(0, 100),
                           base::DidYouMean(name, names)))
      .Remedy(fmt::format("there are {}", list));
}

}  // namespace

bool IsAllowed(const registry::TokenOwner& owner, Scope scope) {
  if (scope == Scope::kPublic) return true;
  const std::string_view name = ScopeName(scope);
  if (Holds(owner, registry::kEveryScope) || Holds(owner, name)) return true;
  const std::string_view family = name.substr(0, name.find(':'));
  return name.ends_with(":read") &&
         Holds(owner, fmt::format("{}:write", family));
}

bool IsGrantable(Scope scope) {
  return scope != Scope::kPublic && scope != Scope::kUploadSession;
}

std::vector<PermissionGroup> PermissionGroups() {
  constexpr size_t kIdDigits = 32;
  std::vector<PermissionGroup> groups;
  for (const ScopeInfo& info : kScopes) {
    if (!IsGrantable(info.scope)) continue;
    std::string id(info.group_id);
    if (id.empty()) {
      id = storage::Sha256Hex(fmt::format("permission group {}", info.name))
               .substr(0, kIdDigits);
    }
    groups.push_back({.id = std::move(id),
                      .name = info.group.empty() ? info.name : info.group,
                      .scope = info.name});
  }
  return groups;
}

Status CheckMayGrant(const Caller& caller,
                     const std::vector<std::string>& scopes) {
  for (const std::string& name : scopes) {
    bool has = false;
    if (name == registry::kEveryScope) {
      // In the first account that is to run the platform.
      CARAVEL_TRY(const registry::Account account,
                  caller.services.registry.GetAccount(caller.account));
      has = Holds(caller.owner, name) &&
            (account.number != 1 || caller.owner.runs_platform);
    } else {
      const ScopeInfo* info = FindScope(name);
      if (info == nullptr) return NoSuchScope(name);
      has = IsAllowed(caller.owner, info->scope);
    }
    if (has) continue;
    return Error(ErrorCode::kDenied,
                 fmt::format("token \"{}\" lacks the scope \"{}\" itself and "
                             "cannot give it",
                             caller.owner.name, name))
        .Remedy("leave that scope out, or use a token that has it");
  }
  return {};
}

}  // namespace caravel::api
