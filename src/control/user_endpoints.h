#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/endpoint_traits.h"
#include "control/paging.h"
#include "control/paths.h"
#include "control/services.h"

// Who asks, and which accounts are theirs: what `wrangler whoami` looks at.
namespace caravel::api {

struct AccountSeen {
  std::string id;
  std::string name;
  std::string type;
  std::string subdomain;  // its Workers answer under NAME.SUBDOMAIN.…
  std::string created_on;
};
BOOST_DESCRIBE_STRUCT(AccountSeen, (), (id, name, type, subdomain, created_on))

AccountSeen SeenAccount(const registry::Account& account);

struct MembershipSeen {
  std::string id;
  std::string status;
  AccountSeen account;
  std::vector<std::string> roles;
};
BOOST_DESCRIBE_STRUCT(MembershipSeen, (), (id, status, account, roles))

struct TokenSeen {
  std::string id;
  std::string status;
  std::optional<std::string> not_before;
  std::optional<std::string> expires_on;
};
BOOST_DESCRIBE_STRUCT(TokenSeen, (), (id, status, not_before, expires_on))

struct UserSeen {
  std::string id;
  std::string email;
};
BOOST_DESCRIBE_STRUCT(UserSeen, (), (id, email))

Result<UserSeen> GetUser(Caller& caller);
Result<TokenSeen> VerifyUserToken(Caller& caller);
Result<TokenSeen> VerifyAccountToken(Caller& caller, const AccountPath& path);
Result<Page<AccountSeen>> ListAccounts(Caller& caller, Query<PageQuery> query);
Result<Page<MembershipSeen>> ListMemberships(Caller& caller,
                                             Query<PageQuery> query);
Result<AccountSeen> GetAccount(Caller& caller, const AccountPath& path);

inline constexpr Endpoint kGetUser{
    .method = Method::kGet,
    .path = "/user",
    .scope = Scope::kUserRead,
    .summary =
        "The member whom the token belongs to; tokens of accounts have none",
    .errors = {.denied = 9109},
    .handler = &GetUser,
};

// Number 1000 tells wrangler that the token is an account's.
inline constexpr Endpoint kVerifyUserToken{
    .method = Method::kGet,
    .path = "/user/tokens/verify",
    .scope = Scope::kAnyToken,
    .summary =
        "Whether the token is a valid one of a member: those of accounts "
        "are not",
    .errors = {.invalid = 1000},
    .handler = &VerifyUserToken,
};

inline constexpr Endpoint kVerifyAccountToken{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/tokens/verify",
    .scope = Scope::kAnyToken,
    .summary = "Whether the token is a valid one of the account",
    .handler = &VerifyAccountToken,
};

inline constexpr Endpoint kListAccounts{
    .method = Method::kGet,
    .path = "/accounts",
    .scope = Scope::kAccountRead,
    .summary = "List the accounts that the token may use",
    .handler = &ListAccounts,
};

inline constexpr Endpoint kGetAccount{
    .method = Method::kGet,
    .path = "/accounts/{account_id}",
    .scope = Scope::kAccountRead,
    .summary = "See an account",
    .handler = &GetAccount,
};

inline constexpr Endpoint kListMemberships{
    .method = Method::kGet,
    .path = "/memberships",
    .scope = Scope::kAccountRead,
    .summary = "List the memberships in accounts, with their roles",
    .handler = &ListMemberships,
};

}  // namespace caravel::api
