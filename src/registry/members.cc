#include "registry/members.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/lower_case.h"
#include "base/random.h"
#include "registry/account_table.h"
#include "registry/email.h"
#include "registry/member_table.h"

namespace caravel::registry {
namespace {

using storage::Transaction;

Status CheckEmail(std::string_view text) {
  if (IsEmail(text)) return {};
  return Error(ErrorCode::kInvalid,
               fmt::format("\"{}\" is no e-mail address", text.substr(0, 100)))
      .Remedy("write it as name@example.com");
}

}  // namespace

Result<Member> Members::Add(const AccountId& account, std::string_view email,
                            Role role, bool confirmed) {
  CARAVEL_TRY(CheckEmail(email));
  const std::string lower = base::LowerCase(email);
  return database_.Transact([&](Transaction& transaction) -> Result<Member> {
    CARAVEL_TRY(LockMembers(transaction));
    CARAVEL_TRY(ReadAccount(transaction, account));
    CARAVEL_TRY(const std::vector<Member> all,
                ReadMembers(transaction, account));
    if (std::ranges::find(all, lower, &Member::email) != all.end()) {
      return Error(ErrorCode::kConflict,
                   fmt::format("member \"{}\": is one of this account already",
                               lower))
          .Remedy("change the role of the membership instead");
    }
    if (all.size() >= kMostOfAccount) {
      return Error(ErrorCode::kLimit,
                   fmt::format("the account has {} members, as many as one may "
                               "have",
                               kMostOfAccount));
    }
    Member member{.id = {base::RandomHex(16)},
                  .account = account,
                  .user = {},
                  .email = lower,
                  .role = role,
                  .confirmed = confirmed,
                  .created = clock_.Wall()};
    CARAVEL_TRY(InsertMember(transaction, member));
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
  return database_.Read([&](Transaction& transaction) {
    return ReadMembers(transaction, account);
  });
}

Result<Member> Members::SetRole(const AccountId& account, const MemberId& id,
                                Role role, bool confirms) {
  return database_.Transact([&](Transaction& transaction) -> Result<Member> {
    CARAVEL_TRY(LockMembers(transaction));
    CARAVEL_TRY(Member member, ReadMember(transaction, account, id));
    member.role = role;
    member.confirmed |= confirms;
    CARAVEL_TRY(UpdateMember(transaction, member));
    return member;
  });
}

Result<Member> Members::Remove(const AccountId& account, const MemberId& id) {
  return database_.Transact([&](Transaction& transaction) -> Result<Member> {
    CARAVEL_TRY(LockMembers(transaction));
    CARAVEL_TRY(Member member, ReadMember(transaction, account, id));
    CARAVEL_TRY(DeleteMember(transaction, member));
    return member;
  });
}

}  // namespace caravel::registry
