#pragma once

#include <v8.h>

#include <string>

#include "base/result.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/js/scope.h"
#include "runtime/ops/crypto/key_material.h"

namespace caravel::runtime {

// Derivation of keys (Web Cryptography, the operation "Derive Bits" of each
// algorithm).
//
// Threads: the one that is in the isolate.
struct DerivationOps {
  using Bytes = Result<v8::Local<v8::ArrayBuffer>>;

  // Diffie-Hellman, all bytes of the secret. Requires: both keys are of one
  // kind, `own` is private.
  static Bytes Agree(js::Scope& scope, KeyMaterial* own, KeyMaterial* other);
  // RFC 5869; kInvalid for more than 255 times the digest.
  static Bytes Hkdf(js::Scope& scope, KeyMaterial* key, std::string digest,
                    js::BytesView salt, js::BytesView info, uint32_t size);
  // RFC 8018, section 5.2. A call that is being ended does not wait for it.
  // Requires: `iterations` is not 0.
  static Bytes Pbkdf2(js::Scope& scope, KeyMaterial* key, std::string digest,
                      js::BytesView salt, uint32_t iterations, uint32_t size);

  static constexpr auto Js() {
    return js::Functions(js::Function("agree", &Agree),
                         js::Function("hkdf", &Hkdf),
                         js::Function("pbkdf2", &Pbkdf2));
  }
};

}  // namespace caravel::runtime
