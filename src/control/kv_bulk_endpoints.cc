#include "control/kv_bulk_endpoints.h"

#include <sodium.h>

#include <boost/json/parse.hpp>

#include "storage/sql_value.h"

namespace caravel::api {
namespace {

Status CheckCount(size_t count) {
  if (count <= storage::kKvBulkKeys) return {};
  return Error(ErrorCode::kLimit,
               fmt::format("{} keys at a time: at most {} are taken", count,
                           storage::kKvBulkKeys));
}

Result<std::string> FromBase64(const std::string& text) {
  std::string bytes(text.size(), '\0');
  size_t length = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()),
                        bytes.size(), text.data(), text.size(), " \r\n",
                        &length, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0) {
    return Error(ErrorCode::kInvalid, "the value is not in base64");
  }
  bytes.resize(length);
  return bytes;
}

Result<storage::KvContent> ContentOfPair(KvPairInput& pair, int64_t now) {
  storage::KvContent content;
  content.value = std::move(pair.value);
  if (pair.base64.value_or(false)) {
    CARAVEL_TRY(content.value, FromBase64(content.value));
  }
  if (content.value.size() > storage::kKvValueBytes) {
    return Error(ErrorCode::kLimit,
                 fmt::format("Value length of {} exceeds limit of {}.",
                             content.value.size(), storage::kKvValueBytes));
  }
  if (pair.metadata) {
    CARAVEL_TRY(content.metadata, MetadataText(*pair.metadata));
  }
  CARAVEL_TRY(content.expiration,
              storage::KvExpiration(pair.expiration, pair.expiration_ttl, now));
  return content;
}

Result<boost::json::value> ValueSeen(const std::string& key, std::string value,
                                     bool as_json) {
  if (!storage::IsUtf8(value)) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("the value of \"{}\" is not text", key))
        .Remedy("read it alone");
  }
  if (!as_json) return boost::json::value(boost::json::string(value));
  boost::json::error_code error;
  boost::json::value parsed = boost::json::parse(value, error);
  if (!error) return parsed;
  return Error(ErrorCode::kInvalid,
               fmt::format("the value of \"{}\" is not JSON", key));
}

}  // namespace

Result<KvBulkSeen> PutKvBulk(Caller& caller, const KvNamespacePath& path,
                             std::vector<KvPairInput> input) {
  CARAVEL_TRY(CheckNamespace(caller, path.namespace_id));
  CARAVEL_TRY(CheckCount(input.size()));
  const int64_t now = NowInSeconds(caller);
  std::vector<storage::KvWrite> writes;
  writes.reserve(input.size());
  for (KvPairInput& pair : input) {
    auto content = ContentOfPair(pair, now);
    if (!content) {
      return std::move(content).error().In(fmt::format("key \"{}\"", pair.key));
    }
    writes.push_back({.space = path.namespace_id,
                      .key = std::move(pair.key),
                      .content = *std::move(content)});
  }
  CARAVEL_TRY(WriteKv(caller, writes));
  return KvBulkSeen{.successful_key_count = writes.size(),
                    .unsuccessful_keys = {}};
}

Result<KvBulkSeen> DeleteKvBulk(Caller& caller, const KvNamespacePath& path,
                                std::vector<std::string> keys) {
  CARAVEL_TRY(CheckNamespace(caller, path.namespace_id));
  CARAVEL_TRY(CheckCount(keys.size()));
  std::vector<storage::KvWrite> writes;
  writes.reserve(keys.size());
  for (std::string& key : keys) {
    CARAVEL_TRY(storage::CheckKvKey(key));
    writes.push_back(
        {.space = path.namespace_id, .key = std::move(key), .content = {}});
  }
  CARAVEL_TRY(WriteKv(caller, writes));
  return KvBulkSeen{.successful_key_count = writes.size(),
                    .unsuccessful_keys = {}};
}

Result<KvValuesSeen> GetKvBulk(Caller& caller, const KvNamespacePath& path,
                               KvBulkGetInput input) {
  CARAVEL_TRY(CheckNamespace(caller, path.namespace_id));
  const std::string type = input.type.value_or("text");
  if (type != "text" && type != "json") {
    return Error(ErrorCode::kInvalid,
                 fmt::format("\"{}\" is not a valid type. Use \"json\" or "
                             "\"text\"",
                             type));
  }
  CARAVEL_TRY(auto found,
              caller.services.kv.GetMany(path.namespace_id, input.keys));
  KvValuesSeen seen;
  size_t bytes = 0;
  for (size_t i = 0; i < input.keys.size(); ++i) {
    const std::string& key = input.keys[i];
    boost::json::value& place = seen.values[key];
    place = nullptr;
    if (!found[i]) continue;
    bytes += found[i]->value.size;
    if (bytes > storage::kKvBulkGetBytes) {
      return Error(ErrorCode::kLimit,
                   fmt::format("Total size of request exceeds the limit of "
                               "{}MB",
                               storage::kKvBulkGetBytes >> 20));
    }
    CARAVEL_TRY(std::string whole, found[i]->value.Whole());
    CARAVEL_TRY(boost::json::value value,
                ValueSeen(key, std::move(whole), type == "json"));
    if (!input.withMetadata.value_or(false)) {
      place = std::move(value);
      continue;
    }
    boost::json::object entry{{"value", std::move(value)},
                              {"metadata", MetadataSeen(found[i]->metadata)}};
    if (found[i]->expiration) entry["expiration"] = *found[i]->expiration;
    place = std::move(entry);
  }
  return seen;
}

}  // namespace caravel::api
