#include "control/user_endpoints.h"

#include "base/clock.h"
#include "control/roles.h"
#include "control/time_input.h"

namespace caravel::api {
namespace {

bool IsMembers(const Caller& caller) {
  return !caller.owner.user.value.empty();
}

TokenSeen SeenToken(const registry::Token& token) {
  // One that is not active got no further than ApiHandler.
  return {.id = token.id.value,
          .status = "active",
          .not_before = TimeText(token.terms.not_before),
          .expires_on = TimeText(token.terms.expires)};
}

Result<TokenSeen> Verify(const Caller& caller) {
  CARAVEL_TRY(const registry::Token token,
              caller.services.registry.tokens().Get(caller.owner.account,
                                                    caller.owner.token));
  return SeenToken(token);
}

}  // namespace

AccountSeen SeenAccount(const registry::Account& account) {
  return {.id = account.id.value,
          .name = account.name,
          .type = "standard",
          .subdomain = account.subdomain,
          .created_on = base::FormatTime(account.created)};
}

Result<UserSeen> GetUser(Caller& caller) {
  if (IsMembers(caller)) {
    return UserSeen{.id = caller.owner.user.value, .email = caller.owner.email};
  }
  return Error(ErrorCode::kDenied,
               fmt::format("token \"{}\": belongs to an account, not to a user "
                           "with an e-mail address",
                           caller.owner.name));
}

Result<TokenSeen> VerifyUserToken(Caller& caller) {
  if (IsMembers(caller)) return Verify(caller);
  return Error(ErrorCode::kInvalid,
               fmt::format("token \"{}\": is valid, and belongs to an account",
                           caller.owner.name))
      .Remedy(fmt::format("verify it at /accounts/{}/tokens/verify",
                          caller.owner.account.value));
}

Result<TokenSeen> VerifyAccountToken(Caller& caller, const AccountPath&) {
  return Verify(caller);
}

Result<Page<AccountSeen>> ListAccounts(Caller& caller, Query<PageQuery> query) {
  registry::Registry& registry = caller.services.registry;
  std::vector<AccountSeen> seen;
  if (caller.owner.runs_platform) {
    CARAVEL_TRY(const std::vector<registry::Account> accounts,
                registry.ListAccounts());
    for (const registry::Account& account : accounts) {
      seen.push_back(SeenAccount(account));
    }
  } else if (IsMembers(caller)) {
    for (const registry::Seat& seat : caller.owner.seats) {
      CARAVEL_TRY(const registry::Account account,
                  registry.GetAccount(seat.account));
      seen.push_back(SeenAccount(account));
    }
  } else {
    CARAVEL_TRY(const registry::Account account,
                registry.GetAccount(caller.owner.account));
    seen.push_back(SeenAccount(account));
  }
  return PageOf(std::move(seen), query.value);
}

Result<AccountSeen> GetAccount(Caller& caller, const AccountPath&) {
  CARAVEL_TRY(const registry::Account account,
              caller.services.registry.GetAccount(caller.account));
  return SeenAccount(account);
}

// wrangler takes an account that is both here and among the accounts: who runs
// the platform sees each, and by default works in its own.
Result<Page<MembershipSeen>> ListMemberships(Caller& caller,
                                             Query<PageQuery> query) {
  std::vector<registry::Seat> seats = caller.owner.seats;
  if (!IsMembers(caller)) {
    seats.push_back({.account = caller.owner.account,
                     .role = registry::Role::kAdministrator,
                     .membership = caller.owner.token.value});
  }
  std::vector<MembershipSeen> seen;
  for (const registry::Seat& seat : seats) {
    CARAVEL_TRY(const registry::Account account,
                caller.services.registry.GetAccount(seat.account));
    seen.push_back({.id = seat.membership,
                    .status = "accepted",
                    .account = SeenAccount(account),
                    .roles = {std::string(InfoOf(seat.role).name)}});
  }
  return PageOf(std::move(seen), query.value);
}

}  // namespace caravel::api
