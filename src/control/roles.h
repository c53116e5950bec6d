#pragma once

#include <array>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/scope.h"
#include "registry/token.h"

// What members of an account may do. A token of a member may do what both its
// scopes and the member's role allow.
namespace caravel::api {

struct RoleInfo {
  registry::Role role;
  std::string_view key;   // as commands name it
  std::string_view name;  // as the Cloudflare API names one like it
  std::string_view description;
};

inline constexpr std::array kRoles = {
    RoleInfo{registry::Role::kAdministrator, "administrator", "Administrator",
             "Can do everything in the account"},
    RoleInfo{registry::Role::kDeveloper, "developer", "Workers Admin",
             "Can deploy and change Workers and what they store, but neither "
             "zones nor tokens nor members"},
    RoleInfo{registry::Role::kReader, "reader", "Administrator Read Only",
             "Can see everything in the account and change nothing"},
};

const RoleInfo& InfoOf(registry::Role role);

// The same at each start and in each installation.
std::string RoleId(const RoleInfo& info);

// The role that an input names, by `role` or in `roles`.
Result<registry::Role> RoleIn(const std::optional<std::string>& role,
                              const std::vector<boost::json::value>& roles);

bool RoleAllows(registry::Role role, Scope scope);

}  // namespace caravel::api
