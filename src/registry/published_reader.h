#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "registry/published.h"
#include "registry/registry_parts.h"
#include "storage/database.h"

// What hosts are to know, read from the tables within one transaction that sees
// one moment. Secrets are in plain text.
namespace caravel::registry {

Result<Snapshot> ReadSnapshot(storage::Transaction& transaction,
                              const RegistryParts& parts);

// See Registry::ChangesAfter().
Result<std::vector<Change>> ReadChanges(storage::Transaction& transaction,
                                        const RegistryParts& parts,
                                        Sequence after, size_t limit);

}  // namespace caravel::registry
