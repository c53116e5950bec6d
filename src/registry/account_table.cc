#include "registry/account_table.h"

namespace caravel::registry {
namespace {

using storage::SqlRow;
using storage::Transaction;

Account AccountFromRow(const SqlRow& row) {
  return {.id = {row.Text(0)},
          .number = static_cast<uint32_t>(row.Unsigned(1)),
          .name = row.Text(2),
          .subdomain = row.Text(3),
          .created = FromMillis(row.Integer(4))};
}

}  // namespace

int64_t ToMillis(base::WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             time.time_since_epoch())
      .count();
}

base::WallTime FromMillis(int64_t millis) {
  return base::WallTime(std::chrono::milliseconds(millis));
}

Result<Account> ReadAccount(Transaction& transaction, const AccountId& id) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT id, number, name, subdomain, created "
                                "FROM accounts WHERE id = ?",
                                id.value));
  if (rows.empty()) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("account \"{}\" does not exist", id.value))
        .Remedy("`./caravel env` prints the id of yours");
  }
  return AccountFromRow(rows[0]);
}

Result<std::vector<Account>> ReadAccounts(Transaction& transaction) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT id, number, name, subdomain, created "
                                "FROM accounts ORDER BY number"));
  std::vector<Account> accounts;
  for (const SqlRow& row : rows) accounts.push_back(AccountFromRow(row));
  return accounts;
}

Status InsertAccount(Transaction& transaction, const Account& account) {
  CARAVEL_TRY(transaction.Execute(
      "INSERT INTO accounts (id, number, name, subdomain, created) "
      "VALUES (?, ?, ?, ?, ?)",
      account.id.value, account.number, account.name, account.subdomain,
      ToMillis(account.created)));
  return {};
}

}  // namespace caravel::registry
