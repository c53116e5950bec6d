#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "registry/published.h"

namespace caravel::registry {

// Of a version: hosts have those of all Workers in memory. Cloudflare's limits
// come to 640 KB.
inline constexpr size_t kMostBindingBytes = 1 << 20;

// kLimit: bindings of so many bytes are too large together.
Status CheckBindingBytes(size_t bytes);
// The same of what is handed in: with what it inherits it may be too large yet.
Status CheckBindingBytes(const std::vector<Binding>& bindings);

}  // namespace caravel::registry
