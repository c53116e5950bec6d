#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "runtime/js/scope.h"

namespace caravel::js {

// The memory of `native.scratch`, a Uint32Array through which a native function
// answers with more than one number: no object is made for it. What one
// function leaves there stands until the next that uses it.
inline constexpr size_t kScratchSize = 16;
std::span<uint32_t, kScratchSize> Scratch(Scope& scope);

}  // namespace caravel::js
