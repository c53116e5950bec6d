#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "registry/model.h"
#include "registry/token.h"
#include "storage/database.h"
#include "storage/migrations.h"

namespace caravel::registry {

using MemberId = base::StrongId<struct MemberIdTag, std::string>;  // 32 hex

// A person's place in an account.
struct Member {
  MemberId id;
  AccountId account;
  UserId user;
  std::string email;  // lower case
  Role role = Role::kReader;
  base::WallTime created;
};

// Who belongs to which account, and as what. A person is an e-mail address; the
// same one in two accounts is one person.
//
// Threads: any, several at once; every call blocks on the database. kNotFound
// for a member that the account does not have, whoever else may.
class Members {
 public:
  static constexpr size_t kMostOfAccount = 1000;

  // `database` has the registry's schema; all outlive this.
  Members(storage::Database& database, const base::Clock& clock)
      : database_(database), clock_(clock) {}

  // kConflict: the person is a member already. kInvalid: no e-mail address.
  Result<Member> Add(const AccountId& account, std::string_view email,
                     Role role);
  Result<Member> Get(const AccountId& account, const MemberId& member);
  // kNotFound, naming the address.
  Result<Member> Find(const AccountId& account, std::string_view email);
  // By e-mail address.
  Result<std::vector<Member>> List(const AccountId& account);
  Result<Member> SetRole(const AccountId& account, const MemberId& member,
                         Role role);
  // The person's tokens of this account go with it.
  Status Remove(const AccountId& account, const MemberId& member);

 private:
  storage::Database& database_;
  const base::Clock& clock_;
};

// The tables of members, behind those of tokens (registry/tokens.h).
std::span<const storage::Migration> MemberMigrations();

// kNotFound, naming the address.
Result<Member> ReadMemberByEmail(storage::Transaction& transaction,
                                 const AccountId& account,
                                 std::string_view email);

// The accounts in which the person has a place; with `only`, that one at most.
Result<std::vector<Seat>> ReadSeats(storage::Transaction& transaction,
                                    const UserId& user,
                                    const std::optional<AccountId>& only);

}  // namespace caravel::registry
