#pragma once

#include <array>
#include <string_view>

#include "registry/token.h"

namespace caravel::api {

// What a token must be allowed to do. A write scope allows its read scope too.
enum class Scope : unsigned char {
  kPublic,    // no token needed
  kAnyToken,  // a valid token, whatever it may
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
  kTokensRead,
  kTokensWrite,
  kAuditRead,
  kAccountWrite,
  kPlatformWrite,
};

struct ScopeInfo {
  Scope scope;
  std::string_view name;  // as OAuth and tokens name it
  std::string_view allows;
  // Name and id of its permission group, as the Cloudflare API has them; empty:
  // it has none like it (control/permissions.h).
  std::string_view group = {};
  std::string_view group_id = {};
};

inline constexpr std::array kScopes = {
    ScopeInfo{Scope::kPublic, "", "Everybody, without a token"},
    ScopeInfo{Scope::kAnyToken, "", "Every token"},
    ScopeInfo{Scope::kUserRead, "user:read", "See who the token belongs to",
              "User Details Read", "8acbe5bb0d54464ab867149d7f7cf8ac"},
    ScopeInfo{Scope::kAccountRead, "account:read", "See accounts",
              "Account Settings Read", "c1fde68c7bcc44588cbb6ddbc16d6480"},
    ScopeInfo{Scope::kWorkersRead, "workers:read",
              "See Workers, their versions and settings",
              "Workers Scripts Read", "1a71c399035b4950a1bd1466bbe4f420"},
    ScopeInfo{Scope::kWorkersWrite, "workers:write",
              "Deploy, change and delete Workers", "Workers Scripts Write",
              "e086da7e2179491d91ee5f35b3ca210a"},
    ScopeInfo{Scope::kWorkersTail, "workers_tail:read",
              "Follow the logs of Workers", "Workers Tail Read",
              "05880cd1bdc24d8bae0be2136972816b"},
    ScopeInfo{Scope::kStorageRead, "storage:read",
              "See namespaces, buckets, databases and queues",
              "Workers KV Storage Read", "8b47d2786a534c08a1f94ee8f9f599ef"},
    ScopeInfo{Scope::kStorageWrite, "storage:write",
              "Change namespaces, buckets, databases and queues, and what is "
              "in them",
              "Workers KV Storage Write", "f7f0eda5697f475c90846e879bab8666"},
    ScopeInfo{Scope::kUploadSession, "session:write",
              "Bring the assets of one upload session"},
    ScopeInfo{Scope::kZoneRead, "zone:read", "See zones", "Zone Read",
              "c8fed203ed3043cba015a93ad1616f1f"},
    ScopeInfo{Scope::kZoneWrite, "zone:write", "Add, change and remove zones",
              "Zone Write", "e6d2666161e84845a636613608cee8d5"},
    ScopeInfo{Scope::kRoutesRead, "workers_routes:read",
              "See routes and custom domains of Workers", "Workers Routes Read",
              "2072033d694d415a936eaeb94e6405b8"},
    ScopeInfo{Scope::kRoutesWrite, "workers_routes:write",
              "Set routes and custom domains of Workers",
              "Workers Routes Write", "28f4b596e7d643029c524985477ae49a"},
    ScopeInfo{Scope::kTokensRead, "tokens:read",
              "See API tokens, though not what opens",
              "Account API Tokens Read"},
    ScopeInfo{
        Scope::kTokensWrite, "tokens:write",
        "Make, change and remove API tokens that may no more than the one "
        "that asks",
        "Account API Tokens Write"},
    ScopeInfo{Scope::kAuditRead, "audit_logs:read",
              "See who asked for which change", "Account Audit Logs Read"},
    ScopeInfo{Scope::kAccountWrite, "account:write",
              "Rename an account and choose its members",
              "Account Settings Write", "1af1fa2adc104452b74a9a3364202f20"},
    ScopeInfo{Scope::kPlatformWrite, registry::kPlatformScope,
              "Run the platform: make and remove accounts, see each of them, "
              "and name origins at any address",
              "Platform Write"},
};

constexpr std::string_view ScopeName(Scope scope) {
  for (const ScopeInfo& info : kScopes) {
    if (info.scope == scope) return info.name;
  }
  return {};
}

}  // namespace caravel::api
