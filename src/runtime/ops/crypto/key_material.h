#pragma once

#include <v8.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/js/class.h"
#include "runtime/js/convert.h"
#include "runtime/js/scope.h"
#include "runtime/memory_account.h"
#include "runtime/ops/crypto/hmac.h"
#include "runtime/ops/crypto/key_kind.h"
#include "runtime/ops/crypto/openssl.h"

namespace caravel::runtime {

// The material of a CryptoKey: the bytes of a secret key, or a public or
// private key. Counted against the isolate's memory and wiped when it goes.
// Whether a key may be exported, and what it may be used for, is for the caller
// to ask.
//
// Threads: the one that is in the isolate.
class KeyMaterial final : public js::Object {
 public:
  // Both are kLimit when the isolate has no room for it.
  static Result<std::unique_ptr<KeyMaterial>> OfSecret(js::Scope& scope,
                                                       SecretBytes secret);
  // `is_private` false makes a public key, also of a private one.
  static Result<std::unique_ptr<KeyMaterial>> OfPair(js::Scope& scope,
                                                     const KeyKind* kind,
                                                     EvpKey key,
                                                     bool is_private);
  ~KeyMaterial() override;

  size_t external_size() const override { return size_; }

  bool is_secret() const { return pair_ == nullptr; }
  bool is_private() const { return is_private_; }
  std::string_view secret() const CARAVEL_LIFETIME_BOUND {
    return secret_.get();
  }
  // Requires: !is_secret().
  EVP_PKEY* pair() const { return pair_.get(); }
  const KeyKind& kind() const { return *kind_; }

  // What is kept for the next operation with the same key.
  Result<Hmac*> HmacWith(const EVP_MD* digest) CARAVEL_LIFETIME_BOUND;
  // The one place for a context that has the key already; empty at first.
  struct Scheduled {
    CipherContext context;
    const EVP_CIPHER* cipher = nullptr;
    bool encrypts = false;
  };
  Scheduled& scheduled() CARAVEL_LIFETIME_BOUND { return scheduled_; }

  // ---- for JS ----
  // The secret, or the public key as a point (uncompressed) or octets.
  Result<v8::Local<v8::ArrayBuffer>> ToRaw(js::Scope& scope);
  // PKCS #8 of a private key, SubjectPublicKeyInfo of a public one.
  Result<js::NewBytes> ToDer(js::Scope& scope);
  // Members of a JSON Web Key in base64url: k; x, y, d; x, d; n, e, d, p, q,
  // dp, dq, qi. Without the private ones for a public key.
  Result<std::vector<std::string>> ToJwk(js::Scope& scope);
  // Requires: !is_secret().
  Result<std::unique_ptr<KeyMaterial>> PublicKey(js::Scope& scope);
  // Of a secret, or of the modulus.
  uint32_t Bits(js::Scope& scope);
  // Of an RSA key, big-endian.
  Result<js::NewBytes> Exponent(js::Scope& scope);

  static constexpr auto Js() {
    return js::Class("KeyMaterial", js::Method("toRaw", &KeyMaterial::ToRaw),
                     js::Method("toDer", &KeyMaterial::ToDer),
                     js::Method("toJwk", &KeyMaterial::ToJwk),
                     js::Method("publicKey", &KeyMaterial::PublicKey),
                     js::Method("bits", &KeyMaterial::Bits),
                     js::Method("exponent", &KeyMaterial::Exponent));
  }

 private:
  KeyMaterial(MemoryAccount& account, size_t size, SecretBytes secret,
              const KeyKind* kind, EvpKey pair, bool is_private)
      : account_(account),
        size_(size),
        secret_(std::move(secret)),
        kind_(kind),
        pair_(std::move(pair)),
        is_private_(is_private) {}

  MemoryAccount& account_;
  const size_t size_;
  const SecretBytes secret_;
  const KeyKind* const kind_;  // nullptr of a secret
  const EvpKey pair_;          // nullptr of a secret
  const bool is_private_;
  std::optional<Hmac> hmac_;
  Scheduled scheduled_;
};

}  // namespace caravel::runtime
