#include "control/permissions.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "base/lower_case.h"
#include "base/nearest_name.h"
#include "control/permission_groups.h"
#include "control/roles.h"

namespace caravel::api {
namespace {

bool Holds(const registry::TokenOwner& owner, std::string_view scope) {
  return std::ranges::find(owner.scopes, scope) != owner.scopes.end();
}

// The member's place in the account; nullptr: they have none.
const registry::Seat* SeatIn(const registry::TokenOwner& owner,
                             const registry::AccountId& account) {
  const auto seat =
      std::ranges::find(owner.seats, account, &registry::Seat::account);
  return seat == owner.seats.end() ? nullptr : &*seat;
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

Result<bool> Opens(registry::Registry& registry,
                   const registry::TokenOwner& owner,
                   const registry::AccountId& account) {
  if (!owner.user.value.empty()) return SeatIn(owner, account) != nullptr;
  if (account == owner.account) return true;
  if (!owner.runs_platform) return false;
  const Result<registry::Account> found = registry.GetAccount(account);
  if (found) return true;
  if (found.error().code() == ErrorCode::kNotFound) return false;
  return found.error().Clone();
}

bool IsAllowed(const registry::TokenOwner& owner,
               const registry::AccountId& account, Scope scope) {
  if (scope == Scope::kPublic || scope == Scope::kAnyToken) return true;
  if (scope == Scope::kPlatformWrite) return owner.runs_platform;
  if (!owner.user.value.empty()) {
    const registry::Seat* seat = SeatIn(owner, account);
    if (seat == nullptr || !RoleAllows(seat->role, scope)) return false;
  }
  const std::string_view name = ScopeName(scope);
  if (Holds(owner, registry::kEveryScope) || Holds(owner, name)) return true;
  const std::string_view family = name.substr(0, name.find(':'));
  return name.ends_with(":read") &&
         Holds(owner, fmt::format("{}:write", family));
}

Error NotAllowed(const registry::TokenOwner& owner,
                 const registry::AccountId& account, Scope scope) {
  const registry::Seat* seat =
      owner.user.value.empty() ? nullptr : SeatIn(owner, account);
  const std::string lacks =
      fmt::format("Authentication error: token \"{}\" lacks the scope \"{}\"",
                  owner.name, ScopeName(scope));
  if (seat == nullptr || RoleAllows(seat->role, scope)) {
    return Error(ErrorCode::kDenied, lacks).Remedy("use a token that has it");
  }
  return Error(ErrorCode::kDenied,
               fmt::format("{}: {} is a {} in this account, whose tokens do "
                           "not have it",
                           lacks, owner.email, InfoOf(seat->role).key))
      .Remedy(
          RoleAllows(registry::Role::kAdministrator, scope)
              ? fmt::format("give them another role: ./caravel member set {} "
                            "--role {} --account {}",
                            owner.email,
                            RoleAllows(registry::Role::kDeveloper, scope)
                                ? InfoOf(registry::Role::kDeveloper).key
                                : InfoOf(registry::Role::kAdministrator).key,
                            account.value)
              : "use a token of the first account that is no member's");
}

Error NoSuchAccount(const registry::TokenOwner& owner,
                    std::string_view account) {
  return Error(ErrorCode::kNotFound,
               fmt::format("account \"{}\" does not exist, or is not one of "
                           "this token's",
                           account.substr(0, 100)))
      .Remedy(fmt::format("remove \"account_id\" from the wrangler "
                          "configuration and set CLOUDFLARE_ACCOUNT_ID to {0}, "
                          "or set both to {0}",
                          owner.account.value));
}

Status CheckMayGrant(const Caller& caller,
                     const std::vector<std::string>& scopes, bool to_member) {
  const auto has = [&](Scope scope) {
    return IsAllowed(caller.owner, caller.account, scope);
  };
  CARAVEL_TRY(const registry::Account account,
              caller.services.registry.GetAccount(caller.account));
  const bool may_run_platform = account.number == 1 && !to_member;
  for (const std::string& name : scopes) {
    bool may_give = false;
    if (name == registry::kEveryScope) {
      may_give = std::ranges::all_of(kScopes, [&](const ScopeInfo& info) {
        return !IsGrantable(info.scope) || has(info.scope) ||
               (info.scope == Scope::kPlatformWrite && !may_run_platform);
      });
    } else {
      const ScopeInfo* info = FindScope(name);
      if (info == nullptr) return NoSuchScope(name);
      if (info->scope == Scope::kPlatformWrite && !may_run_platform) {
        return Error(ErrorCode::kInvalid,
                     fmt::format("scope \"{}\": opens nothing but by a token "
                                 "of the first account that is no member's",
                                 name))
            .Remedy("leave it out");
      }
      may_give = has(info->scope);
    }
    if (may_give) continue;
    return Error(ErrorCode::kDenied,
                 fmt::format("token \"{}\" lacks the scope \"{}\" itself and "
                             "cannot give it",
                             caller.owner.name, name))
        .Remedy("leave that scope out, or use a token that has it");
  }
  return {};
}

Status CheckMayLast(const Caller& caller,
                    const std::optional<base::WallTime>& expires) {
  const std::optional<base::WallTime>& own = caller.owner.expires;
  if (!own || (expires && *expires <= *own)) return {};
  const std::string until = base::FormatTime(*own);
  return Error(ErrorCode::kDenied,
               fmt::format("token \"{}\" is valid until {} and makes none that "
                           "is valid longer",
                           caller.owner.name, until))
      .Remedy(fmt::format("say \"expires_on\", {} at the latest", until));
}

Status CheckMayActAs(const Caller& caller, std::string_view email) {
  if (base::LowerCase(email) == caller.owner.email ||
      IsAllowed(caller.owner, caller.account, Scope::kAccountWrite)) {
    return {};
  }
  return Error(ErrorCode::kDenied,
               fmt::format("token \"{}\" lacks the scope \"{}\" and makes no "
                           "token of {}",
                           caller.owner.name, ScopeName(Scope::kAccountWrite),
                           email.substr(0, 254)))
      .Remedy("leave out \"member\", or use a token that has it");
}

}  // namespace caravel::api
