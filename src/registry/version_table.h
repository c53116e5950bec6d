#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "registry/model.h"
#include "storage/database.h"

// Rows of versions and their bindings, within a transaction.
namespace caravel::registry {

// A binding as it is stored: the content of a secret is sealed.
struct StoredBinding {
  std::string name;
  BindingType type = BindingType::kPlainText;
  std::string content;
};

// `record.version.bindings` is not looked at.
Status InsertVersion(storage::Transaction& transaction,
                     const VersionRecord& record,
                     const std::vector<StoredBinding>& bindings);

// Versions come with their bindings, secrets without their text. Newest first.
Result<std::vector<VersionRecord>> ReadVersions(
    storage::Transaction& transaction, const WorkerId& worker, size_t limit);
Result<std::optional<VersionRecord>> ReadVersion(
    storage::Transaction& transaction, const WorkerId& worker,
    const VersionId& version);

// What each of the Worker's versions exports that the newest deployment names,
// and its newest version.
Result<std::vector<std::vector<std::string>>> ReadExports(
    storage::Transaction& transaction, const WorkerId& worker);

// In the order in which they were given.
Result<std::vector<StoredBinding>> ReadBindings(
    storage::Transaction& transaction, const VersionId& version);

}  // namespace caravel::registry
