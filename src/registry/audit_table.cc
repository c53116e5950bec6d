#include "registry/audit_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "registry/account_table.h"

namespace caravel::registry {
namespace {

using storage::SqlRow;
using storage::SqlValue;
using storage::Transaction;

constexpr storage::Migration kAuditMigrations[] = {
    {.name = "audit", .sql = R"(
CREATE TABLE audit_entries (
  account TEXT NOT NULL,
  number INTEGER NOT NULL,
  id TEXT NOT NULL,
  time INTEGER NOT NULL,
  token TEXT NOT NULL,
  token_name TEXT NOT NULL,
  email TEXT NOT NULL,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  operation TEXT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  outcome INTEGER NOT NULL,
  status INTEGER NOT NULL,
  request TEXT NOT NULL,
  PRIMARY KEY (account, number)
);
CREATE INDEX audit_entries_by_time ON audit_entries (time)
)"},
};

AuditEntry EntryFromRow(const SqlRow& row, const AccountId& account) {
  return {.id = row.Text(1),
          .account = account,
          .time = FromMillis(row.Integer(2)),
          .token = {row.Text(3)},
          .token_name = row.Text(4),
          .email = row.Text(5),
          .address = row.Text(6),
          .user_agent = row.Text(7),
          .operation = row.Text(8),
          .method = row.Text(9),
          .path = row.Text(10),
          .outcome = static_cast<AuditOutcome>(std::min(
              row.Unsigned(11), static_cast<uint64_t>(AuditOutcome::kLast))),
          .status = static_cast<uint32_t>(row.Unsigned(12)),
          .request = row.Text(13)};
}

// What one token has in an account's log, of what was done or of what was not.
struct EntryGroup {
  std::string token;
  bool is_done = false;
  uint64_t size = 0;
};

Result<std::vector<EntryGroup>> ReadGroups(Transaction& transaction,
                                           const AccountId& account) {
  CARAVEL_TRY(
      const auto rows,
      transaction.Query(
          "SELECT token, CASE outcome WHEN 0 THEN 1 ELSE 0 END AS is_done, "
          "CAST(COUNT(*) AS INTEGER) FROM audit_entries WHERE account = ? "
          "GROUP BY token, is_done",
          account.value));
  std::vector<EntryGroup> groups;
  for (const SqlRow& row : rows) {
    groups.push_back({.token = row.Text(0),
                      .is_done = row.Flag(1),
                      .size = row.Unsigned(2)});
  }
  return groups;
}

// How many a group may have, so that all have `room` together: as many as there
// are, of those that have few, and equally many of the others; one at least.
uint64_t MostOfGroup(const std::vector<EntryGroup>& groups, uint64_t room) {
  std::vector<uint64_t> sizes;
  for (const EntryGroup& group : groups) sizes.push_back(group.size);
  std::ranges::sort(sizes);
  for (size_t i = 0; i < sizes.size(); ++i) {
    const uint64_t share = room / (sizes.size() - i);
    if (sizes[i] > share) return std::max<uint64_t>(share, 1);
    room -= sizes[i];
  }
  return sizes.empty() ? 0 : sizes.back();
}

// A part of the log, as a condition with its values.
struct AuditPart {
  std::string condition;
  std::vector<SqlValue> values;
};

AuditPart OfAccount(const AccountId& account) {
  return {.condition = "account = ?", .values = {account.value}};
}

AuditPart OfGroup(const AccountId& account, const EntryGroup& group) {
  return {.condition = fmt::format("account = ? AND token = ? AND outcome {} 0",
                                   group.is_done ? "=" : "<>"),
          .values = {account.value, group.token}};
}

// All but the newest `kept` of the part.
Status RemoveOldest(Transaction& transaction, const AuditPart& part,
                    uint64_t kept) {
  std::vector<SqlValue> values = part.values;
  values.insert(values.end(), part.values.begin(), part.values.end());
  values.emplace_back(kept);
  CARAVEL_TRY(transaction.Run(
      fmt::format("DELETE FROM audit_entries WHERE {0} AND number <= "
                  "(SELECT number FROM audit_entries WHERE {0} "
                  "ORDER BY number DESC LIMIT 1 OFFSET ?)",
                  part.condition),
      values));
  return {};
}

// A LIKE pattern for texts that contain `text`; the escape sign is '!'.
std::string Containing(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '!') pattern += '!';
    pattern += c;
  }
  return pattern + '%';
}

}  // namespace

std::span<const storage::Migration> AuditMigrations() {
  return kAuditMigrations;
}

Status InsertAuditEntry(Transaction& transaction, const AuditEntry& entry,
                        uint64_t number) {
  CARAVEL_TRY(transaction.Execute(
      "INSERT INTO audit_entries (account, number, id, time, token, "
      "token_name, email, address, user_agent, operation, method, path, "
      "outcome, status, request) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      entry.account.value, number, entry.id, ToMillis(entry.time),
      entry.token.value, entry.token_name, entry.email, entry.address,
      entry.user_agent, entry.operation, entry.method, entry.path,
      static_cast<int64_t>(entry.outcome), entry.status, entry.request));
  return {};
}

Result<uint64_t> NewestAuditNumber(Transaction& transaction,
                                   const AccountId& account) {
  CARAVEL_TRY(
      const auto rows,
      transaction.Query("SELECT CAST(COALESCE(MAX(number), 0) AS INTEGER) FROM "
                        "audit_entries WHERE account = ?",
                        account.value));
  return rows[0].Unsigned(0);
}

Result<AuditPage> ReadAuditPage(Transaction& transaction,
                                const AccountId& account,
                                const AuditFilter& filter) {
  std::string sql =
      "SELECT number, id, time, token, token_name, email, address, user_agent, "
      "operation, method, path, outcome, status, request FROM audit_entries "
      "WHERE account = ?";
  std::vector<SqlValue> values = {account.value};
  const auto also = [&](std::string_view condition,
                        std::initializer_list<SqlValue> of_it) {
    sql += fmt::format(" AND {}", condition);
    values.insert(values.end(), of_it);
  };
  if (filter.since) also("time >= ?", {ToMillis(*filter.since)});
  if (filter.before) also("time < ?", {ToMillis(*filter.before)});
  if (!filter.actor.empty()) {
    also("(email = ? OR token_name = ? OR token = ?)",
         {filter.actor, filter.actor, filter.actor});
  }
  const std::pair<std::string_view, const std::string&> exact[] = {
      {"email = ?", filter.email},
      {"token_name = ?", filter.token_name},
      {"token = ?", filter.token},
      {"method = ?", filter.method},
      {"address = ?", filter.address}};
  for (const auto& [condition, value] : exact) {
    if (!value.empty()) also(condition, {value});
  }
  if (filter.is_done) {
    also(*filter.is_done ? "outcome = 0" : "outcome <> 0", {});
  }
  if (!filter.text.empty()) {
    const std::string pattern = Containing(filter.text);
    also("(operation LIKE ? ESCAPE '!' OR path LIKE ? ESCAPE '!')",
         {pattern, pattern});
  }
  if (filter.cursor > 0) {
    also(filter.oldest_first ? "number > ?" : "number < ?", {filter.cursor});
  }
  const size_t limit = std::min(filter.limit, AuditPage::kMost);
  sql += filter.oldest_first ? " ORDER BY number LIMIT ?"
                             : " ORDER BY number DESC LIMIT ?";
  values.emplace_back(limit + 1);
  CARAVEL_TRY(const storage::SqlAnswer answer, transaction.Run(sql, values));
  AuditPage page;
  for (const SqlRow& row : answer.rows) {
    if (page.entries.size() == limit) {
      page.cursor = answer.rows[limit - 1].Unsigned(0);
      break;
    }
    page.entries.push_back(EntryFromRow(row, account));
  }
  return page;
}

Status RemoveTooManyEntries(Transaction& transaction, const AccountId& account,
                            uint64_t kept) {
  CARAVEL_TRY(const std::vector<EntryGroup> groups,
              ReadGroups(transaction, account));
  const uint64_t most = MostOfGroup(groups, kept);
  for (const EntryGroup& group : groups) {
    if (group.size <= most) continue;
    CARAVEL_TRY(RemoveOldest(transaction, OfGroup(account, group), most));
  }
  // Each group has kept one at least.
  if (groups.size() <= kept) return {};
  return RemoveOldest(transaction, OfAccount(account), kept);
}

Status RemoveEntriesBefore(Transaction& transaction, base::WallTime time) {
  CARAVEL_TRY(transaction.Execute("DELETE FROM audit_entries WHERE time < ?",
                                  ToMillis(time)));
  return {};
}

}  // namespace caravel::registry
