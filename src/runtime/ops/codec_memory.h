#pragma once

#include <v8.h>

#include <cstddef>

#include "runtime/js/scope.h"
#include "runtime/memory_account.h"

// What the native objects that hold a codec of a compression library share: its
// memory counts against the isolate's, and V8, which decides when an object is
// collected, does not see it.
namespace caravel::runtime {

// What V8 is told of a codec: what zlib takes to deflate. Others begin with
// less and may come to hold more.
inline constexpr size_t kCodecBytes = 256 * 1024;

// What `make` gives; where it found no memory, what it gives once garbage,
// which may hold codecs, has been collected.
template <typename Make>
auto MakeCodec(js::Scope& scope, const MemoryAccount& account, Make make) {
  {
    const size_t refusals = account.refusals();
    auto made = make();
    if (account.refusals() == refusals) return made;
  }
  scope.isolate()->LowMemoryNotification();
  return make();
}

}  // namespace caravel::runtime
