#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "registry/registry.h"

namespace caravel::api {

// What the bearer of a token of an upload session may do, as a JSON Web Token
// (RFC 7519) signed by the key of this installation: no state is kept for it.
struct UploadToken {
  enum class Use : unsigned char {
    kUpload,    // bring the contents that the session's manifest names
    kComplete,  // publish a version with them: all have arrived
  };
  Use use = Use::kUpload;
  std::string account;  // id
  std::string worker;   // name
  std::string session;  // registry/asset_uploads.h
  // The API token that began the session, which goes no further than that.
  std::string begun_by;  // id
};

// For so long a token is good.
inline constexpr std::chrono::hours kUploadTokenLife{1};

std::string WriteUploadToken(const registry::Registry& registry,
                             const UploadToken& token, base::WallTime now);

// kDenied: none of ours, changed, or expired.
Result<UploadToken> ReadUploadToken(const registry::Registry& registry,
                                    std::string_view text, base::WallTime now);

}  // namespace caravel::api
