#include "registry/version_table.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "registry/account_table.h"
#include "registry/worker_table.h"

namespace caravel::registry {
namespace {

using storage::SqlRow;
using storage::Transaction;
using Texts = std::vector<std::string>;

#define CARAVEL_VERSION_COLUMNS                                              \
  "id, worker, number, bundle_digest, compatibility_date, "                  \
  "compatibility_flags, cpu_ms, subrequests, memory_bytes, author, source, " \
  "annotations, handlers, entrypoints, startup_ms, created, assets_digest"

Result<std::vector<Binding>> ReadShownBindings(Transaction& transaction,
                                               const VersionId& version) {
  CARAVEL_TRY(std::vector<StoredBinding> stored,
              ReadBindings(transaction, version));
  std::vector<Binding> bindings;
  for (StoredBinding& binding : stored) {
    const bool is_secret = binding.type == BindingType::kSecretText;
    bindings.push_back(
        {.name = std::move(binding.name),
         .type = binding.type,
         .text = is_secret ? std::string() : std::move(binding.content)});
  }
  return bindings;
}

Result<VersionRecord> VersionFromRow(Transaction& transaction,
                                     const SqlRow& row) {
  VersionRecord record;
  record.version.id = {row.Text(0)};
  record.worker = {row.Text(1)};
  record.number = static_cast<uint32_t>(row.Unsigned(2));
  record.version.bundle_digest = row.Text(3);
  record.version.compatibility_date = row.Text(4);
  CARAVEL_TRY(record.version.compatibility_flags, FromColumn<Texts>(row, 5));
  record.version.limits = {
      .cpu_ms = static_cast<uint32_t>(row.Unsigned(6)),
      .subrequests = static_cast<uint32_t>(row.Unsigned(7)),
      .memory_bytes = row.Unsigned(8)};
  record.origin.author = row.Text(9);
  record.origin.source = row.Text(10);
  CARAVEL_TRY(record.origin.annotations,
              (FromColumn<std::map<std::string, std::string>>(row, 11)));
  CARAVEL_TRY(record.handlers, FromColumn<Texts>(row, 12));
  CARAVEL_TRY(record.entrypoints, FromColumn<Texts>(row, 13));
  record.startup_ms = static_cast<uint32_t>(row.Unsigned(14));
  record.created = FromMillis(row.Integer(15));
  record.version.assets_digest = row.Text(16);
  CARAVEL_TRY(record.version.bindings,
              ReadShownBindings(transaction, record.version.id));
  return record;
}

}  // namespace

Status InsertVersion(Transaction& transaction, const VersionRecord& record,
                     const std::vector<StoredBinding>& bindings) {
  const Version& version = record.version;
  CARAVEL_TRY(transaction.Execute(
      "INSERT INTO versions (" CARAVEL_VERSION_COLUMNS
      ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      version.id.value, record.worker.value, record.number,
      version.bundle_digest, version.compatibility_date,
      ToColumn(version.compatibility_flags), version.limits.cpu_ms,
      version.limits.subrequests, version.limits.memory_bytes,
      record.origin.author, record.origin.source,
      ToColumn(record.origin.annotations), ToColumn(record.handlers),
      ToColumn(record.entrypoints), record.startup_ms, ToMillis(record.created),
      version.assets_digest));
  for (size_t i = 0; i < bindings.size(); ++i) {
    CARAVEL_TRY(transaction.Execute(
        "INSERT INTO bindings (version, position, name, type, content) "
        "VALUES (?, ?, ?, ?, ?)",
        version.id.value, i, bindings[i].name,
        static_cast<int>(bindings[i].type),
        storage::Bytes{bindings[i].content}));
  }
  return {};
}

Result<std::vector<VersionRecord>> ReadVersions(Transaction& transaction,
                                                const WorkerId& worker,
                                                size_t limit) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT " CARAVEL_VERSION_COLUMNS
                                " FROM versions WHERE worker = ? "
                                "ORDER BY number DESC LIMIT ?",
                                worker.value, limit));
  std::vector<VersionRecord> records;
  for (const SqlRow& row : rows) {
    CARAVEL_TRY(VersionRecord record, VersionFromRow(transaction, row));
    records.push_back(std::move(record));
  }
  return records;
}

Result<std::optional<VersionRecord>> ReadVersion(Transaction& transaction,
                                                 const WorkerId& worker,
                                                 const VersionId& version) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT " CARAVEL_VERSION_COLUMNS
                                " FROM versions WHERE worker = ? AND id = ?",
                                worker.value, version.value));
  if (rows.empty()) return std::optional<VersionRecord>();
  CARAVEL_TRY(VersionRecord record, VersionFromRow(transaction, rows[0]));
  return std::optional<VersionRecord>(std::move(record));
}

#undef CARAVEL_VERSION_COLUMNS

Result<std::vector<Texts>> ReadExports(Transaction& transaction,
                                       const WorkerId& worker) {
  CARAVEL_TRY(const std::vector<Deployment> deployments,
              ReadDeployments(transaction, worker, 1));
  CARAVEL_TRY(auto rows,
              transaction.Query("SELECT entrypoints FROM versions "
                                "WHERE worker = ? ORDER BY number DESC LIMIT 1",
                                worker.value));
  if (!deployments.empty()) {
    for (const TrafficShare& share : deployments.front().traffic) {
      CARAVEL_TRY(auto deployed,
                  transaction.Query("SELECT entrypoints FROM versions "
                                    "WHERE worker = ? AND id = ?",
                                    worker.value, share.version.value));
      std::ranges::move(deployed, std::back_inserter(rows));
    }
  }
  std::vector<Texts> exports;
  for (const SqlRow& row : rows) {
    CARAVEL_TRY(exports.emplace_back(), FromColumn<Texts>(row, 0));
  }
  return exports;
}

Result<std::vector<StoredBinding>> ReadBindings(Transaction& transaction,
                                                const VersionId& version) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT name, type, content FROM bindings "
                                "WHERE version = ? ORDER BY position",
                                version.value));
  std::vector<StoredBinding> bindings;
  for (const SqlRow& row : rows) {
    const uint64_t type = row.Unsigned(1);
    if (type > static_cast<uint64_t>(BindingType::kLast)) {
      return Error(ErrorCode::kInternal,
                   fmt::format("binding \"{}\" of version {} has a type that "
                               "this program does not know",
                               row.Text(0), version.value))
          .Remedy("a newer version stored it: run that one");
    }
    bindings.push_back({.name = row.Text(0),
                        .type = static_cast<BindingType>(type),
                        .content = row.Blob(2)});
  }
  return bindings;
}

}  // namespace caravel::registry
