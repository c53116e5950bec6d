#include "registry/tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "registry/account_table.h"
#include "registry/member_table.h"
#include "registry/token_table.h"

namespace caravel::registry {
namespace {

using storage::Transaction;

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

// Whether who holds it runs the platform: never a member.
Result<bool> RunsPlatform(Transaction& transaction, const Token& token) {
  const std::vector<std::string>& scopes = token.terms.scopes;
  const bool holds = std::ranges::any_of(scopes, [](std::string_view scope) {
    return scope == kEveryScope || scope == kPlatformScope;
  });
  if (!token.user.value.empty() || !holds) return false;
  CARAVEL_TRY(const Account account, ReadAccount(transaction, token.account));
  return account.number == 1;
}

Result<TokenOwner> OwnerOf(Transaction& transaction, const Token& token) {
  TokenOwner owner{.token = token.id,
                   .account = token.account,
                   .name = token.terms.name,
                   .scopes = token.terms.scopes,
                   .expires = token.terms.expires,
                   .user = token.user,
                   .email = token.email,
                   .everywhere = token.everywhere};
  CARAVEL_TRY(owner.runs_platform, RunsPlatform(transaction, token));
  if (!token.user.value.empty()) {
    CARAVEL_TRY(owner.seats, ReadSeats(transaction, token));
  }
  return owner;
}

Result<Tokens::Found> FoundAs(Transaction& transaction,
                              const std::optional<Token>& token) {
  if (!token) {
    return Error(ErrorCode::kDenied, "the API token is not known")
        .Remedy("`./caravel env` prints one that is");
  }
  CARAVEL_TRY(TokenOwner owner, OwnerOf(transaction, *token));
  return Tokens::Found{.owner = std::move(owner), .terms = token->terms};
}

// Makes the token a member's.
Status GiveTo(Transaction& transaction, const Tokens::For& member,
              Token& token) {
  CARAVEL_TRY(LockMembers(transaction));
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

Result<Tokens::Made> Tokens::Create(const AccountId& account,
                                    const TokenTerms& terms,
                                    const std::optional<For>& member) {
  Made made{.token = NewToken(account, terms, clock_.Wall()),
            .value = NewTokenValue()};
  CARAVEL_TRY(database_.Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(ReadAccount(transaction, account));
    if (member) CARAVEL_TRY(GiveTo(transaction, *member, made.token));
    CARAVEL_TRY(
        CheckNameIsFree(transaction, account, terms.name, made.token.id));
    CARAVEL_TRY(const uint64_t count, CountTokens(transaction, account));
    if (count >= kMostOfAccount) {
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
  return database_.Read([&](Transaction& transaction) {
    return ReadTokens(transaction, account);
  });
}

Result<Token> Tokens::Update(const AccountId& account, const TokenId& id,
                             const TokenTerms& terms) {
  return database_.Transact([&](Transaction& transaction) -> Result<Token> {
    CARAVEL_TRY(Token token, ReadOwnToken(transaction, account, id));
    CARAVEL_TRY(CheckNameIsFree(transaction, account, terms.name, id));
    token.terms = terms;
    token.modified = clock_.Wall();
    CARAVEL_TRY(UpdateTokenTerms(transaction, token));
    return token;
  });
}

Result<Tokens::Made> Tokens::Roll(const AccountId& account, const TokenId& id) {
  const std::string value = NewTokenValue();
  return database_.Transact([&](Transaction& transaction) -> Result<Made> {
    CARAVEL_TRY(Token token, ReadOwnToken(transaction, account, id));
    token.modified = clock_.Wall();
    CARAVEL_TRY(UpdateTokenValue(transaction, token, value));
    return Made{.token = std::move(token), .value = value};
  });
}

Status Tokens::Remove(const AccountId& account, const TokenId& id) {
  return database_.Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(const Token token, ReadOwnToken(transaction, account, id));
    return DeleteToken(transaction, token);
  });
}

Result<std::string> Tokens::Replace(const AccountId& account,
                                    std::string_view name,
                                    const std::vector<std::string>& scopes) {
  std::string value = NewTokenValue();
  const Token token = NewToken(
      account, {.name = std::string(name), .scopes = scopes}, clock_.Wall());
  CARAVEL_TRY(database_.Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(ReadAccount(transaction, account));
    CARAVEL_TRY(
        transaction.Execute("DELETE FROM tokens WHERE account = ? AND name = ?",
                            account.value, name));
    return InsertToken(transaction, token, value);
  }));
  return value;
}

Result<Tokens::Found> Tokens::Find(std::string_view value) {
  std::optional<Token> token;
  CARAVEL_TRY(Found found,
              database_.Read([&](Transaction& transaction) -> Result<Found> {
                CARAVEL_TRY(token, ReadTokenByValue(transaction, value));
                return FoundAs(transaction, token);
              }));
  const base::WallTime last_used = token->last_used.value_or(base::WallTime());
  if (clock_.Wall() - last_used >= kUseStep) NoteUse(token->id, last_used);
  return found;
}

Result<Tokens::Found> Tokens::FindById(const TokenId& token) {
  return database_.Read([&](Transaction& transaction) -> Result<Found> {
    CARAVEL_TRY(const std::optional<Token> found,
                ReadTokenById(transaction, token));
    return FoundAs(transaction, found);
  });
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
