#pragma once

#include <boost/describe.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "control/rules.h"
#include "registry/token.h"

// What a token may do, as the Cloudflare API says it: policies that name
// permission groups. A token here is for all of one account, and its policies
// come to the scopes that the groups stand for.
namespace caravel::api {

struct GroupNamed {
  std::string id;
  std::optional<std::string> name;
};
BOOST_DESCRIBE_STRUCT(GroupNamed, (), (id, name))

struct TokenPolicy {
  std::optional<std::string> id;
  std::string effect;
  std::map<std::string, boost::json::value> resources;
  std::vector<GroupNamed> permission_groups;

  static constexpr auto Rules() {
    return api::Rules(api::Field(&TokenPolicy::effect, "allow"),
                      api::Field(&TokenPolicy::resources,
                                 "com.cloudflare.api.account.ACCOUNT: \"*\""));
  }
};
BOOST_DESCRIBE_STRUCT(TokenPolicy, (),
                      (id, effect, resources, permission_groups))

// The scopes that the policies come to, in their order; some may be repeated.
// kInvalid, naming the place: a policy says less than all of the account, or
// what is not built.
Result<std::vector<std::string>> ScopesOf(
    const std::vector<TokenPolicy>& policies,
    const registry::AccountId& account);

// The policy that says what the token may do.
TokenPolicy PolicyOf(const registry::Token& token);

}  // namespace caravel::api
