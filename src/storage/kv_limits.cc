#include "storage/kv_limits.h"

#include <fmt/format.h>

#include "storage/sql_value.h"

namespace caravel::storage {
namespace {

Error TooFar(std::string_view what, int64_t given, int64_t most) {
  return Error(ErrorCode::kInvalid,
               fmt::format("Invalid {} of {}. It must be at most {}.", what,
                           given, most))
      .Remedy("give seconds, not milliseconds");
}

}  // namespace

Status CheckKvKey(std::string_view key) {
  if (key.empty()) {
    return Error(ErrorCode::kInvalid, "key names must not be empty");
  }
  if (key == "." || key == "..") {
    return Error(ErrorCode::kInvalid,
                 fmt::format("illegal key name \"{}\"", key))
        .Remedy("use a different name");
  }
  if (key.size() > kKvKeyBytes) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("UTF-8 encoded length of {} exceeds key length "
                             "limit of {}",
                             key.size(), kKvKeyBytes));
  }
  if (!IsUtf8(key)) {
    return Error(ErrorCode::kInvalid, "the key is not UTF-8");
  }
  return {};
}

Result<std::optional<int64_t>> KvExpiration(std::optional<int64_t> expiration,
                                            std::optional<int64_t> ttl,
                                            int64_t now) {
  const int64_t least = kKvLeastTtl.count();
  if (ttl) {
    if (*ttl > kKvLatestEnd - now) {
      return TooFar("expiration_ttl", *ttl, kKvLatestEnd - now);
    }
    if (*ttl < least) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("Invalid expiration_ttl of {}. Expiration TTL "
                               "must be at least {}.",
                               *ttl, least));
    }
    return std::optional<int64_t>(now + *ttl);
  }
  if (!expiration) return std::optional<int64_t>();
  if (*expiration > kKvLatestEnd) {
    return TooFar("expiration", *expiration, kKvLatestEnd);
  }
  if (*expiration < now + least) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("Invalid expiration of {}. Expiration times must "
                             "be at least {} seconds in the future.",
                             *expiration, least));
  }
  return expiration;
}

}  // namespace caravel::storage
