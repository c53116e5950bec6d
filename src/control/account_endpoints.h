#pragma once

#include <optional>
#include <string>

#include "control/endpoint_traits.h"
#include "control/given_name.h"
#include "control/user_endpoints.h"

// Accounts are made and removed by who runs the platform. Paths and fields are
// those of the Cloudflare API; `subdomain` is Caravel's own.
namespace caravel::api {

struct AccountInput {
  std::string name;
  std::optional<std::string> type;
  std::optional<std::string> subdomain;

  static constexpr auto Rules() {
    return api::Rules(api::Field(&AccountInput::name, "What people call it")
                          .Length(1, registry::Accounts::kLongestName)
                          .Check(CheckGivenName),
                      api::Field(&AccountInput::type, "standard"),
                      api::Field(&AccountInput::subdomain,
                                 "Its Workers answer under NAME.SUBDOMAIN.…"));
  }
};
BOOST_DESCRIBE_STRUCT(AccountInput, (), (name, type, subdomain))

struct AccountChange {
  std::string name;
  std::optional<std::string> id;
  std::optional<std::string> type;

  static constexpr auto Rules() {
    return api::Rules(api::Field(&AccountChange::name, "What people call it")
                          .Length(1, registry::Accounts::kLongestName)
                          .Check(CheckGivenName));
  }
};
BOOST_DESCRIBE_STRUCT(AccountChange, (), (name, id, type))

struct AccountGoneSeen {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(AccountGoneSeen, (), (id))

Result<AccountSeen> PostAccount(Caller& caller, AccountInput input);
Result<AccountSeen> PutAccount(Caller& caller, const AccountPath& path,
                               AccountChange input);
Result<AccountGoneSeen> DeleteAccount(Caller& caller, const AccountPath& path);

inline constexpr ErrorNumbers kAccountErrors{
    .invalid = 1001, .not_found = 7003, .conflict = 1005, .denied = 9109};

inline constexpr Endpoint kPostAccount{
    .method = Method::kPost,
    .path = "/accounts",
    .scope = Scope::kPlatformWrite,
    .summary = "Make an account",
    .example = R"({"name":"Acme","type":"standard","subdomain":"acme"})",
    .errors = kAccountErrors,
    .handler = &PostAccount,
};

inline constexpr Endpoint kPutAccount{
    .method = Method::kPut,
    .path = "/accounts/{account_id}",
    .scope = Scope::kAccountWrite,
    .summary = "Rename an account, whose subdomain stays",
    .example = R"({"name":"Acme"})",
    .errors = kAccountErrors,
    .handler = &PutAccount,
};

inline constexpr Endpoint kDeleteAccount{
    .method = Method::kDelete,
    .path = "/accounts/{account_id}",
    .scope = Scope::kPlatformWrite,
    .summary =
        "Remove an account that has no Workers, zones or namespaces any more",
    .errors = kAccountErrors,
    .handler = &DeleteAccount,
};

}  // namespace caravel::api
