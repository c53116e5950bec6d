#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "registry/model.h"
#include "storage/database.h"

namespace caravel::registry {

// The accounts of a platform beside the first, which it begins with. What one
// account has is no other's: Workers, zones, namespaces, tokens.
//
// Threads: any, several at once; every call blocks on the database.
class Accounts {
 public:
  static constexpr size_t kLongestName = 100;

  // `database` has the registry's schema; all outlive this.
  Accounts(storage::Database& database, const base::Clock& clock)
      : database_(database), clock_(clock) {}

  // Its Workers answer under NAME.SUBDOMAIN.…; without `subdomain` that is made
  // of the name. kConflict: another account has the subdomain. kInvalid: it
  // cannot be a label of a host name.
  Result<Account> Create(std::string_view name,
                         const std::optional<std::string>& subdomain);
  // The subdomain stays, as addresses do.
  Result<Account> Rename(const AccountId& account, std::string_view name);
  // Its tokens go with it. kConflict while it has Workers, zones or namespaces,
  // naming them. kDenied for the first account.
  Result<Account> Remove(const AccountId& account);

 private:
  storage::Database& database_;
  const base::Clock& clock_;
};

}  // namespace caravel::registry
