#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <vector>

#include "control/endpoint_traits.h"
#include "control/paging.h"
#include "control/paths.h"
#include "control/services.h"

// Members of an account and their roles. Paths and fields are those of the
// Cloudflare API; `role` is Caravel's own and shorter way to name one. Nobody
// is sent a letter: who adds a member makes them a token.
namespace caravel::api {

struct MemberPath {
  std::string account_id;
  std::string member_id;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&MemberPath::account_id, "Id of the account"),
        api::Field(&MemberPath::member_id, "Id of the member").Length(1, 64));
  }
};
BOOST_DESCRIBE_STRUCT(MemberPath, (), (account_id, member_id))

struct MemberInput {
  std::string email;
  std::optional<std::string> role;
  std::vector<boost::json::value> roles;
  std::optional<std::string> status;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&MemberInput::email, "E-mail address").Length(3, 254),
        api::Field(&MemberInput::role, "administrator, developer or reader"),
        api::Field(&MemberInput::roles, "The same: a list with a role's id"),
        api::Field(&MemberInput::status, "accepted"));
  }
};
BOOST_DESCRIBE_STRUCT(MemberInput, (), (email, role, roles, status))

struct MemberChange {
  std::optional<std::string> role;
  std::vector<boost::json::value> roles;
};
BOOST_DESCRIBE_STRUCT(MemberChange, (), (role, roles))

struct RoleSeen {
  std::string id;
  std::string name;
  std::string description;
  std::string role;  // as `role` of a member
};
BOOST_DESCRIBE_STRUCT(RoleSeen, (), (id, name, description, role))

struct MemberUser {
  std::string id;
  std::string email;
};
BOOST_DESCRIBE_STRUCT(MemberUser, (), (id, email))

struct MemberSeen {
  std::string id;
  std::string email;
  std::string status;
  MemberUser user;
  std::vector<RoleSeen> roles;
  std::string created_on;
};
BOOST_DESCRIBE_STRUCT(MemberSeen, (),
                      (id, email, status, user, roles, created_on))

struct MemberGoneSeen {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(MemberGoneSeen, (), (id))

Result<Page<MemberSeen>> ListMembers(Caller& caller, const AccountPath& path,
                                     Query<PageQuery> query);
Result<MemberSeen> PostMember(Caller& caller, const AccountPath& path,
                              MemberInput input);
Result<MemberSeen> GetMember(Caller& caller, const MemberPath& path);
Result<MemberSeen> PutMember(Caller& caller, const MemberPath& path,
                             MemberChange input);
Result<MemberGoneSeen> DeleteMember(Caller& caller, const MemberPath& path);
Result<Page<RoleSeen>> ListRoles(Caller& caller, const AccountPath& path,
                                 Query<PageQuery> query);

inline constexpr ErrorNumbers kMemberErrors{
    .invalid = 1001, .not_found = 1003, .conflict = 1005, .denied = 9109};

inline constexpr Endpoint kListMembers{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/members",
    .scope = Scope::kAccountRead,
    .summary = "List the members of an account with their roles",
    .errors = kMemberErrors,
    .handler = &ListMembers,
};

inline constexpr Endpoint kPostMember{
    .method = Method::kPost,
    .path = "/accounts/{account_id}/members",
    .scope = Scope::kAccountWrite,
    .summary = "Make a person a member of an account",
    .example = R"({"email":"ada@example.com","role":"developer"})",
    .errors = kMemberErrors,
    .handler = &PostMember,
};

inline constexpr Endpoint kGetMember{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/members/{member_id}",
    .scope = Scope::kAccountRead,
    .summary = "See a member of an account",
    .errors = kMemberErrors,
    .handler = &GetMember,
};

inline constexpr Endpoint kPutMember{
    .method = Method::kPut,
    .path = "/accounts/{account_id}/members/{member_id}",
    .scope = Scope::kAccountWrite,
    .summary = "Give a member another role",
    .example = R"({"role":"reader"})",
    .unknown_keys = UnknownKeys::kIgnore,
    .errors = kMemberErrors,
    .handler = &PutMember,
};

inline constexpr Endpoint kDeleteMember{
    .method = Method::kDelete,
    .path = "/accounts/{account_id}/members/{member_id}",
    .scope = Scope::kAccountWrite,
    .summary = "End a membership, and the member's tokens of the account",
    .errors = kMemberErrors,
    .handler = &DeleteMember,
};

inline constexpr Endpoint kListRoles{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/roles",
    .scope = Scope::kAccountRead,
    .summary = "List the roles that members can have",
    .errors = kMemberErrors,
    .handler = &ListRoles,
};

}  // namespace caravel::api
