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

  static constexpr auto Js() {
    return js::Functions(js::Function("keyRead", &KeyRead),
                         js::Function("keyReadEither", &KeyReadEither),
                         js::Function("publicOf", &PublicOf),
                         js::Function("keyWrite", &KeyWrite));
  }
};

}  // namespace caravel::runtime
