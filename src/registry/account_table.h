#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "registry/model.h"
#include "storage/database.h"

// Rows of accounts, within a transaction.
namespace caravel::registry {

// kNotFound, naming the account.
Result<Account> ReadAccount(storage::Transaction& transaction,
                            const AccountId& id);
// By number.
Result<std::vector<Account>> ReadAccounts(storage::Transaction& transaction);
Status InsertAccount(storage::Transaction& transaction, const Account& account);

// Times as the tables keep them.
int64_t ToMillis(base::WallTime time);
base::WallTime FromMillis(int64_t millis);

// A list or map as the tables keep it.
template <typename T>
storage::Bytes ToColumn(const T& value) {
  return storage::Bytes{base::Encode(value)};
}
template <typename T>
Result<T> FromColumn(const storage::SqlRow& row, size_t column) {
  return base::Decode<T>(row.Blob(column));
}

}  // namespace caravel::registry
