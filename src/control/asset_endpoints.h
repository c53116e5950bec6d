#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <vector>

#include "control/endpoint_traits.h"
#include "control/paths.h"
#include "control/services.h"

// The upload session of static assets. Source: Workers documentation, "Direct
// Uploads".
namespace caravel::api {

struct UploadSessionInput {
  boost::json::value manifest;

  static constexpr auto Rules() {
    return api::Rules(api::Field(
        &UploadSessionInput::manifest,
        "By path, the hash of the content, as the client computes it, and its "
        "size"));
  }
};
BOOST_DESCRIBE_STRUCT(UploadSessionInput, (), (manifest))

struct UploadSessionSeen {
  std::string jwt;  // for the uploads; with no buckets, for the version
  std::vector<std::vector<std::string>> buckets;  // hashes to upload together
};
BOOST_DESCRIBE_STRUCT(UploadSessionSeen, (), (jwt, buckets))

struct AssetsUploadedSeen {
  boost::json::value jwt;  // for the version, once all is there; else null
};
BOOST_DESCRIBE_STRUCT(AssetsUploadedSeen, (), (jwt))

struct AssetsUploadQuery {
  std::optional<bool> base64;
};
BOOST_DESCRIBE_STRUCT(AssetsUploadQuery, (), (base64))

Result<UploadSessionSeen> PostUploadSession(Caller& caller,
                                            const ScriptPath& path,
                                            UploadSessionInput input);
Result<AssetsUploadedSeen> PostAssets(Caller& caller, const AccountPath& path,
                                      Query<AssetsUploadQuery> query,
                                      Files files);

inline constexpr Endpoint kPostUploadSession{
    .method = Method::kPost,
    .path =
        "/accounts/{account_id}/workers/scripts/{script_name}/"
        "assets-upload-session",
    .scope = Scope::kWorkersWrite,
    .summary = "Begin to upload the static assets of a Worker",
    .example = R"({"manifest":{"/index.html":)"
               R"({"hash":"08f1dfda4574284ab3c21666d1ee8c7d","size":11}}})",
    .unknown_keys = UnknownKeys::kIgnore,
    .body_limit = 32 << 20,
    .handler = &PostUploadSession,
};

inline constexpr Endpoint kPostAssets{
    .method = Method::kPost,
    .path = "/accounts/{account_id}/workers/assets/upload",
    .scope = Scope::kUploadSession,
    .summary =
        "Upload contents of static assets, each in a part whose name is "
        "its hash",
    .handler = &PostAssets,
};

}  // namespace caravel::api
