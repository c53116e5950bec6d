#include "control/tail_endpoints.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "control/permissions.h"
#include "control/tail_sessions.h"

namespace caravel::api {
namespace {

// Where the client reached the API, with another scheme.
std::string TailUrl(const Caller& caller, const TailSession& session) {
  return fmt::format("{}://{}{}{}", caller.is_https ? "wss" : "ws",
                     caller.authority, kTailPath, session.key);
}

// Whether the caller's token still may what it was let in for.
bool StillMay(const Caller& caller) {
  const auto found =
      caller.services.registry.tokens().FindById(caller.owner.token);
  return found &&
         StateOf(found->terms, caller.services.clock.Wall()) ==
             registry::TokenState::kActive &&
         IsAllowed(found->owner, caller.account, Scope::kWorkersTail);
}

}  // namespace

Result<TailSeen> PostTail(Caller& caller, const ScriptPath& path,
                          TailInput input) {
  CARAVEL_TRY(
      const registry::Worker worker,
      caller.services.registry.GetWorker(caller.account, path.script_name));
  CARAVEL_TRY(TailFilter filter,
              TailFilter::Make(std::move(input.filters), caller.client));
  CARAVEL_TRY(
      const TailSession session,
      caller.services.tails.Begin(worker, std::move(filter), caller.owner));
  // A token that ended since ended the tails that there were: not this one.
  if (!StillMay(caller)) {
    caller.services.tails.End(worker.id, session.id);
    return Error(ErrorCode::kDenied,
                 fmt::format("token \"{}\" has just ended, or may less now",
                             caller.owner.name))
        .Remedy("use another token");
  }
  return TailSeen{.id = session.id,
                  .url = TailUrl(caller, session),
                  .expires_at = base::FormatTime(session.expires)};
}

Result<std::vector<TailListed>> ListTails(Caller& caller,
                                          const ScriptPath& path) {
  CARAVEL_TRY(
      const registry::Worker worker,
      caller.services.registry.GetWorker(caller.account, path.script_name));
  std::vector<TailListed> listed;
  for (const TailSession& session : caller.services.tails.Of(worker.id)) {
    listed.push_back(
        {.id = session.id, .expires_at = base::FormatTime(session.expires)});
  }
  return listed;
}

Result<void> DeleteTail(Caller& caller, const TailPath& path) {
  CARAVEL_TRY(
      const registry::Worker worker,
      caller.services.registry.GetWorker(caller.account, path.script_name));
  if (!caller.services.tails.End(worker.id, path.tail_id)) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("tail \"{}\": Worker \"{}\" has none of that id",
                             path.tail_id, worker.name))
        .Remedy("it may have ended by itself; there is nothing left to do");
  }
  return {};
}

}  // namespace caravel::api
