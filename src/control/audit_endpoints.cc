#include "control/audit_endpoints.h"

#include "base/clock.h"
#include "base/lower_case.h"
#include "control/time_input.h"
#include "registry/audit_log.h"

namespace caravel::api {
namespace {

std::string TypeOf(std::string_view method) {
  if (method == "POST") return "create";
  return method == "DELETE" ? "delete" : "update";
}

AuditSeen Seen(const registry::AuditEntry& entry) {
  const bool is_done = entry.outcome == registry::AuditOutcome::kDone;
  return {
      .id = entry.id,
      .account = {entry.account.value},
      .action = {.description = entry.operation,
                 .result = is_done ? "success" : "failure",
                 .time = base::FormatTime(entry.time),
                 .type = TypeOf(entry.method),
                 .refused = entry.outcome == registry::AuditOutcome::kRefused},
      .actor = {.type = entry.email.empty() ? "account" : "user",
                .context = "api_token",
                .email = entry.email.empty() ? std::nullopt
                                             : std::optional(entry.email),
                .ip_address = entry.address,
                .token_id = entry.token.value,
                .token_name = entry.token_name},
      .raw = {.cf_ray_id = entry.request,
              .method = entry.method,
              .status_code = entry.status,
              .uri = entry.path,
              .user_agent = entry.user_agent}};
}

Error NotOneOf(std::string_view name, std::string_view given,
               std::string_view known) {
  return Error(ErrorCode::kInvalid,
               fmt::format("the query: {} \"{}\" is not one of {}", name,
                           given.substr(0, 100), known));
}

Result<registry::AuditFilter> FilterOf(const AuditQuery& query) {
  registry::AuditFilter filter;
  CARAVEL_TRY(filter.since, TimeIn("since", query.since));
  CARAVEL_TRY(filter.before, TimeIn("before", query.before));
  filter.actor = query.actor.value_or("");
  filter.email = base::LowerCase(query.actor_email.value_or(""));
  filter.token = query.actor_token_id.value_or("");
  filter.token_name = query.actor_token_name.value_or("");
  filter.address = query.actor_ip_address.value_or("");
  filter.text = query.action.value_or("");
  filter.method = query.raw_method.value_or("");
  if (query.action_result) {
    if (*query.action_result != "success" &&
        *query.action_result != "failure") {
      return NotOneOf("action_result", *query.action_result,
                      "success, failure");
    }
    filter.is_done = *query.action_result == "success";
  }
  const std::string direction = query.direction.value_or("desc");
  if (direction != "asc" && direction != "desc") {
    return NotOneOf("direction", direction, "asc, desc");
  }
  filter.oldest_first = direction == "asc";
  filter.limit = query.limit.value_or(filter.limit);
  filter.cursor = query.cursor.value_or(0);
  return filter;
}

}  // namespace

Result<CursorPage<AuditSeen>> ListAudit(Caller& caller, const AccountPath&,
                                        Query<AuditQuery> query) {
  CARAVEL_TRY(const registry::AuditFilter filter, FilterOf(query.value));
  registry::AuditLog& audit = caller.services.audit;
  // Who asks finds what they have just done.
  audit.Flush();
  CARAVEL_TRY(const registry::AuditPage page,
              audit.Find(caller.account, filter));
  CursorPage<AuditSeen> seen;
  for (const registry::AuditEntry& entry : page.entries) {
    seen.items.push_back(Seen(entry));
  }
  if (page.cursor > 0) seen.cursor = std::to_string(page.cursor);
  return seen;
}

}  // namespace caravel::api
