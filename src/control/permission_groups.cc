#include "control/permission_groups.h"

#include <fmt/format.h>

#include "storage/digest.h"

namespace caravel::api {

bool IsGrantable(Scope scope) {
  return scope != Scope::kPublic && scope != Scope::kAnyToken &&
         scope != Scope::kUploadSession;
}

std::vector<PermissionGroup> PermissionGroups() {
  constexpr size_t kIdDigits = 32;
  std::vector<PermissionGroup> groups;
  for (const ScopeInfo& info : kScopes) {
    if (!IsGrantable(info.scope)) continue;
    std::string id(info.group_id);
    if (id.empty()) {
      id = storage::Sha256Hex(fmt::format("permission group {}", info.name))
               .substr(0, kIdDigits);
    }
    groups.push_back({.id = std::move(id),
                      .name = info.group.empty() ? info.name : info.group,
                      .scope = info.name,
                      .of_zones = info.name.starts_with("zone:") ||
                                  info.name.starts_with("workers_routes:")});
  }
  return groups;
}

}  // namespace caravel::api
