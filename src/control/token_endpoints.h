#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <vector>

#include "control/endpoint_traits.h"
#include "control/given_name.h"
#include "control/paging.h"
#include "control/paths.h"
#include "control/services.h"
#include "control/token_policies.h"

// API tokens of an account. Paths and fields are those of the Cloudflare API,
// whose policies name permission groups; `scopes` is Caravel's own and shorter
// way to say the same.
namespace caravel::api {

struct TokenPath {
  std::string account_id;
  std::string token_id;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&TokenPath::account_id, "Id of the account"),
        api::Field(&TokenPath::token_id, "Id of the token").Length(1, 64));
  }
};
BOOST_DESCRIBE_STRUCT(TokenPath, (), (account_id, token_id))

struct TokenInput {
  std::string name;
  std::vector<std::string> scopes;
  std::vector<TokenPolicy> policies;
  std::optional<std::string> status;
  std::optional<std::string> not_before;
  std::optional<std::string> expires_on;
  std::optional<boost::json::value> condition;
  std::optional<std::string> member;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&TokenInput::name, "What people call it")
            .Length(1, 120)
            .Check(CheckTokenName),
        api::Field(&TokenInput::scopes, "What it may do: workers:write …"),
        api::Field(&TokenInput::policies, "The same, as permission groups"),
        api::Field(&TokenInput::status, "active or disabled"),
        api::Field(&TokenInput::not_before, "Valid from then on (RFC 3339)"),
        api::Field(&TokenInput::expires_on, "Valid until then (RFC 3339)"),
        api::Field(&TokenInput::member,
                   "E-mail address of the member whose it is to be"));
  }
};
BOOST_DESCRIBE_STRUCT(TokenInput, (),
                      (name, scopes, policies, status, not_before, expires_on,
                       condition, member))

struct ApiTokenSeen {
  std::string id;
  std::string name;
  std::string status;  // active, disabled or expired
  std::string issued_on;
  std::string modified_on;
  std::optional<std::string> last_used_on;  // to the hour
  std::optional<std::string> not_before;
  std::optional<std::string> expires_on;
  std::vector<TokenPolicy> policies;
  std::vector<std::string> scopes;
  std::optional<std::string> member;  // e-mail address; none: the account's own
  std::optional<std::string> value;   // where it was just made
};
BOOST_DESCRIBE_STRUCT(ApiTokenSeen, (),
                      (id, name, status, issued_on, modified_on, last_used_on,
                       not_before, expires_on, policies, scopes, member, value))

struct TokenGoneSeen {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(TokenGoneSeen, (), (id))

struct GroupSeen {
  std::string id;
  std::string name;
  std::vector<std::string> scopes;  // kinds of what it is for
  std::string scope;                // as in `scopes` of a token
};
BOOST_DESCRIBE_STRUCT(GroupSeen, (), (id, name, scopes, scope))

Result<Page<ApiTokenSeen>> ListTokens(Caller& caller, const AccountPath& path,
                                      Query<PageQuery> query);
Result<ApiTokenSeen> PostToken(Caller& caller, const AccountPath& path,
                               TokenInput input);
Result<ApiTokenSeen> GetToken(Caller& caller, const TokenPath& path);
Result<ApiTokenSeen> PutToken(Caller& caller, const TokenPath& path,
                              TokenInput input);
Result<std::string> PutTokenValue(Caller& caller, const TokenPath& path);
Result<TokenGoneSeen> DeleteToken(Caller& caller, const TokenPath& path);
Result<std::vector<GroupSeen>> ListPermissionGroups(Caller& caller,
                                                    const AccountPath& path);

// As the Cloudflare API numbers them.
inline constexpr ErrorNumbers kTokenErrors{
    .invalid = 1001, .not_found = 1003, .conflict = 1005, .denied = 9109};

inline constexpr std::string_view kTokenExample =
    R"({"name":"deploys","scopes":["workers:write"],)"
    R"("expires_on":"2027-01-01T00:00:00Z"})";

inline constexpr Endpoint kListTokens{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/tokens",
    .scope = Scope::kTokensRead,
    .summary = "List the API tokens of an account, without what opens",
    .errors = kTokenErrors,
    .handler = &ListTokens,
};

inline constexpr Endpoint kPostToken{
    .method = Method::kPost,
    .path = "/accounts/{account_id}/tokens",
    .scope = Scope::kTokensWrite,
    .summary = "Make an API token, whose value is shown this once",
    .example = kTokenExample,
    .errors = kTokenErrors,
    .handler = &PostToken,
};

inline constexpr Endpoint kGetToken{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/tokens/{token_id}",
    .scope = Scope::kTokensRead,
    .summary = "See an API token, without what opens",
    .errors = kTokenErrors,
    .handler = &GetToken,
};

inline constexpr Endpoint kPutToken{
    .method = Method::kPut,
    .path = "/accounts/{account_id}/tokens/{token_id}",
    .scope = Scope::kTokensWrite,
    .summary = "Change name, scopes, status and times of an API token",
    .example = kTokenExample,
    .errors = kTokenErrors,
    .handler = &PutToken,
};

inline constexpr Endpoint kPutTokenValue{
    .method = Method::kPut,
    .path = "/accounts/{account_id}/tokens/{token_id}/value",
    .scope = Scope::kTokensWrite,
    .summary = "Give an API token another value, which is shown this once",
    .errors = kTokenErrors,
    .handler = &PutTokenValue,
};

inline constexpr Endpoint kDeleteToken{
    .method = Method::kDelete,
    .path = "/accounts/{account_id}/tokens/{token_id}",
    .scope = Scope::kTokensWrite,
    .summary = "Remove an API token, which opens nothing from then on",
    .errors = kTokenErrors,
    .handler = &DeleteToken,
};

inline constexpr Endpoint kListPermissionGroups{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/tokens/permission_groups",
    .scope = Scope::kTokensRead,
    .summary = "List what API tokens can be allowed",
    .errors = kTokenErrors,
    .handler = &ListPermissionGroups,
};

}  // namespace caravel::api
