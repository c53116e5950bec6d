#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

// What Workers KV allows. Source: Workers documentation, KV, "Limits".
namespace caravel::storage {

inline constexpr size_t kKvKeyBytes = 512;
inline constexpr size_t kKvValueBytes = 25 << 20;
inline constexpr size_t kKvMetadataBytes = 1024;
inline constexpr size_t kKvListKeys = 1000;
inline constexpr size_t kKvBulkGetKeys = 100;
inline constexpr size_t kKvBulkKeys = 10'000;  // of a bulk put or delete
inline constexpr std::chrono::seconds kKvLeastTtl{60};

}  // namespace caravel::storage
