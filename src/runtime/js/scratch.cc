#include "runtime/js/scratch.h"

#include "base/check.h"
#include "runtime/isolate_state.h"

namespace caravel::js {

std::span<uint32_t, kScratchSize> Scratch(Scope& scope) {
  uint32_t* memory = scope.state().scratch();
  CARAVEL_CHECK(memory != nullptr);
  return std::span<uint32_t, kScratchSize>(memory, kScratchSize);
}

}  // namespace caravel::js
