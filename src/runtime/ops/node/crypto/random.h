#pragma once

#include <v8.h>

#include <optional>

#include "runtime/js/convert.h"
#include "runtime/js/function.h"

namespace caravel::runtime {

// Randomness and primes of Node's internal binding `crypto`.
//
// Threads: the one that is in the isolate.
struct NodeRandom {
  // TypeError where the buffer has fewer bytes.
  static js::Result<v8::Value> RandomFill(js::Scope& scope, uint32_t offset,
                                          uint32_t size, js::MutableBytes out);
  // An ArrayBuffer, big-endian. A call that is being ended waits for neither.
  static js::Result<v8::Value> PrimeNew(js::Scope& scope, uint32_t bits,
                                        bool safe,
                                        std::optional<js::BytesView> add,
                                        std::optional<js::BytesView> rem);
  static js::Result<v8::Value> IsPrime(js::Scope& scope, uint32_t checks,
                                       js::BytesView candidate);

  static constexpr auto Js() {
    return js::Functions(js::Function("randomFill", &RandomFill),
                         js::Function("primeNew", &PrimeNew),
                         js::Function("isPrime", &IsPrime));
  }
};

}  // namespace caravel::runtime
