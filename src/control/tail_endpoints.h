#pragma once

#include <string>
#include <vector>

#include "control/endpoint_traits.h"
#include "control/paths.h"
#include "control/services.h"
#include "control/tail_filter.h"

// Live logs: `wrangler tail`.
namespace caravel::api {

struct TailInput {
  std::vector<TailFilterInput> filters;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&TailInput::filters, "What is shown; without any, all")
            .Length(0, 32));
  }
};
BOOST_DESCRIBE_STRUCT(TailInput, (), (filters))

struct TailPath {
  std::string account_id;
  std::string script_name;
  std::string tail_id;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&TailPath::account_id, "Id of the account"),
        api::Field(&TailPath::script_name, "Name of the Worker")
            .Check(registry::CheckWorkerName),
        api::Field(&TailPath::tail_id, "Id of the tail").Length(1, 64));
  }
};
BOOST_DESCRIBE_STRUCT(TailPath, (), (account_id, script_name, tail_id))

struct TailSeen {
  std::string id;
  std::string url;  // of the WebSocket; it needs no token and is a secret
  std::string expires_at;
};
BOOST_DESCRIBE_STRUCT(TailSeen, (), (id, url, expires_at))

struct TailListed {
  std::string id;
  std::string expires_at;
};
BOOST_DESCRIBE_STRUCT(TailListed, (), (id, expires_at))

Result<TailSeen> PostTail(Caller& caller, const ScriptPath& path,
                          TailInput input);
Result<std::vector<TailListed>> ListTails(Caller& caller,
                                          const ScriptPath& path);
Result<void> DeleteTail(Caller& caller, const TailPath& path);

inline constexpr Endpoint kPostTail{
    .method = Method::kPost,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/tails",
    .scope = Scope::kWorkersTail,
    .summary = "Follow the log of a Worker, through a WebSocket",
    .example = R"({"filters":[{"outcome":["exception"]},{"method":["GET"]}]})",
    .handler = &PostTail,
};

inline constexpr Endpoint kListTails{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/tails",
    .scope = Scope::kWorkersTail,
    .summary = "List who follows the log of a Worker",
    .handler = &ListTails,
};

inline constexpr Endpoint kDeleteTail{
    .method = Method::kDelete,
    .path =
        "/accounts/{account_id}/workers/scripts/{script_name}/tails/{tail_id}",
    .scope = Scope::kWorkersTail,
    .summary = "End following the log of a Worker",
    .handler = &DeleteTail,
};

}  // namespace caravel::api
