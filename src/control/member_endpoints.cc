#include "control/member_endpoints.h"

#include <algorithm>

#include "base/clock.h"
#include "base/nearest_name.h"
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

// Of a list of roles as the Cloudflare API takes it: ids, or objects with one.
Result<std::string> OnlyRole(const std::vector<boost::json::value>& roles) {
  if (roles.size() == 1) {
    const boost::json::value& role = roles[0];
    if (role.is_string()) return std::string(role.as_string());
    const auto* fields = role.if_object();
    const auto* id = fields == nullptr ? nullptr : fields->if_contains("id");
    if (id != nullptr && id->is_string()) return std::string(id->as_string());
  }
  return Error(ErrorCode::kInvalid,
               roles.size() == 1
                   ? "roles[0]: is neither the id of a role nor has one"
                   : fmt::format("roles: a member has one role, not {}",
                                 roles.size()))
      .Remedy("GET …/roles lists those there are");
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

Result<registry::Role> RoleIn(const std::optional<std::string>& role,
                              const std::vector<boost::json::value>& roles) {
  std::string wanted;
  if (role) {
    wanted = *role;
  } else {
    CARAVEL_TRY(wanted, OnlyRole(roles));
  }
  std::vector<std::string_view> keys;
  for (const RoleInfo& info : kRoles) {
    if (wanted == info.key || wanted == RoleId(info)) return info.role;
    keys.push_back(info.key);
  }
  return Error(ErrorCode::kInvalid, fmt::format("role \"{}\" does not exist{}",
                                                wanted.substr(0, 100),
                                                base::DidYouMean(wanted, keys)))
      .Remedy("there are administrator, developer and reader");
}

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
