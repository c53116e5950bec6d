#include "daemon/kv_questions.h"

#include <utility>

#include "registry/kv_bytes.h"
#include "storage/kv_limits.h"

namespace caravel::daemon {
namespace {

using registry::KvAnswer;
using registry::KvItem;
using registry::KvQuestion;
using registry::KvVerb;

KvItem ItemOf(storage::KvListedKey listed) {
  return {.found = true,
          .key = std::move(listed.key),
          .value = {},
          .metadata = std::move(listed.metadata),
          .expiration = listed.expiration};
}

Result<KvAnswer> List(storage::KvStore& store, const std::string& space,
                      const KvQuestion& asks, const MayHold& may_hold) {
  CARAVEL_TRY(storage::KvListing listing,
              store.List(space, asks.keys[0], asks.after, asks.limit));
  KvAnswer answer;
  answer.complete = listing.complete;
  for (storage::KvListedKey& key : listing.keys) {
    answer.items.push_back(ItemOf(std::move(key)));
  }
  if (!may_hold(registry::BytesOf(answer))) return TooManyKv();
  return answer;
}

Result<KvAnswer> Get(storage::KvStore& store, const std::string& space,
                     const KvQuestion& asks, const MayHold& may_hold) {
  CARAVEL_TRY(auto found, store.GetMany(space, asks.keys));
  size_t values = 0;
  size_t bytes = sizeof(KvAnswer);  // as registry::BytesOf() counts
  for (const auto& each : found) {
    bytes += sizeof(KvItem);
    if (!each) continue;
    values += each->value.size;
    bytes += each->value.size + each->metadata.value_or("").size();
  }
  if (values > storage::kKvBulkGetBytes) {
    return FailedKv(413, "Total size of request exceeds the limit of 25MB");
  }
  // Before values that lie in files are read.
  if (!may_hold(bytes)) return TooManyKv();
  KvAnswer answer;
  for (auto& each : found) {
    KvItem& item = answer.items.emplace_back();
    if (!each) continue;
    item.found = true;
    CARAVEL_TRY(item.value, each->value.Whole());
    item.metadata = std::move(each->metadata);
    item.expiration = each->expiration;
  }
  return answer;
}

}  // namespace

KvAnswer FailedKv(uint16_t status, std::string why) {
  KvAnswer answer;
  answer.status = status;
  answer.error = std::move(why);
  return answer;
}

KvAnswer FailedKvBy(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kNoSpace:
      return FailedKv(507, "Insufficient Storage: disk full");
    case ErrorCode::kUnavailable:
      return FailedKv(503, "Service Unavailable");
    default:
      return FailedKv(500, "Internal Server Error");
  }
}

KvAnswer TooManyKv() {
  return FailedKv(429, "Too Many Requests: too much is under way");
}

Status CheckKvQuestion(const KvQuestion& asks) {
  const bool lists = asks.verb == KvVerb::kList;
  const bool many = asks.verb == KvVerb::kGetMany;
  const size_t most_keys = many ? storage::kKvBulkGetKeys : 1;
  if (asks.keys.empty() || asks.keys.size() > most_keys ||
      asks.value.size() > storage::kKvValueBytes ||
      (asks.metadata && asks.metadata->size() > storage::kKvMetadataBytes) ||
      asks.expiration.value_or(0) < 0 ||
      asks.expiration.value_or(0) > storage::kKvLatestEnd ||
      (asks.after && asks.after->size() > storage::kKvKeyBytes) ||
      (lists && (asks.limit == 0 || asks.limit > storage::kKvListKeys ||
                 asks.keys[0].size() > storage::kKvKeyBytes))) {
    return Error(ErrorCode::kInvalid, "beyond the limits of KV");
  }
  if (lists) return {};
  for (const std::string& key : asks.keys) {
    CARAVEL_TRY(storage::CheckKvKey(key));
  }
  return {};
}

Result<KvAnswer> ReadKv(storage::KvStore& store, const std::string& space,
                        const KvQuestion& asks, const MayHold& may_hold) {
  return asks.verb == KvVerb::kList ? List(store, space, asks, may_hold)
                                    : Get(store, space, asks, may_hold);
}

}  // namespace caravel::daemon
