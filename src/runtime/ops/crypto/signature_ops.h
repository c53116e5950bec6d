#pragma once

#include <string>

#include "base/result.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/js/scope.h"
#include "runtime/ops/crypto/key_material.h"

namespace caravel::runtime {

// Signatures (Web Cryptography, the operations "Sign" and "Verify" of each
// algorithm). `scheme` is "HMAC", "RSASSA-PKCS1-v1_5", "RSA-PSS", "ECDSA" or
// "EdDSA", which takes no digest. `salt_length` in bytes is RSA-PSS's.
//
// Requires: the key is of the scheme, and private or secret where it signs.
// Threads: the one that is in the isolate.
struct SignatureOps {
  static Result<js::NewBytes> Sign(js::Scope& scope, KeyMaterial* key,
                                   std::string scheme, std::string digest,
                                   int32_t salt_length, js::BytesView data);
  // False for anything that is no signature of the data.
  static Result<bool> Verify(js::Scope& scope, KeyMaterial* key,
                             std::string scheme, std::string digest,
                             int32_t salt_length, js::BytesView signature,
                             js::BytesView data);

  static constexpr auto Js() {
    return js::Functions(js::Function("sign", &Sign),
                         js::Function("verify", &Verify));
  }
};

}  // namespace caravel::runtime
