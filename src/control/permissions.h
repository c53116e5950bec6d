#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/scope.h"
#include "control/services.h"

// What tokens may do, and which they may make.
namespace caravel::api {

// Whether the token may do what needs `scope`. A write scope includes its read
// scope.
bool IsAllowed(const registry::TokenOwner& owner, Scope scope);

// Whether a token can be given the scope.
bool IsGrantable(Scope scope);

// Scopes as the Cloudflare API calls them.
struct PermissionGroup {
  std::string id;  // the same at each start and in each installation
  std::string_view name;
  std::string_view scope;
};
// Of all scopes that a token can be given.
std::vector<PermissionGroup> PermissionGroups();

// kInvalid: a scope that does not exist, with the nearest that does. kDenied:
// one that the caller's token lacks, for nobody gives more than they have.
Status CheckMayGrant(const Caller& caller,
                     const std::vector<std::string>& scopes);

}  // namespace caravel::api
