#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/scope.h"

// Which scopes tokens can be given, and what the Cloudflare API calls them.
namespace caravel::api {

// Whether a token can be given the scope.
bool IsGrantable(Scope scope);

// Scopes as the Cloudflare API calls them.
struct PermissionGroup {
  std::string id;  // the same at each start and in each installation
  std::string_view name;
  std::string_view scope;
  bool of_zones = false;  // of zones of an account, not of the account
};
// Of all scopes that a token can be given.
std::vector<PermissionGroup> PermissionGroups();

}  // namespace caravel::api
