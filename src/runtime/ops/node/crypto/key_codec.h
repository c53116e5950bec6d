#pragma once

#include <v8.h>

#include <optional>
#include <string>
#include <vector>

#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/ops/node/crypto/key.h"

namespace caravel::runtime {

// Public and private keys as bytes and back, for Node's internal binding
// `crypto`. Formats and encodings have the numbers of that binding:
// kKeyFormatDER 0, kKeyFormatPEM 1; kKeyEncodingPKCS1 0, PKCS8 1, SPKI 2,
// SEC1 3. What OpenSSL refuses is thrown as Node throws it. Keys beyond 64 KiB
// and those beyond key_bounds.h are refused: reading one cannot be ended.
//
// Threads: the one that is in the isolate.
struct NodeKeyCodec {
  // Reads a private key, or (`any`) a private or public one or a certificate,
  // of which the public key is made. `encoding` is below 0 where it was not
  // given.
  static js::Result<v8::Value> KeyRead(js::Scope& scope, bool any,
                                       uint32_t format, int32_t encoding,
                                       js::BytesView bytes,
                                       std::optional<js::BytesView> passphrase);
  // The same, private where it is.
  static js::Result<v8::Value> KeyReadEither(
      js::Scope& scope, uint32_t format, int32_t encoding, js::BytesView bytes,
      std::optional<js::BytesView> passphrase);
  static js::Result<v8::Value> PublicOf(js::Scope& scope, NodeKey* key);
  // An ArrayBuffer; a private key is encrypted where `cipher` is given.
  static js::Result<v8::Value> KeyWrite(
      js::Scope& scope, NodeKey* key, uint32_t format, uint32_t encoding,
      std::optional<std::string> cipher,
      std::optional<js::BytesView> passphrase);

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
    return js::Functions(js::Function("keyRead", &KeyRead),
                         js::Function("keyReadEither", &KeyReadEither),
                         js::Function("publicOf", &PublicOf),
                         js::Function("keyWrite", &KeyWrite),
                         js::Function("rsaFromNumbers", &RsaFromNumbers),
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
