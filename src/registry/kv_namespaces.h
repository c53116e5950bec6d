#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/strong_id.h"
#include "registry/published.h"
#include "storage/database.h"
#include "storage/kv_store.h"

namespace caravel::registry {

using KvNamespaceId =
    base::StrongId<struct KvNamespaceIdTag, std::string>;  // 32 hex

struct KvNamespace {
  KvNamespaceId id;
  std::string title;  // unique in its account
};

// The KV namespaces of accounts. What is in them is in storage::KvStore.
//
// Threads: any, several at once; every call blocks on the database. kNotFound
// for a namespace that the account does not have, whoever else may.
class KvNamespaces {
 public:
  // Brings the tables up to date. `database` is that of the registry, which was
  // opened, and of `entries`. All outlive this.
  static Result<std::unique_ptr<KvNamespaces>> Open(storage::Database& database,
                                                    storage::KvStore& entries,
                                                    const base::Clock& clock);

  // kConflict: the account has one of that title.
  Result<KvNamespace> Create(const AccountId& account, std::string_view title);
  Result<KvNamespace> Get(const AccountId& account, std::string_view id);
  // In the order of their titles.
  Result<std::vector<KvNamespace>> List(const AccountId& account);
  // kConflict: as above.
  Result<KvNamespace> Rename(const AccountId& account, std::string_view id,
                             std::string_view title);
  // Its entries go with it. kConflict: a version that has requests is bound to
  // it; the Worker is named.
  Status Delete(const AccountId& account, std::string_view id);

 private:
  KvNamespaces(storage::Database& database, storage::KvStore& entries,
               const base::Clock& clock)
      : database_(database), entries_(entries), clock_(clock) {}

  storage::Database& database_;
  storage::KvStore& entries_;
  const base::Clock& clock_;
};

}  // namespace caravel::registry
