#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "registry/model.h"
#include "registry/token.h"
#include "storage/database.h"

namespace caravel::registry {

using MemberId = base::StrongId<struct MemberIdTag, std::string>;  // 32 hex

// A person's place in an account.
struct Member {
  MemberId id;
  AccountId account;
  UserId user;
  std::string email;  // lower case
  Role role = Role::kReader;
  // Who runs the platform has made the person a member, or set their role: only
  // then does a token that opens all of the person's accounts open this one.
  // Else any account could put itself among those of a stranger.
  bool confirmed = false;
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
  // `confirmed` as in Member.
  Result<Member> Add(const AccountId& account, std::string_view email,
                     Role role, bool confirmed);
  Result<Member> Get(const AccountId& account, const MemberId& member);
  // kNotFound, naming the address.
  Result<Member> Find(const AccountId& account, std::string_view email);
  // By e-mail address.
  Result<std::vector<Member>> List(const AccountId& account);
  // `confirms`: the membership is confirmed from now on, if it was not.
  Result<Member> SetRole(const AccountId& account, const MemberId& member,
                         Role role, bool confirms);
  // The person's tokens of this account go with it. Returns who it was.
  Result<Member> Remove(const AccountId& account, const MemberId& member);

 private:
  storage::Database& database_;
  const base::Clock& clock_;
};

}  // namespace caravel::registry
