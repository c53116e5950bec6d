// Tests: node_crypto_test.cc.
#include "runtime/ops/node/crypto/memory_share.h"

#include <fmt/format.h>

#include "runtime/isolate_state.h"
#include "runtime/js/error.h"

namespace caravel::runtime {

std::optional<MemoryShare> MemoryShare::Take(js::Scope& scope, size_t size,
                                             std::string_view what) {
  MemoryAccount& account = *scope.state().memory;
  if (!account.Reserve(size)) {
    scope.isolate()->LowMemoryNotification();
    if (!account.Reserve(size)) {
      js::ThrowRangeError(scope, fmt::format("no memory is left for {}", what));
      return {};
    }
  }
  return MemoryShare(&account, size);
}

}  // namespace caravel::runtime
