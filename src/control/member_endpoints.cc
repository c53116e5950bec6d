#include "control/member_endpoints.h"

#include <algorithm>

#include "base/clock.h"
#include "control/permission_groups.h"
#include "control/permissions.h"
#include "control/roles.h"
#include "control/tail_sessions.h"
#include "registry/members.h"

namespace caravel::api {
namespace {

RoleSeen Seen(const RoleInfo& info) {
  return {.id = RoleId(info),
          .name = std::string(info.name),
          .description = std::string(info.description),
          .role = std::string(info.key)};
}

MemberSeen Seen(const registry::Member& member) {
  return {.id = member.id.value,
          .email = member.email,
          .status = "accepted",
          .user = {.id = member.user.value, .email = member.email},
          .roles = {Seen(InfoOf(member.role))},
          .created_on = base::FormatTime(member.created)};
}

// Nobody makes others more than they are themselves, nor takes from who is:
// `what`, "make anybody".
Status CheckMayAppoint(const Caller& caller, registry::Role role,
                       std::string_view what) {
  for (const ScopeInfo& info : kScopes) {
    if (!IsGrantable(info.scope) || !RoleAllows(role, info.scope) ||
        IsAllowed(caller.owner, caller.account, info.scope)) {
      continue;
    }
    return Error(ErrorCode::kDenied,
                 fmt::format("token \"{}\" lacks the scope \"{}\" and cannot "
                             "{} {}",
                             caller.owner.name, info.name, what,
                             InfoOf(role).key))
        .Remedy("use a token that has it");
  }
  return {};
}

// The member, to be changed.
Result<registry::Member> FindMember(const Caller& caller,
                                    const MemberPath& path) {
  CARAVEL_TRY(registry::Member member, caller.services.registry.members().Get(
                                           caller.account, {path.member_id}));
  CARAVEL_TRY(CheckMayAppoint(caller, member.role, "change a member who is"));
  return member;
}

}  // namespace

Result<Page<MemberSeen>> ListMembers(Caller& caller, const AccountPath&,
                                     Query<PageQuery> query) {
  CARAVEL_TRY(const std::vector<registry::Member> members,
              caller.services.registry.members().List(caller.account));
  std::vector<MemberSeen> seen;
  for (const registry::Member& member : members) seen.push_back(Seen(member));
  return PageOf(std::move(seen), query.value);
}

Result<MemberSeen> PostMember(Caller& caller, const AccountPath&,
                              MemberInput input) {
  CARAVEL_TRY(const registry::Role role, RoleIn(input.role, input.roles));
  CARAVEL_TRY(CheckMayAppoint(caller, role, "make anybody"));
  CARAVEL_TRY(
      const registry::Member member,
      caller.services.registry.members().Add(caller.account, input.email, role,
                                             caller.owner.runs_platform));
  return Seen(member);
}

Result<MemberSeen> GetMember(Caller& caller, const MemberPath& path) {
  CARAVEL_TRY(
      const registry::Member member,
      caller.services.registry.members().Get(caller.account, {path.member_id}));
  return Seen(member);
}

Result<MemberSeen> PutMember(Caller& caller, const MemberPath& path,
                             MemberChange input) {
  CARAVEL_TRY(const registry::Member before, FindMember(caller, path));
  CARAVEL_TRY(const registry::Role role, RoleIn(input.role, input.roles));
  CARAVEL_TRY(CheckMayAppoint(caller, role, "make anybody"));
  CARAVEL_TRY(const registry::Member member,
              caller.services.registry.members().SetRole(
                  caller.account, before.id, role, caller.owner.runs_platform));
  return Seen(member);
}

Result<MemberGoneSeen> DeleteMember(Caller& caller, const MemberPath& path) {
  CARAVEL_TRY(const registry::Member member, FindMember(caller, path));
  CARAVEL_TRY(
      caller.services.registry.members().Remove(caller.account, member.id));
  // Also those that were begun by a token of another account.
  caller.services.tails.EndWhere([&](const TailSession& session) {
    return session.account == member.account && session.user == member.user;
  });
  return MemberGoneSeen{member.id.value};
}

Result<Page<RoleSeen>> ListRoles(Caller&, const AccountPath&,
                                 Query<PageQuery> query) {
  std::vector<RoleSeen> seen;
  for (const RoleInfo& info : kRoles) seen.push_back(Seen(info));
  return PageOf(std::move(seen), query.value);
}

}  // namespace caravel::api
