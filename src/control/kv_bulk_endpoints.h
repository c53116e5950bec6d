#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/kv_endpoints.h"

// Many entries of a KV namespace at a time.
namespace caravel::api {

struct KvPairInput {
  std::string key;
  std::string value;
  std::optional<int64_t> expiration;
  std::optional<int64_t> expiration_ttl;
  std::optional<boost::json::value> metadata;
  std::optional<bool> base64;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&KvPairInput::key, "The key").Check(storage::CheckKvKey),
        api::Field(&KvPairInput::value, "The value, at most 25 MiB"),
        api::Field(&KvPairInput::expiration,
                   "When the entry ends, in seconds since the epoch"),
        api::Field(&KvPairInput::expiration_ttl,
                   "In how many seconds it ends; counts before expiration"),
        api::Field(&KvPairInput::metadata, "Any JSON, at most 1024 bytes"),
        api::Field(&KvPairInput::base64,
                   "The value is in base64, and is stored decoded"));
  }
};
BOOST_DESCRIBE_STRUCT(KvPairInput, (),
                      (key, value, expiration, expiration_ttl, metadata,
                       base64))

struct KvBulkGetInput {
  std::vector<std::string> keys;
  std::optional<std::string> type;
  std::optional<bool> withMetadata;

  static constexpr auto Rules() {
    return api::Rules(api::Field(&KvBulkGetInput::keys, "The keys")
                          .Length(1, storage::kKvBulkGetKeys)
                          .Check(storage::CheckKvKey),
                      api::Field(&KvBulkGetInput::type, "text or json"),
                      api::Field(&KvBulkGetInput::withMetadata,
                                 "Give metadata and expiration too"));
  }
};
BOOST_DESCRIBE_STRUCT(KvBulkGetInput, (), (keys, type, withMetadata))

struct KvBulkSeen {
  uint64_t successful_key_count = 0;
  std::vector<std::string> unsuccessful_keys;
};
BOOST_DESCRIBE_STRUCT(KvBulkSeen, (), (successful_key_count, unsuccessful_keys))

struct KvValuesSeen {
  std::map<std::string, boost::json::value> values;  // null: no such entry
};
BOOST_DESCRIBE_STRUCT(KvValuesSeen, (), (values))

Result<KvBulkSeen> PutKvBulk(Caller& caller, const KvNamespacePath& path,
                             std::vector<KvPairInput> input);
Result<KvBulkSeen> DeleteKvBulk(Caller& caller, const KvNamespacePath& path,
                                std::vector<std::string> keys);
Result<KvValuesSeen> GetKvBulk(Caller& caller, const KvNamespacePath& path,
                               KvBulkGetInput input);

// 10,000 keys, each character of them written with six.
inline constexpr size_t kKeysBodyLimit = 32 << 20;

inline constexpr Endpoint kPutKvBulk{
    .method = Method::kPut,
    .path = "/accounts/{account_id}/storage/kv/namespaces/{namespace_id}/bulk",
    .scope = Scope::kStorageWrite,
    .summary = "Write many entries, all or none",
    .example = R"([{"key":"a","value":"1","expiration_ttl":3600}])",
    .unknown_keys = UnknownKeys::kIgnore,
    .errors = kKvErrors,
    .body_limit = kUploadBodyLimit,
    .handler = &PutKvBulk,
};

inline constexpr Endpoint kDeleteKvBulk{
    .method = Method::kDelete,
    .path = "/accounts/{account_id}/storage/kv/namespaces/{namespace_id}/bulk",
    .scope = Scope::kStorageWrite,
    .summary = "Remove many keys",
    .example = R"(["a","b"])",
    .errors = kKvErrors,
    .body_limit = kKeysBodyLimit,
    .handler = &DeleteKvBulk,
};

inline constexpr Endpoint kPostKvBulkDelete{
    .method = Method::kPost,
    .path =
        "/accounts/{account_id}/storage/kv/namespaces/{namespace_id}/bulk/"
        "delete",
    .scope = Scope::kStorageWrite,
    .summary = "Remove many keys",
    .example = R"(["a","b"])",
    .errors = kKvErrors,
    .body_limit = kKeysBodyLimit,
    .handler = &DeleteKvBulk,
};

inline constexpr Endpoint kGetKvBulk{
    .method = Method::kPost,
    .path =
        "/accounts/{account_id}/storage/kv/namespaces/{namespace_id}/bulk/get",
    .scope = Scope::kStorageRead,
    .summary = "Read up to 100 values that are text or JSON",
    .example = R"({"keys":["a","b"]})",
    .unknown_keys = UnknownKeys::kIgnore,
    .errors = kKvErrors,
    .handler = &GetKvBulk,
};

}  // namespace caravel::api
