#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "registry/model.h"
#include "storage/database.h"

// Rows of Workers and deployments, within a transaction. Workers come without
// their host names, which are no column.
namespace caravel::registry {

Result<std::optional<Worker>> ReadWorker(storage::Transaction& transaction,
                                         const WorkerId& id);
Result<std::optional<Worker>> ReadWorker(storage::Transaction& transaction,
                                         const AccountId& account,
                                         std::string_view name);
// The newest state of the row, held until the transaction ends.
Result<std::optional<Worker>> ReadLockedWorker(
    storage::Transaction& transaction, const AccountId& account,
    std::string_view name);
// Of those that have one, the setting `observability`.
Result<std::vector<std::pair<WorkerId, std::string>>> ReadObservability(
    storage::Transaction& transaction);
// By name; of every account when `account` is nothing.
Result<std::vector<Worker>> ReadWorkers(
    storage::Transaction& transaction, const std::optional<AccountId>& account);

// Makes the Worker unless one of its account and name exists.
Status InsertWorkerIfAbsent(storage::Transaction& transaction,
                            const Worker& worker);
// Writes settings, flags and the time of the change.
Status UpdateWorker(storage::Transaction& transaction, const Worker& worker);
Status DeleteWorkerRow(storage::Transaction& transaction, const WorkerId& id);

// The number of the Worker's next version, or deployment. Holds the Worker's
// row, too, so that numbers are given one at a time.
Result<uint64_t> TakeVersionNumber(storage::Transaction& transaction,
                                   const WorkerId& id);
Result<uint64_t> TakeDeploymentNumber(storage::Transaction& transaction,
                                      const WorkerId& id);

Status InsertDeployment(storage::Transaction& transaction,
                        const Deployment& deployment, uint64_t number);
// Whether a deployment has named the version.
Result<bool> WasDeployed(storage::Transaction& transaction,
                         const WorkerId& worker, const VersionId& version);
Result<std::optional<Deployment>> ReadDeployment(
    storage::Transaction& transaction, const WorkerId& worker,
    const DeploymentId& id);
// Newest first.
Result<std::vector<Deployment>> ReadDeployments(
    storage::Transaction& transaction, const WorkerId& worker, size_t limit);

}  // namespace caravel::registry
