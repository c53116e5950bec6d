#pragma once

#include <optional>
#include <string>

#include "control/endpoint_traits.h"
#include "control/paths.h"
#include "control/services.h"

// The code of a version, as it was uploaded. `wrangler versions secret` of 4.49
// and 3.114 takes it from here and uploads it again with other secrets.
namespace caravel::api {

struct ContentQuery {
  std::optional<std::string> version;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&ContentQuery::version, "Id of the version; else the newest")
            .Length(1, 64));
  }
};
BOOST_DESCRIBE_STRUCT(ContentQuery, (), (version))

// A script without further parts is the body; else that is multipart/form-data
// with a part for each module, and the header `cf-entrypoint` names the main
// one.
Result<Raw> GetContent(Caller& caller, const ScriptPath& path,
                       Query<ContentQuery> query);

inline constexpr Endpoint kGetContent{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/content/v2",
    .scope = Scope::kWorkersRead,
    .summary = "Read the code of a version of a Worker",
    .handler = &GetContent,
};

}  // namespace caravel::api
