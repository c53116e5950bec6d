#include "registry/tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.h"
#include "registry/account_table.h"
#include "registry/members.h"
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

#define CARAVEL_TOKEN_COLUMNS                                               \
  "tokens.id, tokens.account, tokens.name, tokens.scopes, tokens.enabled, " \
  "tokens.not_before, tokens.expires, tokens.created, tokens.modified, "    \
  "tokens.last_used, tokens.person, tokens.everywhere, "                    \
  "COALESCE(users.email, '')"

#define CARAVEL_FROM_TOKENS \
  " FROM tokens LEFT JOIN users ON users.id = tokens.person "

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

Result<Token> ReadToken(Transaction& transaction, const AccountId& account,
                        const TokenId& id) {
  CARAVEL_TRY(
      const auto rows,
      transaction.Query("SELECT " CARAVEL_TOKEN_COLUMNS CARAVEL_FROM_TOKENS
                        "WHERE tokens.account = ? AND tokens.id = ?",
                        account.value, id.value));
  if (!rows.empty()) return TokenFromRow(rows[0]);
  return Error(ErrorCode::kNotFound,
               fmt::format("API token \"{}\" does not exist in this account",
                           id.value.substr(0, 100)))
      .Remedy("`caravel token list` shows those that do");
}

// The token, to be changed.
Result<Token> ReadOwnToken(Transaction& transaction, const AccountId& account,
                           const TokenId& id) {
  CARAVEL_TRY(Token token, ReadToken(transaction, account, id));
  if (token.terms.name != kBootstrapToken) return token;
  return Error(ErrorCode::kDenied,
               "API token \"bootstrap\": is the platform's own and stays as it "
               "is")
      .Remedy(
          "for another value remove the file \"token\" of the data folder and "
          "start Caravel again");
}

Result<TokenOwner> OwnerOf(Transaction& transaction, const Token& token,
                           bool is_first_account) {
  TokenOwner owner{.token = token.id,
                   .account = token.account,
                   .name = token.terms.name,
                   .scopes = token.terms.scopes};
  if (token.user.value.empty()) {
    const auto holds = [&](std::string_view scope) {
      return std::ranges::find(owner.scopes, scope) != owner.scopes.end();
    };
    owner.runs_platform =
        is_first_account && (holds(kEveryScope) || holds(kPlatformScope));
    return owner;
  }
  owner.user = token.user;
  owner.email = token.email;
  owner.everywhere = token.everywhere;
  CARAVEL_TRY(owner.seats,
              ReadSeats(transaction, token.user,
                        token.everywhere ? std::nullopt
                                         : std::optional(token.account)));
  return owner;
}

// Makes the token a member's.
Status GiveTo(Transaction& transaction, const Tokens::For& member,
              Token& token) {
  CARAVEL_TRY(const Member found,
              ReadMemberByEmail(transaction, token.account, member.email));
  token.user = found.user;
  token.email = found.email;
  token.everywhere = member.everywhere;
  return {};
}

Status CheckNameIsFree(Transaction& transaction, const AccountId& account,
                       std::string_view name, const TokenId& own) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT id FROM tokens WHERE account = ? AND "
                                "name = ? AND id <> ?",
                                account.value, name, own.value));
  if (rows.empty() && name != kBootstrapToken) return {};
  return Error(ErrorCode::kConflict,
               fmt::format("API token \"{}\": the account has one of that name",
                           name))
      .Remedy("choose another name, or roll or remove that one");
}

}  // namespace

TokenState StateOf(const TokenTerms& terms, base::WallTime now) {
  if (!terms.enabled) return TokenState::kDisabled;
  if (terms.expires && now >= *terms.expires) return TokenState::kExpired;
  if (terms.not_before && now < *terms.not_before) return TokenState::kNotYet;
  return TokenState::kActive;
}

std::span<const storage::Migration> TokenMigrations() {
  return kTokenMigrations;
}

std::string NewTokenValue() {
  return "caravel_" + base::RandomHex(kTokenBytes);
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

Result<Tokens::Made> Tokens::Create(const AccountId& account,
                                    const TokenTerms& terms,
                                    const std::optional<For>& member) {
  const base::WallTime now = clock_.Wall();
  Made made{.token = {.id = {base::RandomHex(16)},
                      .account = account,
                      .terms = terms,
                      .created = now,
                      .modified = now,
                      .last_used = std::nullopt},
            .value = NewTokenValue()};
  CARAVEL_TRY(database_.Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(ReadAccount(transaction, account));
    if (member) CARAVEL_TRY(GiveTo(transaction, *member, made.token));
    CARAVEL_TRY(
        CheckNameIsFree(transaction, account, terms.name, made.token.id));
    CARAVEL_TRY(
        const auto rows,
        transaction.Query("SELECT CAST(COUNT(*) AS INTEGER) FROM tokens WHERE "
                          "account = ?",
                          account.value));
    if (rows[0].Unsigned(0) >= kMostOfAccount) {
      return Error(ErrorCode::kLimit,
                   fmt::format("the account has {} API tokens, as many as one "
                               "may have",
                               kMostOfAccount))
          .Remedy("remove those that nobody uses");
    }
    return InsertToken(transaction, made.token, made.value);
  }));
  return made;
}

Result<Token> Tokens::Get(const AccountId& account, const TokenId& token) {
  return database_.Read([&](Transaction& transaction) {
    return ReadToken(transaction, account, token);
  });
}

Result<std::vector<Token>> Tokens::List(const AccountId& account) {
  return database_.Read(
      [&](Transaction& transaction) -> Result<std::vector<Token>> {
        CARAVEL_TRY(const auto rows,
                    transaction.Query(
                        "SELECT " CARAVEL_TOKEN_COLUMNS CARAVEL_FROM_TOKENS
                        "WHERE tokens.account = ? "
                        "ORDER BY tokens.created DESC, "
                        "tokens.name",
                        account.value));
        std::vector<Token> tokens;
        for (const SqlRow& row : rows) {
          CARAVEL_TRY(tokens.emplace_back(), TokenFromRow(row));
        }
        return tokens;
      });
}

Result<Token> Tokens::Update(const AccountId& account, const TokenId& id,
                             const TokenTerms& terms) {
  return database_.Transact([&](Transaction& transaction) -> Result<Token> {
    CARAVEL_TRY(Token token, ReadOwnToken(transaction, account, id));
    CARAVEL_TRY(CheckNameIsFree(transaction, account, terms.name, id));
    token.terms = terms;
    token.modified = clock_.Wall();
    CARAVEL_TRY(transaction.Execute(
        "UPDATE tokens SET name = ?, scopes = ?, enabled = ?, not_before = ?, "
        "expires = ?, modified = ? WHERE id = ?",
        terms.name, ToColumn(terms.scopes), terms.enabled,
        MillisOrZero(terms.not_before), MillisOrZero(terms.expires),
        ToMillis(token.modified), id.value));
    return token;
  });
}

Result<Tokens::Made> Tokens::Roll(const AccountId& account, const TokenId& id) {
  const std::string value = NewTokenValue();
  return database_.Transact([&](Transaction& transaction) -> Result<Made> {
    CARAVEL_TRY(Token token, ReadOwnToken(transaction, account, id));
    token.modified = clock_.Wall();
    CARAVEL_TRY(transaction.Execute(
        "UPDATE tokens SET digest = ?, modified = ? WHERE id = ?",
        storage::Sha256Hex(value), ToMillis(token.modified), id.value));
    return Made{.token = std::move(token), .value = value};
  });
}

Status Tokens::Remove(const AccountId& account, const TokenId& id) {
  return database_.Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(ReadOwnToken(transaction, account, id));
    CARAVEL_TRY(
        transaction.Execute("DELETE FROM tokens WHERE id = ?", id.value));
    return {};
  });
}

Result<std::string> Tokens::Replace(const AccountId& account,
                                    std::string_view name,
                                    const std::vector<std::string>& scopes) {
  std::string value = NewTokenValue();
  const base::WallTime now = clock_.Wall();
  CARAVEL_TRY(database_.Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(ReadAccount(transaction, account));
    CARAVEL_TRY(
        transaction.Execute("DELETE FROM tokens WHERE account = ? AND name = ?",
                            account.value, name));
    return InsertToken(transaction,
                       {.id = {base::RandomHex(16)},
                        .account = account,
                        .terms = {.name = std::string(name),
                                  .scopes = scopes,
                                  .enabled = true,
                                  .not_before = std::nullopt,
                                  .expires = std::nullopt},
                        .created = now,
                        .modified = now,
                        .last_used = std::nullopt},
                       value);
  }));
  return value;
}

Result<Tokens::Found> Tokens::Find(std::string_view value) {
  base::WallTime last_used;
  CARAVEL_TRY(
      std::optional<Found> found,
      database_.Read(
          [&](Transaction& transaction) -> Result<std::optional<Found>> {
            CARAVEL_TRY(const auto rows,
                        transaction.Query(
                            "SELECT " CARAVEL_TOKEN_COLUMNS
                            ", accounts.number" CARAVEL_FROM_TOKENS
                            "JOIN accounts ON accounts.id = tokens.account "
                            "WHERE digest = ?",
                            storage::Sha256Hex(value)));
            if (rows.empty()) return std::optional<Found>();
            CARAVEL_TRY(Token token, TokenFromRow(rows[0]));
            last_used = token.last_used.value_or(base::WallTime());
            const bool is_first_account = rows[0].Integer(13) == 1;
            CARAVEL_TRY(TokenOwner owner,
                        OwnerOf(transaction, token, is_first_account));
            return std::optional<Found>(
                {.owner = std::move(owner), .terms = std::move(token.terms)});
          }));
  if (!found) {
    return Error(ErrorCode::kDenied, "the API token is not known")
        .Remedy("`caravel env` prints one that is");
  }
  if (clock_.Wall() - last_used >= kUseStep) {
    NoteUse(found->owner.token, last_used);
  }
  return *std::move(found);
}

void Tokens::NoteUse(const TokenId& token, base::WallTime before) {
  const int64_t now = ToMillis(clock_.Wall());
  // Of several at once the first writes.
  const Status noted =
      database_.Transact([&](Transaction& transaction) -> Status {
        CARAVEL_TRY(transaction.Execute(
            "UPDATE tokens SET last_used = ? WHERE id = ? AND last_used = ?",
            now, token.value, ToMillis(before)));
        return {};
      });
  (void)noted;
}

}  // namespace caravel::registry
