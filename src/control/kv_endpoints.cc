#include "control/kv_endpoints.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "control/json_parse.h"
#include "control/multipart.h"
#include "registry/kv_cursor.h"

namespace caravel::api {
namespace {

constexpr int kNoSuchKey = 10009;

NumberedError NoKey(std::string_view key) {
  return {kNoSuchKey, Error(ErrorCode::kNotFound,
                            fmt::format("key not found: \"{}\"", key))};
}

// The value, and its metadata where the body is made of parts.
Result<storage::KvContent> ContentOf(const RawBody& body) {
  storage::KvContent content;
  if (MediaType(body.content_type) != "multipart/form-data") {
    content.value = body.bytes;
    return content;
  }
  CARAVEL_TRY(const std::vector<Part> parts,
              ParseMultipart(body.content_type, body.bytes));
  const auto value = std::ranges::find(parts, "value", &Part::name);
  if (value == parts.end()) {
    return Error(ErrorCode::kInvalid,
                 "multipart body: it has no part \"value\"")
        .Remedy("send the value in it, and its metadata as \"metadata\"");
  }
  content.value = value->content;
  const auto metadata = std::ranges::find(parts, "metadata", &Part::name);
  if (metadata != parts.end()) {
    CARAVEL_TRY(const boost::json::value json,
                ParseJson(metadata->content, "metadata"));
    CARAVEL_TRY(content.metadata, MetadataText(json));
  }
  return content;
}

}  // namespace

Status CheckNamespace(Caller& caller, const std::string& id) {
  CARAVEL_TRY(caller.services.kv_namespaces.Get(caller.account, id));
  return {};
}

Status WriteKv(Caller& caller, const std::vector<storage::KvWrite>& writes) {
  std::vector<registry::KvPlace> places;
  places.reserve(writes.size());
  for (const storage::KvWrite& write : writes) {
    places.push_back({.space = write.space, .key = write.key});
  }
  const auto written = caller.services.kv.Write(writes);
  // Where writing failed nobody knows what is there.
  caller.services.kv_observer.Changed(std::move(places));
  if (!written) return written.error().Clone();
  if (std::ranges::find(*written, false) == written->end()) return {};
  return Error(ErrorCode::kNotFound, "namespace not found: it was deleted");
}

int64_t NowInSeconds(const Caller& caller) {
  return std::chrono::duration_cast<std::chrono::seconds>(
             caller.services.clock.Wall().time_since_epoch())
      .count();
}

Result<std::string> MetadataText(const boost::json::value& metadata) {
  std::string text = boost::json::serialize(metadata);
  if (text.size() <= storage::kKvMetadataBytes) return text;
  return Error(ErrorCode::kLimit,
               fmt::format("Metadata length of {} exceeds limit of {}.",
                           text.size(), storage::kKvMetadataBytes));
}

boost::json::value MetadataSeen(const std::optional<std::string>& metadata) {
  if (!metadata) return nullptr;
  boost::json::error_code error;
  return boost::json::parse(*metadata, error);
}

Answer<CursorPage<KvKeySeen>> ListKvKeys(Caller& caller,
                                         const KvNamespacePath& path,
                                         Query<KvKeysQuery> query) {
  CARAVEL_TRY(CheckNamespace(caller, path.namespace_id));
  std::optional<std::string> after;
  if (query->cursor && !query->cursor->empty()) {
    after = registry::KeyOfKvCursor(*query->cursor);
    if (!after) {
      return Error(ErrorCode::kInvalid, "the query: cursor: it is none")
          .Remedy("hand back the cursor of the list before as it was");
    }
  }
  CARAVEL_TRY(storage::KvListing listing,
              caller.services.kv.List(
                  path.namespace_id, query->prefix.value_or(""), after,
                  query->limit.value_or(storage::kKvListKeys)));
  CursorPage<KvKeySeen> page;
  for (storage::KvListedKey& key : listing.keys) {
    KvKeySeen& seen = page.items.emplace_back();
    seen.name = std::move(key.key);
    seen.expiration = key.expiration;
    if (key.metadata) seen.metadata = MetadataSeen(key.metadata);
  }
  if (!listing.complete) {
    page.cursor = registry::KvCursorBehind(page.items.back().name);
  }
  return page;
}

Answer<Raw> GetKvValue(Caller& caller, const KvKeyPath& path) {
  CARAVEL_TRY(CheckNamespace(caller, path.namespace_id));
  CARAVEL_TRY(const auto found,
              caller.services.kv.Get(path.namespace_id, path.key_name));
  if (!found) return NoKey(path.key_name);
  CARAVEL_TRY(std::string value, found->value.Whole());
  return Raw{.content_type = "application/octet-stream",
             .body = std::move(value)};
}

Status PutKvValue(Caller& caller, const KvKeyPath& path,
                  Query<KvPutQuery> query, RawBody body) {
  CARAVEL_TRY(CheckNamespace(caller, path.namespace_id));
  CARAVEL_TRY(storage::KvContent content, ContentOf(body));
  if (content.value.size() > storage::kKvValueBytes) {
    return Error(ErrorCode::kLimit,
                 fmt::format("Value length of {} exceeds limit of {}.",
                             content.value.size(), storage::kKvValueBytes));
  }
  CARAVEL_TRY(content.expiration,
              storage::KvExpiration(query->expiration, query->expiration_ttl,
                                    NowInSeconds(caller)));
  return WriteKv(caller, {{.space = path.namespace_id,
                           .key = path.key_name,
                           .content = std::move(content)}});
}

Status DeleteKvValue(Caller& caller, const KvKeyPath& path) {
  CARAVEL_TRY(CheckNamespace(caller, path.namespace_id));
  return WriteKv(
      caller,
      {{.space = path.namespace_id, .key = path.key_name, .content = {}}});
}

Answer<boost::json::value> GetKvMetadata(Caller& caller,
                                         const KvKeyPath& path) {
  CARAVEL_TRY(CheckNamespace(caller, path.namespace_id));
  CARAVEL_TRY(const auto found,
              caller.services.kv.GetMetadata(path.namespace_id, path.key_name));
  if (!found) return NoKey(path.key_name);
  return MetadataSeen(found->metadata);
}

}  // namespace caravel::api
