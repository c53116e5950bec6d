#pragma once

#include <v8.h>

#include <string>

#include "base/result.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/js/scope.h"
#include "runtime/ops/crypto/key_material.h"

namespace caravel::runtime {

// Ciphers (Web Cryptography, the operations "Encrypt", "Decrypt", "Wrap Key"
// and "Unwrap Key" of each algorithm). What cannot be decrypted is an error
// that does not say why. Results are written where JS finds them, without a
// copy.
//
// Requires: AES keys are secrets of 128, 192 or 256 bits.
// Threads: the one that is in the isolate.
struct CipherOps {
  using Bytes = Result<v8::Local<v8::ArrayBuffer>>;

  // Requires: `iv` has 16 bytes.
  static Bytes AesCbc(js::Scope& scope, KeyMaterial* key, bool encrypt,
                      js::BytesView iv, js::BytesView data);
  // The lower `length` bits of the counter count and wrap around; an error when
  // they would come back to where they began.
  // Requires: `counter` has 16 bytes, `length` is 1 to 128.
  static Bytes AesCtr(js::Scope& scope, KeyMaterial* key, js::BytesView counter,
                      uint32_t length, js::BytesView data);
  // The tag, of `tag_size` bytes, is at the end of what is encrypted.
  static Bytes AesGcm(js::Scope& scope, KeyMaterial* key, bool encrypt,
                      js::BytesView iv, js::BytesView additional,
                      uint32_t tag_size, js::BytesView data);
  // RFC 3394.
  static Bytes AesKw(js::Scope& scope, KeyMaterial* key, bool wrap,
                     js::BytesView data);
  // Requires: `key` is an RSA key.
  static Bytes RsaOaep(js::Scope& scope, KeyMaterial* key, bool encrypt,
                       std::string digest, js::BytesView label,
                       js::BytesView data);

  static constexpr auto Js() {
    return js::Functions(
        js::Function("aesCbc", &AesCbc), js::Function("aesCtr", &AesCtr),
        js::Function("aesGcm", &AesGcm), js::Function("aesKw", &AesKw),
        js::Function("rsaOaep", &RsaOaep));
  }
};

}  // namespace caravel::runtime
