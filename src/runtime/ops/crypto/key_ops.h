#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/js/scope.h"
#include "runtime/ops/crypto/key_material.h"

namespace caravel::runtime {

// Makes and imports keys (Web Cryptography, the operations "Generate Key" and
// "Import Key" of each algorithm). `kind` is one of FindKeyKind. What is not a
// key, or not one of that kind, is an error; a public key lies on its curve,
// and the halves of a private one belong together. Keys beyond key_bounds.h
// are refused.
//
// Threads: the one that is in the isolate.
struct KeyOps {
  using Key = Result<std::unique_ptr<KeyMaterial>>;

  static Key SecretNew(js::Scope& scope, js::BytesView bytes);
  static Key SecretRandom(js::Scope& scope, uint32_t size);
  static Key SecretFromText(js::Scope& scope, std::string base64url);

  // A private key. A call that is being ended does not wait for a long one.
  static Key PairNew(js::Scope& scope, std::string kind);
  static Key RsaNew(js::Scope& scope, uint32_t modulus_bits,
                    uint32_t public_exponent);

  // PKCS #8 or SubjectPublicKeyInfo, nothing behind it.
  static Key KeyFromDer(js::Scope& scope, std::string kind, bool is_private,
                        js::BytesView der);
  // A point, compressed or not, or the octets of a public key.
  static Key KeyFromRaw(js::Scope& scope, std::string kind,
                        js::BytesView bytes);
  // The members that KeyMaterial::ToJwk gives, without the private ones for a
  // public key.
  static Key KeyFromJwk(js::Scope& scope, std::string kind,
                        std::vector<std::string> members);

  static constexpr auto Js() {
    return js::Functions(js::Function("secretNew", &SecretNew),
                         js::Function("secretRandom", &SecretRandom),
                         js::Function("secretFromText", &SecretFromText),
                         js::Function("pairNew", &PairNew),
                         js::Function("rsaNew", &RsaNew),
                         js::Function("keyFromDer", &KeyFromDer),
                         js::Function("keyFromRaw", &KeyFromRaw),
                         js::Function("keyFromJwk", &KeyFromJwk));
  }
};

}  // namespace caravel::runtime
