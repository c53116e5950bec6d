#pragma once

#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/js/scope.h"
#include "runtime/ops/crypto/crypto_binding.h"

namespace caravel::runtime {

// Randomness (Web Cryptography, section 10.1), and the way to the rest of
// cryptography.
//
// Threads: the one that is in the isolate.
struct CryptoOps {
  // Fills the view with randomness from the kernel.
  static void RandomFill(js::Scope& scope, js::MutableBytes view);
  static js::ByteString RandomUuid(js::Scope& scope);

  static js::Group<struct CryptoBinding> CryptoBinding(js::Scope& scope);

  static constexpr auto Js() {
    return js::Functions(js::Function("randomFill", &RandomFill),
                         js::Function("randomUuid", &RandomUuid),
                         js::Function("cryptoBinding", &CryptoBinding));
  }
};

}  // namespace caravel::runtime
