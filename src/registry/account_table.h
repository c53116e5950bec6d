#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "registry/model.h"
#include "storage/database.h"

// Rows of accounts and tokens, within a transaction.
namespace caravel::registry {

// kNotFound, naming the account.
Result<Account> ReadAccount(storage::Transaction& transaction,
                            const AccountId& id);
// By number.
Result<std::vector<Account>> ReadAccounts(storage::Transaction& transaction);
Status InsertAccount(storage::Transaction& transaction, const Account& account);

// Replaces the account's token of the same name. `digest` is the SHA-256.
Status PutToken(storage::Transaction& transaction, const TokenOwner& owner,
                std::string_view digest, base::WallTime now);
Result<std::optional<TokenOwner>> ReadToken(storage::Transaction& transaction,
                                            std::string_view digest);

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
