#include "registry/kv_namespaces.h"

#include "base/random.h"
#include "registry/account_table.h"
#include "registry/bound_namespaces.h"
#include "storage/migrations.h"

namespace caravel::registry {
namespace {

using storage::SqlRow;
using storage::Transaction;

constexpr storage::Migration kNamespaceMigrations[] = {
    {.name = "kv_namespaces", .sql = R"(
CREATE TABLE kv_namespaces (
  id TEXT PRIMARY KEY NOT NULL,
  account TEXT NOT NULL REFERENCES accounts (id),
  title TEXT NOT NULL,
  created INTEGER NOT NULL,
  UNIQUE (account, title)
)
)"},
};

Error NoSuchNamespace(std::string_view id) {
  return Error(ErrorCode::kNotFound,
               fmt::format("namespace not found: \"{}\"", id))
      .Remedy("`wrangler kv namespace list` shows the ids of yours");
}

Error TitleTaken(std::string_view title) {
  return Error(ErrorCode::kConflict,
               fmt::format("a namespace with this account ID and title "
                           "already exists: \"{}\"",
                           title));
}

Result<KvNamespace> Find(Transaction& transaction, const AccountId& account,
                         std::string_view id) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT title FROM kv_namespaces "
                                "WHERE id = ? AND account = ?",
                                id, account.value));
  if (rows.empty()) return NoSuchNamespace(id);
  return KvNamespace{.id = {std::string(id)}, .title = rows[0].Text(0)};
}

Status CheckFree(Transaction& transaction, const AccountId& account,
                 std::string_view title, std::string_view except) {
  CARAVEL_TRY(
      const auto rows,
      transaction.Query("SELECT id FROM kv_namespaces WHERE account = ? "
                        "AND title = ? AND id <> ?",
                        account.value, title, except));
  if (rows.empty()) return {};
  // Also what a deploy has made before it failed, which wrangler does not find.
  return TitleTaken(title).Remedy(
      fmt::format("to use it, write \"id\": \"{}\" beside its \"binding\" in "
                  "\"kv_namespaces\"; else give the new one another title",
                  rows[0].Text(0)));
}

// Two that take one title at a time are kept apart by the table.
Error TitleTakenMeanwhile(Error error, std::string_view title) {
  const bool is_found = !error.remedy().empty();  // by CheckFree()
  return error.code() == ErrorCode::kConflict && !is_found
             ? TitleTaken(title).Remedy(
                   "`wrangler kv namespace list` shows the ids of yours")
             : std::move(error);
}

// Looks at the newest deployment of each Worker.
Status CheckUnused(Transaction& transaction, const KvNamespace& space) {
  CARAVEL_TRY(const auto rows,
              transaction.Query(
                  "SELECT workers.name, bindings.name FROM bindings "
                  "JOIN shares ON shares.version = bindings.version "
                  "JOIN deployments ON deployments.id = shares.deployment "
                  "JOIN workers ON workers.id = deployments.worker "
                  "WHERE bindings.type = ? AND bindings.content = ? "
                  "AND deployments.number = workers.deployments_made LIMIT 1",
                  static_cast<int>(BindingType::kKvNamespace),
                  storage::Bytes{space.id.value}));
  if (rows.empty()) return {};
  return Error(ErrorCode::kConflict,
               fmt::format("namespace \"{}\" is bound to Worker \"{}\" as "
                           "\"{}\"",
                           space.title, rows[0].Text(0), rows[0].Text(1)))
      .Remedy("deploy the Worker without it, or delete the Worker, first");
}

}  // namespace

Result<std::unique_ptr<KvNamespaces>> KvNamespaces::Open(
    storage::Database& database, storage::KvStore& entries,
    const base::Clock& clock) {
  CARAVEL_TRY(
      storage::Migrate(database, "kv_namespaces", kNamespaceMigrations));
  return std::unique_ptr<KvNamespaces>(
      new KvNamespaces(database, entries, clock));
}

Result<KvNamespace> KvNamespaces::Create(const AccountId& account,
                                         std::string_view title) {
  const KvNamespace made = {.id = {base::RandomHex(16)},
                            .title = std::string(title)};
  Status status = database_.Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(CheckFree(transaction, account, title, ""));
    CARAVEL_TRY(transaction.Execute(
        "INSERT INTO kv_namespaces (id, account, title, created) "
        "VALUES (?, ?, ?, ?)",
        made.id.value, account.value, title, ToMillis(clock_.Wall())));
    return {};
  });
  if (!status) return TitleTakenMeanwhile(std::move(status).error(), title);
  return made;
}

Result<KvNamespace> KvNamespaces::Get(const AccountId& account,
                                      std::string_view id) {
  return database_.Read(
      [&](Transaction& transaction) { return Find(transaction, account, id); });
}

Result<std::vector<KvNamespace>> KvNamespaces::List(const AccountId& account) {
  using Namespaces = std::vector<KvNamespace>;
  return database_.Read([&](Transaction& transaction) -> Result<Namespaces> {
    CARAVEL_TRY(const auto rows,
                transaction.Query("SELECT id, title FROM kv_namespaces "
                                  "WHERE account = ? ORDER BY title",
                                  account.value));
    Namespaces namespaces;
    for (const SqlRow& row : rows) {
      namespaces.push_back({.id = {row.Text(0)}, .title = row.Text(1)});
    }
    return namespaces;
  });
}

Result<KvNamespace> KvNamespaces::Rename(const AccountId& account,
                                         std::string_view id,
                                         std::string_view title) {
  Status status = database_.Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(const KvNamespace found, Find(transaction, account, id));
    CARAVEL_TRY(CheckFree(transaction, account, title, id));
    CARAVEL_TRY(transaction.Execute(
        "UPDATE kv_namespaces SET title = ? WHERE id = ?", title, id));
    return {};
  });
  if (!status) return TitleTakenMeanwhile(std::move(status).error(), title);
  return KvNamespace{.id = {std::string(id)}, .title = std::string(title)};
}

Status KvNamespaces::Delete(const AccountId& account, std::string_view id) {
  return database_.Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(LockNamespace(transaction, id));
    CARAVEL_TRY(const KvNamespace found, Find(transaction, account, id));
    CARAVEL_TRY(CheckUnused(transaction, found));
    CARAVEL_TRY(
        transaction.Execute("DELETE FROM kv_namespaces WHERE id = ?", id));
    return entries_.Drop(transaction, id);
  });
}

}  // namespace caravel::registry
