#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "registry/token.h"
#include "storage/database.h"
#include "storage/migrations.h"

// Rows of API tokens, within a transaction.
namespace caravel::registry {

// What tokens have beside the columns of registry/schema.h.
std::span<const storage::Migration> TokenMigrations();

// An account's own, made now, which nobody has used; not yet in the table.
Token NewToken(const AccountId& account, TokenTerms terms, base::WallTime now);
// A value that nobody can guess.
std::string NewTokenValue();

// kNotFound, naming the id.
Result<Token> ReadToken(storage::Transaction& transaction,
                        const AccountId& account, const TokenId& id);
// Of any account.
Result<std::optional<Token>> ReadTokenById(storage::Transaction& transaction,
                                           const TokenId& id);
Result<std::optional<Token>> ReadTokenByValue(storage::Transaction& transaction,
                                              std::string_view value);
// Newest first.
Result<std::vector<Token>> ReadTokens(storage::Transaction& transaction,
                                      const AccountId& account);
Result<uint64_t> CountTokens(storage::Transaction& transaction,
                             const AccountId& account);

Status InsertToken(storage::Transaction& transaction, const Token& token,
                   std::string_view value);
// Each with the time of the change alone, so that neither takes back the other.
// kNotFound: the token is gone.
Status UpdateTokenTerms(storage::Transaction& transaction, const Token& token);
Status UpdateTokenValue(storage::Transaction& transaction, const Token& token,
                        std::string_view value);
Status DeleteToken(storage::Transaction& transaction, const Token& token);

}  // namespace caravel::registry
