#include "control/roles.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest_name.h"
#include "storage/digest.h"

namespace caravel::api {
namespace {

// Of a list of roles as the Cloudflare API takes it: ids, or objects with one.
Result<std::string> OnlyRole(const std::vector<boost::json::value>& roles) {
  if (roles.size() == 1) {
    const boost::json::value& role = roles[0];
    if (role.is_string()) return std::string(role.as_string());
    const auto* fields = role.if_object();
    const auto* id = fields == nullptr ? nullptr : fields->if_contains("id");
    if (id != nullptr && id->is_string()) return std::string(id->as_string());
  }
  return Error(ErrorCode::kInvalid,
               roles.size() == 1
                   ? "roles[0]: is neither the id of a role nor has one"
                   : fmt::format("roles: a member has one role, not {}",
                                 roles.size()))
      .Remedy("GET …/roles lists those there are");
}

}  // namespace

const RoleInfo& InfoOf(registry::Role role) {
  return *std::ranges::find(kRoles, role, &RoleInfo::role);
}

std::string RoleId(const RoleInfo& info) {
  constexpr size_t kIdDigits = 32;
  return storage::Sha256Hex(fmt::format("role {}", info.key))
      .substr(0, kIdDigits);
}

Result<registry::Role> RoleIn(const std::optional<std::string>& role,
                              const std::vector<boost::json::value>& roles) {
  std::string wanted;
  if (role) {
    wanted = *role;
  } else {
    CARAVEL_TRY(wanted, OnlyRole(roles));
  }
  std::vector<std::string_view> keys;
  for (const RoleInfo& info : kRoles) {
    if (wanted == info.key || wanted == RoleId(info)) return info.role;
    keys.push_back(info.key);
  }
  return Error(ErrorCode::kInvalid, fmt::format("role \"{}\" does not exist{}",
                                                wanted.substr(0, 100),
                                                base::DidYouMean(wanted, keys)))
      .Remedy("there are administrator, developer and reader");
}

bool RoleAllows(registry::Role role, Scope scope) {
  if (ScopeName(scope).empty()) return true;  // every token does
  switch (role) {
    case registry::Role::kAdministrator:
      return scope != Scope::kPlatformWrite;
    case registry::Role::kDeveloper:
      switch (scope) {
        case Scope::kPlatformWrite:
        case Scope::kAccountWrite:
        case Scope::kZoneWrite:
        case Scope::kTokensRead:
        case Scope::kTokensWrite:
        case Scope::kAuditRead:
          break;
        case Scope::kPublic:
        case Scope::kAnyToken:
        case Scope::kUserRead:
        case Scope::kAccountRead:
        case Scope::kWorkersRead:
        case Scope::kWorkersWrite:
        case Scope::kWorkersTail:
        case Scope::kStorageRead:
        case Scope::kStorageWrite:
        case Scope::kUploadSession:
        case Scope::kZoneRead:
        case Scope::kRoutesRead:
        case Scope::kRoutesWrite:
          return true;
      }
      break;
    case registry::Role::kReader:
      return ScopeName(scope).ends_with(":read");
  }
  return false;
}

}  // namespace caravel::api
