#include "registry/worker_table.h"

#include <map>

#include "registry/account_table.h"

namespace caravel::registry {
namespace {

using storage::SqlRow;
using storage::Transaction;

// As a literal, so that a statement is one text.
#define CARAVEL_WORKER_COLUMNS                                        \
  "id, account, name, tags, logpush, observability, tail_consumers, " \
  "subdomain_enabled, previews_enabled, created, modified"

Result<Worker> WorkerFromRow(const SqlRow& row) {
  CARAVEL_TRY(auto tags, FromColumn<std::vector<std::string>>(row, 3));
  return Worker{.id = {row.Text(0)},
                .account = {row.Text(1)},
                .name = row.Text(2),
                .settings = {.tags = std::move(tags),
                             .logpush = row.Flag(4),
                             .observability = row.Text(5),
                             .tail_consumers = row.Text(6)},
                .subdomain_enabled = row.Flag(7),
                .previews_enabled = row.Flag(8),
                .hosts = {},
                .created = FromMillis(row.Integer(9)),
                .modified = FromMillis(row.Integer(10))};
}

Result<std::vector<Worker>> WorkersFromRows(const std::vector<SqlRow>& rows) {
  std::vector<Worker> workers;
  for (const SqlRow& row : rows) {
    CARAVEL_TRY(Worker worker, WorkerFromRow(row));
    workers.push_back(std::move(worker));
  }
  return workers;
}

Result<std::optional<Worker>> FirstWorker(const std::vector<SqlRow>& rows) {
  if (rows.empty()) return std::optional<Worker>();
  CARAVEL_TRY(Worker worker, WorkerFromRow(rows[0]));
  return std::optional<Worker>(std::move(worker));
}

Result<uint64_t> OnlyNumber(const std::vector<SqlRow>& rows,
                            const WorkerId& id) {
  if (rows.empty()) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("Worker {} was deleted meanwhile", id.value));
  }
  return rows[0].Unsigned(0);
}

Result<std::vector<TrafficShare>> ReadShares(Transaction& transaction,
                                             const DeploymentId& deployment) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT version, hundredths FROM shares "
                                "WHERE deployment = ? ORDER BY position",
                                deployment.value));
  std::vector<TrafficShare> shares;
  for (const SqlRow& row : rows) {
    shares.push_back({.version = {row.Text(0)},
                      .hundredths = static_cast<uint32_t>(row.Unsigned(1))});
  }
  return shares;
}

#define CARAVEL_DEPLOYMENT_COLUMNS "id, author, source, annotations, created"

Result<Deployment> DeploymentFromRow(Transaction& transaction,
                                     const WorkerId& worker,
                                     const SqlRow& row) {
  CARAVEL_TRY(auto annotations,
              (FromColumn<std::map<std::string, std::string>>(row, 3)));
  Deployment deployment = {.id = {row.Text(0)},
                           .worker = worker,
                           .traffic = {},
                           .origin = {.author = row.Text(1),
                                      .source = row.Text(2),
                                      .annotations = std::move(annotations)},
                           .created = FromMillis(row.Integer(4))};
  CARAVEL_TRY(deployment.traffic, ReadShares(transaction, deployment.id));
  return deployment;
}

}  // namespace

Result<std::optional<Worker>> ReadWorker(Transaction& transaction,
                                         const WorkerId& id) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT " CARAVEL_WORKER_COLUMNS
                                " FROM workers WHERE id = ?",
                                id.value));
  return FirstWorker(rows);
}

Result<std::optional<Worker>> ReadWorker(Transaction& transaction,
                                         const AccountId& account,
                                         std::string_view name) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT " CARAVEL_WORKER_COLUMNS
                                " FROM workers WHERE account = ? AND name = ?",
                                account.value, name));
  return FirstWorker(rows);
}

Result<std::optional<Worker>> ReadLockedWorker(Transaction& transaction,
                                               const AccountId& account,
                                               std::string_view name) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("UPDATE workers SET modified = modified "
                                "WHERE account = ? AND name = ? "
                                "RETURNING " CARAVEL_WORKER_COLUMNS,
                                account.value, name));
  return FirstWorker(rows);
}

Result<std::vector<Worker>> ReadWorkers(
    Transaction& transaction, const std::optional<AccountId>& account) {
  if (!account) {
    CARAVEL_TRY(const auto rows,
                transaction.Query("SELECT " CARAVEL_WORKER_COLUMNS
                                  " FROM workers ORDER BY account, name"));
    return WorkersFromRows(rows);
  }
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT " CARAVEL_WORKER_COLUMNS
                                " FROM workers WHERE account = ? ORDER BY name",
                                account->value));
  return WorkersFromRows(rows);
}

#undef CARAVEL_WORKER_COLUMNS

Result<std::vector<std::pair<WorkerId, std::string>>> ReadObservability(
    Transaction& transaction) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT id, observability FROM workers "
                                "WHERE observability <> ''"));
  std::vector<std::pair<WorkerId, std::string>> settings;
  for (const SqlRow& row : rows) {
    settings.emplace_back(WorkerId{row.Text(0)}, row.Text(1));
  }
  return settings;
}

Status InsertWorkerIfAbsent(Transaction& transaction, const Worker& worker) {
  CARAVEL_TRY(transaction.Execute(
      "INSERT INTO workers (id, account, name, tags, logpush, observability, "
      "tail_consumers, subdomain_enabled, previews_enabled, versions_made, "
      "deployments_made, created, modified) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?) "
      "ON CONFLICT (account, name) DO NOTHING",
      worker.id.value, worker.account.value, worker.name,
      ToColumn(worker.settings.tags), worker.settings.logpush,
      worker.settings.observability, worker.settings.tail_consumers,
      worker.subdomain_enabled, worker.previews_enabled,
      ToMillis(worker.created), ToMillis(worker.modified)));
  return {};
}

Status UpdateWorker(Transaction& transaction, const Worker& worker) {
  CARAVEL_TRY(transaction.Execute(
      "UPDATE workers SET tags = ?, logpush = ?, observability = ?, "
      "tail_consumers = ?, subdomain_enabled = ?, previews_enabled = ?, "
      "modified = ? WHERE id = ?",
      ToColumn(worker.settings.tags), worker.settings.logpush,
      worker.settings.observability, worker.settings.tail_consumers,
      worker.subdomain_enabled, worker.previews_enabled,
      ToMillis(worker.modified), worker.id.value));
  return {};
}

Status DeleteWorkerRow(Transaction& transaction, const WorkerId& id) {
  CARAVEL_TRY(
      transaction.Execute("DELETE FROM workers WHERE id = ?", id.value));
  return {};
}

Result<uint64_t> TakeVersionNumber(Transaction& transaction,
                                   const WorkerId& id) {
  CARAVEL_TRY(
      const auto rows,
      transaction.Query("UPDATE workers SET versions_made = versions_made + 1 "
                        "WHERE id = ? RETURNING versions_made",
                        id.value));
  return OnlyNumber(rows, id);
}

Result<uint64_t> TakeDeploymentNumber(Transaction& transaction,
                                      const WorkerId& id) {
  CARAVEL_TRY(const auto rows,
              transaction.Query(
                  "UPDATE workers SET deployments_made = deployments_made + 1 "
                  "WHERE id = ? RETURNING deployments_made",
                  id.value));
  return OnlyNumber(rows, id);
}

Status InsertDeployment(Transaction& transaction, const Deployment& deployment,
                        uint64_t number) {
  CARAVEL_TRY(transaction.Execute(
      "INSERT INTO deployments (id, worker, number, author, source, "
      "annotations, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
      deployment.id.value, deployment.worker.value, number,
      deployment.origin.author, deployment.origin.source,
      ToColumn(deployment.origin.annotations), ToMillis(deployment.created)));
  for (size_t i = 0; i < deployment.traffic.size(); ++i) {
    const TrafficShare& share = deployment.traffic[i];
    CARAVEL_TRY(transaction.Execute(
        "INSERT INTO shares (deployment, position, version, hundredths) "
        "VALUES (?, ?, ?, ?)",
        deployment.id.value, i, share.version.value, share.hundredths));
  }
  return {};
}

Result<bool> WasDeployed(Transaction& transaction, const WorkerId& worker,
                         const VersionId& version) {
  CARAVEL_TRY(const auto rows,
              transaction.Query(
                  "SELECT 1 FROM shares JOIN deployments "
                  "ON deployments.id = shares.deployment "
                  "WHERE deployments.worker = ? AND shares.version = ? LIMIT 1",
                  worker.value, version.value));
  return !rows.empty();
}

Result<std::optional<Deployment>> ReadDeployment(Transaction& transaction,
                                                 const WorkerId& worker,
                                                 const DeploymentId& id) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT " CARAVEL_DEPLOYMENT_COLUMNS
                                " FROM deployments WHERE worker = ? AND id = ?",
                                worker.value, id.value));
  if (rows.empty()) return std::optional<Deployment>();
  CARAVEL_TRY(Deployment deployment,
              DeploymentFromRow(transaction, worker, rows[0]));
  return std::optional<Deployment>(std::move(deployment));
}

Result<std::vector<Deployment>> ReadDeployments(Transaction& transaction,
                                                const WorkerId& worker,
                                                size_t limit) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT " CARAVEL_DEPLOYMENT_COLUMNS
                                " FROM deployments WHERE worker = ? "
                                "ORDER BY number DESC LIMIT ?",
                                worker.value, limit));
  std::vector<Deployment> deployments;
  for (const SqlRow& row : rows) {
    CARAVEL_TRY(Deployment deployment,
                DeploymentFromRow(transaction, worker, row));
    deployments.push_back(std::move(deployment));
  }
  return deployments;
}

#undef CARAVEL_DEPLOYMENT_COLUMNS

}  // namespace caravel::registry
