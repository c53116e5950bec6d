#include "control/roles.h"

#include <fmt/format.h>

#include <algorithm>

#include "storage/digest.h"

namespace caravel::api {

const RoleInfo& InfoOf(registry::Role role) {
  return *std::ranges::find(kRoles, role, &RoleInfo::role);
}

std::string RoleId(const RoleInfo& info) {
  constexpr size_t kIdDigits = 32;
  return storage::Sha256Hex(fmt::format("role {}", info.key))
      .substr(0, kIdDigits);
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
