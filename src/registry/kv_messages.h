#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/codec.h"

// What a Worker asks of a KV namespace, and what it is answered: from its
// isolate to caraveld and back, and what hosts keep of it.
namespace caravel::registry {

enum class KvVerb : uint8_t {
  kGet,
  kGetMany,
  kPut,
  kDelete,
  kList,
  kLast = kList,
};

struct KvQuestion {
  KvVerb verb = KvVerb::kGet;
  std::vector<std::string> keys;  // one but for kGetMany; of kList the prefix
  std::string value;              // of kPut, as the next two
  std::optional<std::string> metadata;  // JSON
  std::optional<int64_t> expiration;    // seconds since the epoch
  std::optional<std::string> after;     // of kList, as the next
  uint32_t limit = 0;
  static constexpr auto Fields() {
    return base::Fields(&KvQuestion::verb, &KvQuestion::keys,
                        &KvQuestion::value, &KvQuestion::metadata,
                        &KvQuestion::expiration, &KvQuestion::after,
                        &KvQuestion::limit);
  }
};

// An entry, or that there is none.
struct KvItem {
  bool found = false;
  std::string key;    // of kList
  std::string value;  // of kGet and kGetMany
  std::optional<std::string> metadata;
  std::optional<int64_t> expiration;
  static constexpr auto Fields() {
    return base::Fields(&KvItem::found, &KvItem::key, &KvItem::value,
                        &KvItem::metadata, &KvItem::expiration);
  }
};

struct KvAnswer {
  uint16_t status = 200;  // as of HTTP, as Workers tell it
  std::string error;      // empty: success
  std::vector<KvItem> items;
  bool complete = true;  // of kList: no key is behind the last
  static constexpr auto Fields() {
    return base::Fields(&KvAnswer::status, &KvAnswer::error, &KvAnswer::items,
                        &KvAnswer::complete);
  }
};

// Where an entry is.
struct KvPlace {
  std::string space;  // id of the namespace
  std::string key;
  static constexpr auto Fields() {
    return base::Fields(&KvPlace::space, &KvPlace::key);
  }
  bool operator==(const KvPlace&) const = default;
};

}  // namespace caravel::registry
