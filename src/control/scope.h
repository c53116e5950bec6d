#pragma once

#include <array>
#include <string_view>

namespace caravel::api {

// What a token must be allowed to do. A write scope allows its read scope too.
enum class Scope : unsigned char {
  kPublic,  // no token needed
  kUserRead,
  kAccountRead,
  kWorkersRead,
  kWorkersWrite,
  kWorkersTail,
  kStorageRead,
  kStorageWrite,
  // No token of the API: that which an upload session of assets has given.
  kUploadSession,
  kZoneRead,
  kZoneWrite,
  kRoutesRead,
  kRoutesWrite,
};

struct ScopeInfo {
  Scope scope;
  std::string_view name;  // as OAuth and tokens name it
  std::string_view allows;
};

inline constexpr std::array kScopes = {
    ScopeInfo{Scope::kPublic, "", "Everybody, without a token"},
    ScopeInfo{Scope::kUserRead, "user:read", "See who the token belongs to"},
    ScopeInfo{Scope::kAccountRead, "account:read", "See accounts"},
    ScopeInfo{Scope::kWorkersRead, "workers:read",
              "See Workers, their versions and settings"},
    ScopeInfo{Scope::kWorkersWrite, "workers:write",
              "Deploy, change and delete Workers"},
    ScopeInfo{Scope::kWorkersTail, "workers_tail:read",
              "Follow the logs of Workers"},
    ScopeInfo{Scope::kStorageRead, "storage:read",
              "See namespaces, buckets, databases and queues"},
    ScopeInfo{Scope::kStorageWrite, "storage:write",
              "Change namespaces, buckets, databases and queues, and what is "
              "in them"},
    ScopeInfo{Scope::kUploadSession, "session:write",
              "Bring the assets of one upload session"},
    ScopeInfo{Scope::kZoneRead, "zone:read", "See zones"},
    ScopeInfo{Scope::kZoneWrite, "zone:write", "Add, change and remove zones"},
    ScopeInfo{Scope::kRoutesRead, "workers_routes:read",
              "See routes and custom domains of Workers"},
    ScopeInfo{Scope::kRoutesWrite, "workers_routes:write",
              "Set routes and custom domains of Workers"},
};

constexpr std::string_view ScopeName(Scope scope) {
  for (const ScopeInfo& info : kScopes) {
    if (info.scope == scope) return info.name;
  }
  return {};
}

}  // namespace caravel::api
