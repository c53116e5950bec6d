#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "registry/published.h"
#include "registry/version_table.h"
#include "storage/database.h"

// Who deletes a KV namespace and who binds a version to it wait for each other:
// so no version is deployed on one that is gone.
namespace caravel::registry {

// Until the transaction ends nobody else holds the namespace.
Status LockNamespace(storage::Transaction& transaction, std::string_view id);

// For what makes or deploys a version with these bindings: the account has the
// namespaces that they stand for, and none of them is deleted before the
// transaction has ended. kInvalid names the one that is not there.
Status HoldNamespaces(storage::Transaction& transaction,
                      const AccountId& account,
                      std::span<const StoredBinding> bindings);

}  // namespace caravel::registry
