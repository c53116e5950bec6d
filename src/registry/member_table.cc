#include "registry/member_table.h"

#include <fmt/format.h>

#include "base/lower_case.h"
#include "base/random.h"
#include "registry/account_table.h"

namespace caravel::registry {
namespace {

using storage::SqlRow;
using storage::Transaction;

// A token with a member ends with the membership. One that is valid everywhere
// opens all accounts of its member, else only the one that it was made in.
constexpr storage::Migration kMemberMigrations[] = {
    {.name = "members", .sql = R"(
CREATE TABLE users (
  id TEXT PRIMARY KEY NOT NULL,
  email TEXT NOT NULL UNIQUE,
  created INTEGER NOT NULL
);
CREATE TABLE members (
  id TEXT PRIMARY KEY NOT NULL,
  account TEXT NOT NULL REFERENCES accounts (id),
  person TEXT NOT NULL REFERENCES users (id),
  role INTEGER NOT NULL,
  created INTEGER NOT NULL,
  UNIQUE (account, person)
);
CREATE INDEX members_by_person ON members (person);
ALTER TABLE tokens ADD COLUMN person TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN everywhere INTEGER NOT NULL DEFAULT 0
)"},
    {.name = "confirmed", .sql = R"(
ALTER TABLE members ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 1
)"},
};

// The column may hold what a later release wrote: who is unknown may least.
Role RoleOf(uint64_t number) {
  return number > static_cast<uint64_t>(Role::kLast)
             ? Role::kReader
             : static_cast<Role>(number);
}

Member MemberFromRow(const SqlRow& row) {
  return {.id = {row.Text(0)},
          .account = {row.Text(1)},
          .user = {row.Text(2)},
          .email = row.Text(3),
          .role = RoleOf(row.Unsigned(4)),
          .confirmed = row.Flag(5),
          .created = FromMillis(row.Integer(6))};
}

// Those that `condition` chooses, by e-mail address.
template <typename... Values>
Result<std::vector<Member>> SelectMembers(Transaction& transaction,
                                          std::string_view condition,
                                          const Values&... values) {
  CARAVEL_TRY(
      const auto rows,
      transaction.Query(
          fmt::format("SELECT members.id, members.account, members.person, "
                      "users.email, members.role, members.confirmed, "
                      "members.created FROM members JOIN users ON users.id = "
                      "members.person WHERE {} ORDER BY users.email",
                      condition),
          values...));
  std::vector<Member> members;
  for (const SqlRow& row : rows) members.push_back(MemberFromRow(row));
  return members;
}

Result<Member> OnlyMember(std::vector<Member> found, std::string_view who) {
  if (!found.empty()) return std::move(found.front());
  return Error(ErrorCode::kNotFound,
               fmt::format("member \"{}\" does not exist in this account",
                           who.substr(0, 300)))
      .Remedy("`./caravel member list` shows those that do");
}

Result<UserId> FindOrMakeUser(Transaction& transaction, std::string_view email,
                              base::WallTime now) {
  CARAVEL_TRY(transaction.Execute(
      "INSERT INTO users (id, email, created) VALUES (?, ?, ?) "
      "ON CONFLICT (email) DO NOTHING",
      base::RandomHex(16), email, ToMillis(now)));
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT id FROM users WHERE email = ?", email));
  return UserId{rows[0].Text(0)};
}

}  // namespace

std::span<const storage::Migration> MemberMigrations() {
  return kMemberMigrations;
}

Status LockMembers(Transaction& transaction) {
  return transaction.Lock("members");
}

Result<Member> ReadMember(Transaction& transaction, const AccountId& account,
                          const MemberId& id) {
  CARAVEL_TRY(
      std::vector<Member> found,
      SelectMembers(transaction, "members.account = ? AND members.id = ?",
                    account.value, id.value));
  return OnlyMember(std::move(found), id.value);
}

Result<Member> ReadMemberByEmail(Transaction& transaction,
                                 const AccountId& account,
                                 std::string_view email) {
  CARAVEL_TRY(
      std::vector<Member> found,
      SelectMembers(transaction, "members.account = ? AND users.email = ?",
                    account.value, base::LowerCase(email)));
  return OnlyMember(std::move(found), email);
}

Result<std::vector<Member>> ReadMembers(Transaction& transaction,
                                        const AccountId& account) {
  return SelectMembers(transaction, "members.account = ?", account.value);
}

Result<std::vector<Seat>> ReadSeats(Transaction& transaction,
                                    const Token& token) {
  CARAVEL_TRY(
      const auto rows,
      transaction.Query(
          fmt::format("SELECT members.account, role, members.id FROM members "
                      "JOIN accounts "
                      "ON accounts.id = members.account WHERE person = ? AND "
                      "(members.account = ?{}) ORDER BY accounts.number",
                      token.everywhere ? " OR confirmed <> 0" : ""),
          token.user.value, token.account.value));
  std::vector<Seat> seats;
  for (const SqlRow& row : rows) {
    seats.push_back({.account = {row.Text(0)},
                     .role = RoleOf(row.Unsigned(1)),
                     .membership = row.Text(2)});
  }
  return seats;
}

Status InsertMember(Transaction& transaction, Member& member) {
  CARAVEL_TRY(member.user,
              FindOrMakeUser(transaction, member.email, member.created));
  CARAVEL_TRY(transaction.Execute(
      "INSERT INTO members (id, account, person, role, confirmed, created) "
      "VALUES (?, ?, ?, ?, ?, ?)",
      member.id.value, member.account.value, member.user.value,
      static_cast<int64_t>(member.role), member.confirmed,
      ToMillis(member.created)));
  return {};
}

Status UpdateMember(Transaction& transaction, const Member& member) {
  CARAVEL_TRY(transaction.Execute(
      "UPDATE members SET role = ?, confirmed = ? WHERE id = ?",
      static_cast<int64_t>(member.role), member.confirmed, member.id.value));
  return {};
}

Status DeleteMember(Transaction& transaction, const Member& member) {
  CARAVEL_TRY(
      transaction.Execute("DELETE FROM tokens WHERE account = ? AND person = ?",
                          member.account.value, member.user.value));
  CARAVEL_TRY(
      transaction.Execute("DELETE FROM members WHERE id = ?", member.id.value));
  CARAVEL_TRY(
      transaction.Execute("DELETE FROM users WHERE id = ? AND NOT EXISTS "
                          "(SELECT 1 FROM members WHERE person = users.id)",
                          member.user.value));
  return {};
}

}  // namespace caravel::registry
