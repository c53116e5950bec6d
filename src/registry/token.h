#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/strong_id.h"
#include "registry/published.h"

// API tokens, as values.
namespace caravel::registry {

using TokenId = base::StrongId<struct TokenIdTag, std::string>;  // 32 hex

// The name of the first account's token, which comes with the installation.
inline constexpr std::string_view kBootstrapToken = "bootstrap";

// Each token begins so.
inline constexpr std::string_view kTokenPrefix = "caravel_";

// The scope of all scopes.
inline constexpr std::string_view kEveryScope = "*";

using UserId = base::StrongId<struct UserIdTag, std::string>;  // 32 hex

// What a member may do in an account; which scopes that is, says the API.
enum class Role : unsigned char {
  kAdministrator,
  kDeveloper,
  kReader,
  kLast = kReader,
};

// A member's place in an account.
struct Seat {
  AccountId account;
  Role role = Role::kReader;
  std::string membership = {};  // id of the member
};

// The scope of who runs the platform, where the token is the first account's.
inline constexpr std::string_view kPlatformScope = "platform:write";

// Who holds a token. The token itself is never stored, only its SHA-256.
struct TokenOwner {
  TokenId token;
  AccountId account;
  std::string name;                 // kBootstrapToken, or as its maker calls it
  std::vector<std::string> scopes;  // "workers:write"; "*" is all of them
  // The token is the first account's and has the scope for it: who holds it
  // runs the platform.
  bool runs_platform = false;
  std::optional<base::WallTime> expires = {};
  // Of a member's token: who that is, and where they may what. Of an account's
  // own token these are empty.
  UserId user = {};
  std::string email = {};
  std::vector<Seat> seats = {};
  // It opens all accounts in which its member's place is confirmed
  // (registry/members.h), not only the one that it is of.
  bool everywhere = false;
};

// What its maker says of a token.
struct TokenTerms {
  std::string name;
  std::vector<std::string> scopes;
  bool enabled = true;
  // Valid from the first moment on, until before the second.
  std::optional<base::WallTime> not_before = {};
  std::optional<base::WallTime> expires = {};
};

struct Token {
  TokenId id;
  AccountId account;
  TokenTerms terms;
  // As in TokenOwner.
  UserId user = {};
  std::string email = {};
  bool everywhere = false;
  base::WallTime created;
  base::WallTime modified;
  // To the hour.
  std::optional<base::WallTime> last_used = {};
};

// Whether a token opens anything now.
enum class TokenState : unsigned char {
  kActive,
  kDisabled,
  kNotYet,
  kExpired,
};
TokenState StateOf(const TokenTerms& terms, base::WallTime now);

}  // namespace caravel::registry
