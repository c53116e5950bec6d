#pragma once

#include <optional>
#include <string>

#include "control/endpoint_traits.h"
#include "control/paths.h"
#include "control/services.h"

// The audit log: who changed what, when and from where. Path and fields are
// those of the Cloudflare API's audit logs, version 2.
namespace caravel::api {

struct AuditQuery {
  std::optional<std::string> since;
  std::optional<std::string> before;
  std::optional<std::string> actor;
  std::optional<std::string> actor_email;
  std::optional<std::string> actor_token_id;
  std::optional<std::string> actor_token_name;
  std::optional<std::string> actor_ip_address;
  std::optional<std::string> action;
  std::optional<std::string> action_result;
  std::optional<std::string> raw_method;
  std::optional<std::string> direction;
  std::optional<uint32_t> limit;
  std::optional<uint64_t> cursor;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&AuditQuery::since, "From then on (RFC 3339, or a day)"),
        api::Field(&AuditQuery::before, "Until then (RFC 3339, or a day)"),
        api::Field(&AuditQuery::actor,
                   "E-mail address, or a token's name or id"),
        api::Field(&AuditQuery::actor_email, "E-mail address of a member"),
        api::Field(&AuditQuery::actor_token_id, "A token's id"),
        api::Field(&AuditQuery::actor_token_name, "A token's name"),
        api::Field(&AuditQuery::actor_ip_address, "Address of who asked"),
        api::Field(&AuditQuery::action,
                   "Text in what was done, in words or as a path"),
        api::Field(&AuditQuery::action_result, "success or failure"),
        api::Field(&AuditQuery::raw_method, "Method of HTTP"),
        api::Field(&AuditQuery::direction, "desc (newest first) or asc"),
        api::Field(&AuditQuery::limit, "How many").Range(1, 1000),
        api::Field(&AuditQuery::cursor, "That of the page before"));
  }
};
BOOST_DESCRIBE_STRUCT(AuditQuery, (),
                      (since, before, actor, actor_email, actor_token_id,
                       actor_token_name, actor_ip_address, action,
                       action_result, raw_method, direction, limit, cursor))

struct AuditAccount {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(AuditAccount, (), (id))

struct AuditAction {
  std::string description;
  std::string result;  // success or failure
  std::string time;
  std::string type;  // create, update or delete
  // The failure was a refusal, before anything was tried.
  bool refused = false;
};
BOOST_DESCRIBE_STRUCT(AuditAction, (),
                      (description, result, time, type, refused))

struct AuditActor {
  std::string type;  // user (a member's token) or account
  std::string context;
  std::optional<std::string> email;
  std::string ip_address;
  std::string token_id;
  std::string token_name;
};
BOOST_DESCRIBE_STRUCT(AuditActor, (),
                      (type, context, email, ip_address, token_id, token_name))

struct AuditRaw {
  std::string cf_ray_id;  // as in the answer's header cf-ray
  std::string method;
  uint32_t status_code = 0;
  std::string uri;
  std::string user_agent;
};
BOOST_DESCRIBE_STRUCT(AuditRaw, (),
                      (cf_ray_id, method, status_code, uri, user_agent))

struct AuditSeen {
  std::string id;
  AuditAccount account;
  AuditAction action;
  AuditActor actor;
  AuditRaw raw;
};
BOOST_DESCRIBE_STRUCT(AuditSeen, (), (id, account, action, actor, raw))

Result<CursorPage<AuditSeen>> ListAudit(Caller& caller, const AccountPath& path,
                                        Query<AuditQuery> query);

inline constexpr Endpoint kListAudit{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/logs/audit",
    .scope = Scope::kAuditRead,
    .summary = "List who asked for which change, newest first",
    .errors = {.invalid = 1001},
    .handler = &ListAudit,
};

}  // namespace caravel::api
