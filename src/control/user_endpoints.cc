#include "control/user_endpoints.h"

#include "base/clock.h"

namespace caravel::api {
namespace {

AccountSeen Seen(const registry::Account& account) {
  return {.id = account.id.value,
          .name = account.name,
          .type = "standard",
          .created_on = base::FormatTime(account.created)};
}

}  // namespace

Result<UserSeen> GetUser(Caller& caller) {
  return Error(ErrorCode::kDenied,
               fmt::format("token \"{}\": belongs to an account, not to a user "
                           "with an e-mail address",
                           caller.owner.name));
}

Result<TokenSeen> VerifyUserToken(Caller& caller) {
  return Error(ErrorCode::kInvalid,
               fmt::format("token \"{}\": is valid, and belongs to an account",
                           caller.owner.name))
      .Remedy(fmt::format("verify it at /accounts/{}/tokens/verify",
                          caller.owner.account.value));
}

Result<TokenSeen> VerifyAccountToken(Caller& caller, const AccountPath&) {
  // One that is not active got no further than ApiHandler.
  CARAVEL_TRY(const registry::Token token,
              caller.services.registry.tokens().Get(caller.owner.account,
                                                    caller.owner.token));
  const auto text = [](const std::optional<base::WallTime>& time) {
    return time ? std::optional(base::FormatTime(*time)) : std::nullopt;
  };
  return TokenSeen{.id = token.id.value,
                   .status = "active",
                   .not_before = text(token.terms.not_before),
                   .expires_on = text(token.terms.expires)};
}

Result<Page<AccountSeen>> ListAccounts(Caller& caller, Query<PageQuery> query) {
  CARAVEL_TRY(const registry::Account account,
              caller.services.registry.GetAccount(caller.owner.account));
  return PageOf(std::vector{Seen(account)}, query.value);
}

Result<AccountSeen> GetAccount(Caller& caller, const AccountPath&) {
  CARAVEL_TRY(const registry::Account account,
              caller.services.registry.GetAccount(caller.account));
  return Seen(account);
}

Result<Page<MembershipSeen>> ListMemberships(Caller& caller,
                                             Query<PageQuery> query) {
  CARAVEL_TRY(const registry::Account account,
              caller.services.registry.GetAccount(caller.owner.account));
  return PageOf(std::vector{MembershipSeen{.id = caller.owner.token.value,
                                           .status = "accepted",
                                           .account = Seen(account),
                                           .roles = {"Administrator"}}},
                query.value);
}

}  // namespace caravel::api
