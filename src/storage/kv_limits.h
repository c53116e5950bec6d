#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

// What Workers KV allows. Source: Workers documentation, KV, "Limits".
namespace caravel::storage {

inline constexpr size_t kKvKeyBytes = 512;
inline constexpr size_t kKvValueBytes = 25 << 20;
inline constexpr size_t kKvMetadataBytes = 1024;
inline constexpr size_t kKvListKeys = 1000;
inline constexpr size_t kKvBulkGetKeys = 100;
inline constexpr size_t kKvBulkGetBytes = 25 << 20;  // of all its values
inline constexpr size_t kKvBulkKeys = 10'000;        // of a bulk put or delete
inline constexpr std::chrono::seconds kKvLeastTtl{60};
// When an entry ends at the latest, in seconds since the epoch: a clock that
// counts nanoseconds in 64 bits comes so far, to the year 2255.
inline constexpr int64_t kKvLatestEnd = 9'000'000'000;

// kInvalid for what cannot be a key: empty, ".", "..", too long, or not UTF-8.
Status CheckKvKey(std::string_view key);

// When an entry ends that is put `now`, in seconds since the epoch: `ttl`
// seconds later, or else at `expiration`. Nothing: never. kInvalid: too soon,
// or beyond kKvLatestEnd.
Result<std::optional<int64_t>> KvExpiration(std::optional<int64_t> expiration,
                                            std::optional<int64_t> ttl,
                                            int64_t now);

}  // namespace caravel::storage
