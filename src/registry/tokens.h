#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "registry/token.h"
#include "storage/database.h"

namespace caravel::registry {

// The API tokens of accounts. Only their hashes are stored, so that a token is
// shown once: when it is made, and when it gets another value.
//
// Which scopes there are, and who may give which, is the matter of who calls.
//
// Threads: any, several at once; every call blocks on the database. kNotFound
// for a token that the account does not have, whoever else may.
class Tokens {
 public:
  static constexpr size_t kMostOfAccount = 1000;
  // What is written of a use says no more often that there was one.
  static constexpr std::chrono::hours kUseStep{1};

  // `database` has the registry's schema; all outlive this.
  Tokens(storage::Database& database, const base::Clock& clock)
      : database_(database), clock_(clock) {}

  struct Made {
    Token token;
    std::string value;  // what opens the API
  };
  // The member whose a token is, and whether it opens all of their accounts.
  struct For {
    std::string email;
    bool everywhere = false;
  };
  // kConflict: the account has a token of that name. kLimit: too many.
  // kNotFound: no member of the account has that e-mail address.
  Result<Made> Create(const AccountId& account, const TokenTerms& terms,
                      const std::optional<For>& member = std::nullopt);
  Result<Token> Get(const AccountId& account, const TokenId& token);
  // Newest first.
  Result<std::vector<Token>> List(const AccountId& account);

  // kDenied for the first account's own token, which these three leave alone:
  // the operator's commands have it.
  Result<Token> Update(const AccountId& account, const TokenId& token,
                       const TokenTerms& terms);
  // Another value; the old one opens nothing from now on.
  Result<Made> Roll(const AccountId& account, const TokenId& token);
  Status Remove(const AccountId& account, const TokenId& token);

  // A token in place of one of the same name, whichever that is.
  Result<std::string> Replace(const AccountId& account, std::string_view name,
                              const std::vector<std::string>& scopes);

  struct Found {
    TokenOwner owner;
    TokenTerms terms;
  };
  // The token of that value, valid now or not, and notes that it is used. If
  // that cannot be written it goes unsaid. kDenied: there is none.
  Result<Found> Find(std::string_view value);
  // The token of that id, valid now or not. kDenied: there is none any more.
  Result<Found> FindById(const TokenId& token);

 private:
  void NoteUse(const TokenId& token, base::WallTime before);

  storage::Database& database_;
  const base::Clock& clock_;
};

}  // namespace caravel::registry
