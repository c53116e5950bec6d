#include "registry/token_table.h"

#include <fmt/format.h>

#include "base/random.h"
#include "registry/account_table.h"
#include "storage/digest.h"

namespace caravel::registry {
namespace {

using storage::SqlRow;
using storage::Transaction;

constexpr size_t kTokenBytes = 20;

// A time of 0 stands for none.
constexpr storage::Migration kTokenMigrations[] = {
    {.name = "terms", .sql = R"(
ALTER TABLE tokens ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1;
ALTER TABLE tokens ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN expires INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN modified INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN last_used INTEGER NOT NULL DEFAULT 0
)"},
};

std::optional<base::WallTime> TimeOrNone(int64_t millis) {
  if (millis == 0) return std::nullopt;
  return FromMillis(millis);
}

int64_t MillisOrZero(const std::optional<base::WallTime>& time) {
  return time ? ToMillis(*time) : 0;
}

Result<Token> TokenFromRow(const SqlRow& row) {
  CARAVEL_TRY(auto scopes, FromColumn<std::vector<std::string>>(row, 3));
  const base::WallTime created = FromMillis(row.Integer(7));
  return Token{.id = {row.Text(0)},
               .account = {row.Text(1)},
               .terms = {.name = row.Text(2),
                         .scopes = std::move(scopes),
                         .enabled = row.Flag(4),
                         .not_before = TimeOrNone(row.Integer(5)),
                         .expires = TimeOrNone(row.Integer(6))},
               .user = {row.Text(10)},
               .email = row.Text(12),
               .everywhere = row.Flag(11),
               .created = created,
               .modified = TimeOrNone(row.Integer(8)).value_or(created),
               .last_used = TimeOrNone(row.Integer(9))};
}

// Those that `condition` chooses, the newest first.
template <typename... Values>
Result<std::vector<Token>> SelectTokens(Transaction& transaction,
                                        std::string_view condition,
                                        const Values&... values) {
  CARAVEL_TRY(
      const auto rows,
      transaction.Query(
          fmt::format(
              "SELECT tokens.id, tokens.account, tokens.name, tokens.scopes, "
              "tokens.enabled, tokens.not_before, tokens.expires, "
              "tokens.created, tokens.modified, tokens.last_used, "
              "tokens.person, tokens.everywhere, COALESCE(users.email, '') "
              "FROM tokens LEFT JOIN users ON users.id = tokens.person "
              "WHERE {} ORDER BY tokens.created DESC, tokens.name",
              condition),
          values...));
  std::vector<Token> tokens;
  for (const SqlRow& row : rows) {
    CARAVEL_TRY(tokens.emplace_back(), TokenFromRow(row));
  }
  return tokens;
}

std::optional<Token> OnlyToken(std::vector<Token> found) {
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

Error NoSuchToken(const TokenId& id) {
  return Error(ErrorCode::kNotFound,
               fmt::format("API token \"{}\" does not exist in this account",
                           id.value.substr(0, 100)))
      .Remedy("`./caravel token list` shows those that do");
}

}  // namespace

std::span<const storage::Migration> TokenMigrations() {
  return kTokenMigrations;
}

Token NewToken(const AccountId& account, TokenTerms terms, base::WallTime now) {
  return {.id = {base::RandomHex(16)},
          .account = account,
          .terms = std::move(terms),
          .created = now,
          .modified = now};
}

std::string NewTokenValue() {
  return std::string(kTokenPrefix) + base::RandomHex(kTokenBytes);
}

Result<Token> ReadToken(Transaction& transaction, const AccountId& account,
                        const TokenId& id) {
  CARAVEL_TRY(std::vector<Token> found,
              SelectTokens(transaction, "tokens.account = ? AND tokens.id = ?",
                           account.value, id.value));
  if (found.empty()) return NoSuchToken(id);
  return std::move(found.front());
}

Result<std::optional<Token>> ReadTokenById(Transaction& transaction,
                                           const TokenId& id) {
  CARAVEL_TRY(std::vector<Token> found,
              SelectTokens(transaction, "tokens.id = ?", id.value));
  return OnlyToken(std::move(found));
}

Result<std::optional<Token>> ReadTokenByValue(Transaction& transaction,
                                              std::string_view value) {
  CARAVEL_TRY(std::vector<Token> found,
              SelectTokens(transaction, "tokens.digest = ?",
                           storage::Sha256Hex(value)));
  return OnlyToken(std::move(found));
}

Result<std::vector<Token>> ReadTokens(Transaction& transaction,
                                      const AccountId& account) {
  return SelectTokens(transaction, "tokens.account = ?", account.value);
}

Result<uint64_t> CountTokens(Transaction& transaction,
                             const AccountId& account) {
  CARAVEL_TRY(
      const auto rows,
      transaction.Query("SELECT CAST(COUNT(*) AS INTEGER) FROM tokens WHERE "
                        "account = ?",
                        account.value));
  return rows[0].Unsigned(0);
}

Status InsertToken(Transaction& transaction, const Token& token,
                   std::string_view value) {
  const TokenTerms& terms = token.terms;
  CARAVEL_TRY(transaction.Execute(
      "INSERT INTO tokens (id, digest, account, name, scopes, created, "
      "enabled, not_before, expires, modified, person, everywhere) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      token.id.value, storage::Sha256Hex(value), token.account.value,
      terms.name, ToColumn(terms.scopes), ToMillis(token.created),
      terms.enabled, MillisOrZero(terms.not_before),
      MillisOrZero(terms.expires), ToMillis(token.modified), token.user.value,
      token.everywhere));
  return {};
}

Status UpdateTokenTerms(Transaction& transaction, const Token& token) {
  const TokenTerms& terms = token.terms;
  CARAVEL_TRY(
      const uint64_t changed,
      transaction.Execute(
          "UPDATE tokens SET name = ?, scopes = ?, enabled = ?, not_before = "
          "?, expires = ?, modified = ? WHERE id = ?",
          terms.name, ToColumn(terms.scopes), terms.enabled,
          MillisOrZero(terms.not_before), MillisOrZero(terms.expires),
          ToMillis(token.modified), token.id.value));
  if (changed == 0) return NoSuchToken(token.id);
  return {};
}

Status UpdateTokenValue(Transaction& transaction, const Token& token,
                        std::string_view value) {
  CARAVEL_TRY(
      const uint64_t changed,
      transaction.Execute(
          "UPDATE tokens SET digest = ?, modified = ? WHERE id = ?",
          storage::Sha256Hex(value), ToMillis(token.modified), token.id.value));
  if (changed == 0) return NoSuchToken(token.id);
  return {};
}

Status DeleteToken(Transaction& transaction, const Token& token) {
  CARAVEL_TRY(
      transaction.Execute("DELETE FROM tokens WHERE id = ?", token.id.value));
  return {};
}

}  // namespace caravel::registry
