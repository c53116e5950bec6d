#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/scope.h"
#include "control/services.h"

// What tokens may do, and which they may make.
namespace caravel::api {

// Whether the token may do anything in the account. Who runs the platform may
// in each. Blocks on the database.
Result<bool> Opens(registry::Registry& registry,
                   const registry::TokenOwner& owner,
                   const registry::AccountId& account);

// Whether the token, which opens the account, may do there what needs `scope`:
// its own scopes allow it, and of a member's token their role, too. A write
// scope includes its read scope.
bool IsAllowed(const registry::TokenOwner& owner,
               const registry::AccountId& account, Scope scope);

// Why IsAllowed() says no.
Error NotAllowed(const registry::TokenOwner& owner,
                 const registry::AccountId& account, Scope scope);

// Of an account that is not there and of one that the token does not open the
// same is said.
Error NoSuchAccount(const registry::TokenOwner& owner,
                    std::string_view account);

// kInvalid: a scope that does not exist, with the nearest that does. kDenied:
// one that the caller's token lacks, for nobody gives more than they have.
// `to_member`: the token is to be a member's, which never runs the platform.
Status CheckMayGrant(const Caller& caller,
                     const std::vector<std::string>& scopes, bool to_member);

// kDenied: the caller's own token ends, and before that moment (nothing:
// never).
Status CheckMayLast(const Caller& caller,
                    const std::optional<base::WallTime>& expires);

// kDenied: the caller is neither that member nor one who chooses members. Who
// holds a member's token is that person in the audit log.
Status CheckMayActAs(const Caller& caller, std::string_view email);

}  // namespace caravel::api
