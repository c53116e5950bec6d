#pragma once

#include <v8.h>

#include <optional>
#include <string>

#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/ops/node/crypto/key.h"

namespace caravel::runtime {

// What is done with public and private keys in Node's internal binding
// `crypto`: new ones, signatures, encryption, agreement. What OpenSSL refuses
// is thrown as Node throws it. `padding` and `salt` are those of the constants
// (RSA_PKCS1_PSS_PADDING …), nothing where they were not given.
//
// Threads: the one that is in the isolate.
struct NodeKeyUse {
  // Private keys. A call that is being ended does not wait for a long one.
  // "RSA" or "RSA-PSS"; the digests and the salt restrict the latter.
  static js::Result<v8::Value> RsaNew(js::Scope& scope, std::string kind,
                                      uint32_t bits, uint32_t exponent,
                                      std::optional<std::string> digest,
                                      std::optional<std::string> mask_digest,
                                      std::optional<int32_t> salt);
  static js::Result<v8::Value> CurveNew(js::Scope& scope, std::string curve,
                                        bool named);
  static js::Result<v8::Value> OctetsNew(js::Scope& scope, std::string kind);
  static js::Result<v8::Value> DsaNew(js::Scope& scope, uint32_t bits,
                                      std::optional<uint32_t> divisor_bits);

  // Of a text, or (`hashed`) of its digest. No digest: the key's own. `paired`:
  // the two numbers of (EC)DSA one after the other, else as ASN.1.
  static js::Result<v8::Value> Sign(js::Scope& scope, NodeKey* key,
                                    std::optional<std::string> digest,
                                    bool hashed, bool paired,
                                    std::optional<int32_t> padding,
                                    std::optional<int32_t> salt,
                                    js::BytesView data,
                                    std::optional<js::BytesView> context);
  static js::Result<v8::Value> Verify(
      js::Scope& scope, NodeKey* key, std::optional<std::string> digest,
      bool hashed, bool paired, std::optional<int32_t> padding,
      std::optional<int32_t> salt, js::BytesView data, js::BytesView signature,
      std::optional<js::BytesView> context);

  // `operation`: 0 and 1 encrypt and decrypt, 2 and 3 sign and recover, as
  // publicEncrypt(), privateDecrypt(), privateEncrypt(), publicDecrypt().
  static js::Result<v8::Value> RsaCipher(js::Scope& scope, uint32_t operation,
                                         NodeKey* key, int32_t padding,
                                         std::optional<std::string> digest,
                                         std::optional<std::string> mask_digest,
                                         js::BytesView data,
                                         std::optional<js::BytesView> label);

  // Whether a key of a curve lies on it and, of a private one, whether its
  // halves belong together.
  static bool KeyIsSound(js::Scope& scope, NodeKey* key);

  static js::Result<v8::Value> Agree(js::Scope& scope, NodeKey* own,
                                     NodeKey* other);

  static constexpr auto Js() {
    return js::Functions(
        js::Function("rsaNew", &RsaNew), js::Function("curveNew", &CurveNew),
        js::Function("octetsNew", &OctetsNew), js::Function("dsaNew", &DsaNew),
        js::Function("sign", &Sign), js::Function("verify", &Verify),
        js::Function("rsaCipher", &RsaCipher), js::Function("agree", &Agree),
        js::Function("keyIsSound", &KeyIsSound));
  }
};

}  // namespace caravel::runtime
