#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "control/endpoint_traits.h"
#include "control/kv_namespace_endpoints.h"
#include "storage/kv_limits.h"

// The entries of a KV namespace, one at a time, and its keys.
namespace caravel::api {

struct KvKeyPath {
  std::string account_id;
  std::string namespace_id;
  std::string key_name;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&KvKeyPath::account_id, "Id of the account"),
        api::Field(&KvKeyPath::namespace_id, "Id of the namespace"),
        api::Field(&KvKeyPath::key_name, "The key, percent-encoded whole")
            .Check(storage::CheckKvKey));
  }
};
BOOST_DESCRIBE_STRUCT(KvKeyPath, (), (account_id, namespace_id, key_name))

struct KvKeysQuery {
  std::optional<std::string> prefix;
  std::optional<uint32_t> limit;
  std::optional<std::string> cursor;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&KvKeysQuery::prefix, "Only keys that begin with it")
            .Length(0, storage::kKvKeyBytes),
        api::Field(&KvKeysQuery::limit, "Keys at a time")
            .Range(1, storage::kKvListKeys),
        api::Field(&KvKeysQuery::cursor, "Where the list before ended"));
  }
};
BOOST_DESCRIBE_STRUCT(KvKeysQuery, (), (prefix, limit, cursor))

struct KvPutQuery {
  std::optional<int64_t> expiration;
  std::optional<int64_t> expiration_ttl;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&KvPutQuery::expiration,
                   "When the entry ends, in seconds since the epoch"),
        api::Field(&KvPutQuery::expiration_ttl,
                   "In how many seconds it ends; counts before expiration"));
  }
};
BOOST_DESCRIBE_STRUCT(KvPutQuery, (), (expiration, expiration_ttl))

struct KvKeySeen {
  std::string name;
  std::optional<int64_t> expiration;
  std::optional<boost::json::value> metadata;
};
BOOST_DESCRIBE_STRUCT(KvKeySeen, (), (name, expiration, metadata))

// kNotFound for a namespace that is not the caller's.
Status CheckNamespace(Caller& caller, const std::string& id);

// Writes to a namespace that was found, and waits until no host gives what was
// there before. kNotFound: it was deleted meanwhile.
Status WriteKv(Caller& caller, const std::vector<storage::KvWrite>& writes);

int64_t NowInSeconds(const Caller& caller);

// Metadata as it is stored. kLimit: it is too long.
Result<std::string> MetadataText(const boost::json::value& metadata);

// Of stored metadata.
boost::json::value MetadataSeen(const std::optional<std::string>& metadata);

Answer<CursorPage<KvKeySeen>> ListKvKeys(Caller& caller,
                                         const KvNamespacePath& path,
                                         Query<KvKeysQuery> query);
Answer<Raw> GetKvValue(Caller& caller, const KvKeyPath& path);
Status PutKvValue(Caller& caller, const KvKeyPath& path,
                  Query<KvPutQuery> query, RawBody body);
Status DeleteKvValue(Caller& caller, const KvKeyPath& path);
Answer<boost::json::value> GetKvMetadata(Caller& caller, const KvKeyPath& path);

// A value, with room for what a multipart body has around it.
inline constexpr size_t kKvBodyLimit = storage::kKvValueBytes + (64 << 10);

inline constexpr Endpoint kListKvKeys{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/storage/kv/namespaces/{namespace_id}/keys",
    .scope = Scope::kStorageRead,
    .summary = "List the keys of a KV namespace",
    .errors = kKvErrors,
    .handler = &ListKvKeys,
};

inline constexpr Endpoint kGetKvValue{
    .method = Method::kGet,
    .path =
        "/accounts/{account_id}/storage/kv/namespaces/{namespace_id}/values/"
        "{key_name}",
    .scope = Scope::kStorageRead,
    .summary = "Read a value",
    .errors = kKvErrors,
    .handler = &GetKvValue,
};

inline constexpr Endpoint kPutKvValue{
    .method = Method::kPut,
    .path =
        "/accounts/{account_id}/storage/kv/namespaces/{namespace_id}/values/"
        "{key_name}",
    .scope = Scope::kStorageWrite,
    .summary =
        "Write a value: the body, or the part \"value\" of a multipart "
        "body with its \"metadata\"",
    .errors = kKvErrors,
    .body_limit = kKvBodyLimit,
    .handler = &PutKvValue,
};

inline constexpr Endpoint kDeleteKvValue{
    .method = Method::kDelete,
    .path =
        "/accounts/{account_id}/storage/kv/namespaces/{namespace_id}/values/"
        "{key_name}",
    .scope = Scope::kStorageWrite,
    .summary = "Remove a key",
    .errors = kKvErrors,
    .handler = &DeleteKvValue,
};

inline constexpr Endpoint kGetKvMetadata{
    .method = Method::kGet,
    .path =
        "/accounts/{account_id}/storage/kv/namespaces/{namespace_id}/metadata/"
        "{key_name}",
    .scope = Scope::kStorageRead,
    .summary = "Read the metadata of a key",
    .errors = kKvErrors,
    .handler = &GetKvMetadata,
};

}  // namespace caravel::api
