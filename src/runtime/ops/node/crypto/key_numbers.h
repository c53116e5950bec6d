#pragma once

#include <v8.h>

#include <optional>
#include <string>

#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/ops/node/crypto/key.h"

namespace caravel::runtime {

// Public and private keys made of the numbers, points and octets that they
// consist of, and these of keys, for Node's internal binding `crypto`: what JWK
// and raw keys are read and written by. Keys beyond key_bounds.h are refused.
//
// Threads: the one that is in the isolate.
struct NodeKeyNumbers {
  // Of RSA: n, e and, of a private key, d, p, q, dp, dq, qi, big-endian;
  // undefined where they make no key.
  static js::Result<v8::Value> RsaFromNumbers(
      js::Scope& scope, bool is_private, js::BytesView n, js::BytesView e,
      std::optional<js::BytesView> d, std::optional<js::BytesView> p,
      std::optional<js::BytesView> q, std::optional<js::BytesView> dp,
      std::optional<js::BytesView> dq, std::optional<js::BytesView> qi);
  // Of a curve: a point, or the private number, from which a point that is not
  // given is computed; undefined where they make no key.
  static js::Result<v8::Value> CurveFromNumbers(
      js::Scope& scope, std::string curve, std::optional<js::BytesView> point,
      std::optional<js::BytesView> number);
  // Of a kind whose keys are octets ("ED25519", "ML-KEM-512", …).
  static js::Result<v8::Value> OctetsKey(js::Scope& scope, std::string kind,
                                         bool is_private, bool is_seed,
                                         js::BytesView bytes);

  // A number of the key as an ArrayBuffer, by OpenSSL's name for it, with
  // zeroes in front up to `size`; undefined where it has none.
  static js::Result<v8::Value> KeyNumber(js::Scope& scope, NodeKey* key,
                                         std::string name, uint32_t size);
  // Octets of it, by the same: "pub", "priv", "seed", "encoded-pub-key".
  static js::Result<v8::Value> KeyOctets(js::Scope& scope, NodeKey* key,
                                         std::string name);
  // A text of it, as "group" or "digest"; undefined where it has none.
  static js::Result<v8::Value> KeyText(js::Scope& scope, NodeKey* key,
                                       std::string name);
  static js::Result<v8::Value> KeyInteger(js::Scope& scope, NodeKey* key,
                                          std::string name);
  // The point of a key of a curve, compressed or not.
  static js::Result<v8::Value> KeyPoint(js::Scope& scope, NodeKey* key,
                                        bool compressed);
  // "RSA", "EC", "ED25519", …: OpenSSL's name.
  static std::string KeyKindName(js::Scope& scope, NodeKey* key);
  static uint32_t KeyBits(js::Scope& scope, NodeKey* key);
  // By its usual short name ("prime256v1"); empty where there is none.
  static std::string CurveName(js::Scope& scope, std::string name);

  static constexpr auto Js() {
    return js::Functions(js::Function("rsaFromNumbers", &RsaFromNumbers),
                         js::Function("curveFromNumbers", &CurveFromNumbers),
                         js::Function("octetsKey", &OctetsKey),
                         js::Function("keyNumber", &KeyNumber),
                         js::Function("keyOctets", &KeyOctets),
                         js::Function("keyText", &KeyText),
                         js::Function("keyInteger", &KeyInteger),
                         js::Function("keyPoint", &KeyPoint),
                         js::Function("keyKindName", &KeyKindName),
                         js::Function("keyBits", &KeyBits),
                         js::Function("curveName", &CurveName));
  }
};

}  // namespace caravel::runtime
