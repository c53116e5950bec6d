#include "registry/members.h"

#include <fmt/format.h>

#include <algorithm>

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
};

#define CARAVEL_SELECT_MEMBERS                                           \
  "SELECT members.id, members.account, members.person, users.email, "    \
  "members.role, members.created FROM members JOIN users ON users.id = " \
  "members.person "

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
          .created = FromMillis(row.Integer(5))};
}

Error NoSuchMember(std::string_view who) {
  return Error(ErrorCode::kNotFound,
               fmt::format("member \"{}\" does not exist in this account",
                           who.substr(0, 300)))
      .Remedy("`caravel member list` shows those that do");
}

Result<Member> ReadMember(Transaction& transaction, const AccountId& account,
                          const MemberId& id) {
  CARAVEL_TRY(const auto rows,
              transaction.Query(CARAVEL_SELECT_MEMBERS
                                "WHERE members.account = ? AND members.id = ?",
                                account.value, id.value));
  if (rows.empty()) return NoSuchMember(id.value);
  return MemberFromRow(rows[0]);
}

// What stands on both sides of the one @; whether a letter arrives there is not
// known here.
Status CheckEmail(std::string_view text) {
  constexpr size_t kLongest = 254;  // RFC 5321, section 4.5.3.1
  const size_t at = text.find('@');
  const bool is_plain = std::ranges::all_of(
      text, [](char c) { return c > ' ' && c <= '~' && c != '"'; });
  if (is_plain && text.size() <= kLongest && at != std::string_view::npos &&
      at > 0 && at + 1 < text.size() &&
      text.find('@', at + 1) == std::string_view::npos) {
    return {};
  }
  return Error(ErrorCode::kInvalid,
               fmt::format("\"{}\" is no e-mail address", text.substr(0, 100)))
      .Remedy("write it as name@example.com");
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

Result<Member> ReadMemberByEmail(Transaction& transaction,
                                 const AccountId& account,
                                 std::string_view email) {
  CARAVEL_TRY(const auto rows,
              transaction.Query(CARAVEL_SELECT_MEMBERS
                                "WHERE members.account = ? AND users.email = ?",
                                account.value, base::LowerCase(email)));
  if (rows.empty()) return NoSuchMember(email);
  return MemberFromRow(rows[0]);
}

Result<std::vector<Seat>> ReadSeats(Transaction& transaction,
                                    const UserId& user,
                                    const std::optional<AccountId>& only) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT members.account, role FROM members "
                                "JOIN accounts ON accounts.id = "
                                "members.account WHERE person = ? "
                                "ORDER BY accounts.number",
                                user.value));
  std::vector<Seat> seats;
  for (const SqlRow& row : rows) {
    Seat seat{.account = {row.Text(0)}, .role = RoleOf(row.Unsigned(1))};
    if (!only || seat.account == *only) seats.push_back(std::move(seat));
  }
  return seats;
}

Result<Member> Members::Add(const AccountId& account, std::string_view email,
                            Role role) {
  CARAVEL_TRY(CheckEmail(email));
  const std::string lower = base::LowerCase(email);
  return database_.Transact([&](Transaction& transaction) -> Result<Member> {
    CARAVEL_TRY(ReadAccount(transaction, account));
    Member member{.id = {base::RandomHex(16)},
                  .account = account,
                  .user = {},
                  .email = lower,
                  .role = role,
                  .created = clock_.Wall()};
    CARAVEL_TRY(member.user,
                FindOrMakeUser(transaction, lower, member.created));
    CARAVEL_TRY(
        const auto rows,
        transaction.Query("SELECT person FROM members WHERE account = ?",
                          account.value));
    for (const SqlRow& row : rows) {
      if (row.Text(0) != member.user.value) continue;
      return Error(ErrorCode::kConflict,
                   fmt::format("member \"{}\": is one of this account already",
                               lower))
          .Remedy("change the role of the membership instead");
    }
    if (rows.size() >= kMostOfAccount) {
      return Error(ErrorCode::kLimit,
                   fmt::format("the account has {} members, as many as one may "
                               "have",
                               kMostOfAccount));
    }
    CARAVEL_TRY(transaction.Execute(
        "INSERT INTO members (id, account, person, role, created) "
        "VALUES (?, ?, ?, ?, ?)",
        member.id.value, account.value, member.user.value,
        static_cast<int64_t>(role), ToMillis(member.created)));
    return member;
  });
}

Result<Member> Members::Get(const AccountId& account, const MemberId& member) {
  return database_.Read([&](Transaction& transaction) {
    return ReadMember(transaction, account, member);
  });
}

Result<Member> Members::Find(const AccountId& account, std::string_view email) {
  return database_.Read([&](Transaction& transaction) {
    return ReadMemberByEmail(transaction, account, email);
  });
}

Result<std::vector<Member>> Members::List(const AccountId& account) {
  return database_.Read(
      [&](Transaction& transaction) -> Result<std::vector<Member>> {
        CARAVEL_TRY(const auto rows,
                    transaction.Query(CARAVEL_SELECT_MEMBERS
                                      "WHERE members.account = ? "
                                      "ORDER BY users.email",
                                      account.value));
        std::vector<Member> members;
        for (const SqlRow& row : rows) members.push_back(MemberFromRow(row));
        return members;
      });
}

Result<Member> Members::SetRole(const AccountId& account, const MemberId& id,
                                Role role) {
  return database_.Transact([&](Transaction& transaction) -> Result<Member> {
    CARAVEL_TRY(Member member, ReadMember(transaction, account, id));
    member.role = role;
    CARAVEL_TRY(transaction.Execute("UPDATE members SET role = ? WHERE id = ?",
                                    static_cast<int64_t>(role), id.value));
    return member;
  });
}

Status Members::Remove(const AccountId& account, const MemberId& id) {
  return database_.Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(const Member member, ReadMember(transaction, account, id));
    CARAVEL_TRY(transaction.Execute(
        "DELETE FROM tokens WHERE account = ? AND person = ?", account.value,
        member.user.value));
    CARAVEL_TRY(
        transaction.Execute("DELETE FROM members WHERE id = ?", id.value));
    return {};
  });
}

}  // namespace caravel::registry
