#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "registry/members.h"
#include "registry/token.h"
#include "storage/database.h"
#include "storage/migrations.h"

// Rows of members and of the people that they are, within a transaction.
namespace caravel::registry {

// Their tables, behind those of tokens (registry/token_table.h).
std::span<const storage::Migration> MemberMigrations();

// Until the end of the transaction nobody else changes who is a member, or
// makes a token for one.
Status LockMembers(storage::Transaction& transaction);

// kNotFound, naming the id.
Result<Member> ReadMember(storage::Transaction& transaction,
                          const AccountId& account, const MemberId& id);
// kNotFound, naming the address.
Result<Member> ReadMemberByEmail(storage::Transaction& transaction,
                                 const AccountId& account,
                                 std::string_view email);
// By e-mail address.
Result<std::vector<Member>> ReadMembers(storage::Transaction& transaction,
                                        const AccountId& account);

// Where the token opens what, by its person's memberships.
Result<std::vector<Seat>> ReadSeats(storage::Transaction& transaction,
                                    const Token& token);

// Requires: LockMembers(), of these three. `member.user` is set by the first.
Status InsertMember(storage::Transaction& transaction, Member& member);
// Role and confirmation.
Status UpdateMember(storage::Transaction& transaction, const Member& member);
// With the person's tokens of the account, and with the person where this was
// the last membership.
Status DeleteMember(storage::Transaction& transaction, const Member& member);

}  // namespace caravel::registry
