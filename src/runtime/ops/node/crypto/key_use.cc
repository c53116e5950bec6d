// Tests: node_crypto_test.cc, and Node's own tests (tests/node).
#include "runtime/ops/node/crypto/key_use.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/dh.h>
#include <openssl/dsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "runtime/isolate_state.h"
#include "runtime/ops/crypto/key_bounds.h"
#include "runtime/ops/crypto/signature_pair.h"
#include "runtime/ops/node/crypto/big_number.h"
#include "runtime/ops/node/crypto/digests.h"
#include "runtime/ops/node/crypto/failure.h"

namespace caravel::runtime {
namespace {

js::Result<v8::Value> RunGeneration(js::Scope& scope, EVP_PKEY_CTX* context) {
  LetGenerationEnd(scope, context);
  EVP_PKEY* made = nullptr;
  if (EVP_PKEY_generate(context, &made) != 1) {
    if (scope.state().CallIsEnding()) return ThrowCallEnds(scope);
    return ThrowOpenSsl(scope, "Key generation failed");
  }
  return NodeKey::OfPair(scope, NodeKeyType::kPrivate, EvpKey(made));
}

js::Result<v8::Value> ThrowTooLong(js::Scope& scope, const char* what,
                                   uint32_t most) {
  return ThrowCoded(
      scope, ErrorClass::kRangeError, "ERR_OUT_OF_RANGE",
      fmt::format("{} keys of more than {} bits are not made here", what,
                  most));
}

js::Result<v8::Value> ThrowNoPair(js::Scope& scope) {
  js::ThrowTypeError(scope, "the key is neither public nor private");
  return {};
}

// What Node says where OpenSSL refuses a cipher of RSA and does not say why.
constexpr std::string_view kNoReason = "error:00000000:lib(0)::reason(0)";

bool IsRsa(EVP_PKEY* key) {
  return EVP_PKEY_is_a(key, "RSA") == 1 || EVP_PKEY_is_a(key, "RSA-PSS") == 1;
}

bool IsDsa(EVP_PKEY* key) {
  return EVP_PKEY_is_a(key, "EC") == 1 || EVP_PKEY_is_a(key, "DSA") == 1;
}

// Modulo a prime.
bool IsGroup(EVP_PKEY* key) {
  return EVP_PKEY_is_a(key, "DH") == 1 || EVP_PKEY_is_a(key, "DHX") == 1;
}

// Of one of the two numbers of a signature, in bytes.
size_t NumberSize(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "EC") == 1) {
    return static_cast<size_t>(EVP_PKEY_get_bits(key) + 7) / 8;
  }
  BIGNUM* found = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_FFC_Q, &found);
  const BigNumber q(found);
  return q == nullptr ? 0 : static_cast<size_t>(BN_num_bytes(q.get()));
}

bool SetRsa(EVP_PKEY_CTX* context, EVP_PKEY* key,
            std::optional<int32_t> padding, std::optional<int32_t> salt) {
  if (!IsRsa(key)) return true;
  const int chosen = padding.value_or(EVP_PKEY_is_a(key, "RSA-PSS") == 1
                                          ? RSA_PKCS1_PSS_PADDING
                                          : RSA_PKCS1_PADDING);
  return EVP_PKEY_CTX_set_rsa_padding(context, chosen) == 1 &&
         (chosen != RSA_PKCS1_PSS_PADDING || !salt ||
          EVP_PKEY_CTX_set_rsa_pss_saltlen(context, *salt) == 1);
}

// A context that is ready to sign or to verify, of either way that OpenSSL has:
// over a text it is the state's, over a digest its own.
struct Prepared {
  DigestState state;
  KeyContext own;
};

enum class Failure { kNone, kDigest, kOpenSsl };

Failure Prepare(EVP_PKEY* key, bool verifies, bool hashed,
                const std::optional<std::string>& digest,
                std::optional<int32_t> padding, std::optional<int32_t> salt,
                const std::optional<js::BytesView>& given, Prepared& out) {
  FetchedDigest found;
  if (digest) {
    found = FetchDigest(*digest);
    if (found == nullptr) return Failure::kDigest;
  }
  EVP_PKEY_CTX* context = nullptr;
  bool well = false;
  if (hashed) {
    out.own.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    context = out.own.get();
    well = context != nullptr &&
           (verifies ? EVP_PKEY_verify_init(context)
                     : EVP_PKEY_sign_init(context)) == 1 &&
           SetRsa(context, key, padding, salt) &&
           EVP_PKEY_CTX_set_signature_md(context, found.get()) == 1;
  } else {
    out.state.reset(EVP_MD_CTX_new());
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_end(),
                               OSSL_PARAM_construct_end()};
    if (given) {
      parameters[0] = OSSL_PARAM_construct_octet_string(
          OSSL_SIGNATURE_PARAM_CONTEXT_STRING,
          const_cast<char*>(given->bytes.data()), given->bytes.size());
    }
    // RSA and (EC)DSA have a digest of their own where none was given.
    const char* const name =
        found == nullptr ? nullptr : EVP_MD_get0_name(found.get());
    well = out.state != nullptr &&
           (verifies ? EVP_DigestVerifyInit_ex(out.state.get(), &context, name,
                                               nullptr, nullptr, key,
                                               given ? parameters : nullptr)
                     : EVP_DigestSignInit_ex(
                           out.state.get(), &context, name, nullptr, nullptr,
                           key, given ? parameters : nullptr)) == 1 &&
           SetRsa(context, key, padding, salt);
  }
  return well ? Failure::kNone : Failure::kOpenSsl;
}

js::Result<v8::Value> ThrowPrepare(js::Scope& scope, Failure failure,
                                   const std::optional<std::string>& digest) {
  if (failure == Failure::kDigest) {
    return ThrowCoded(scope, ErrorClass::kTypeError,
                      "ERR_CRYPTO_INVALID_DIGEST",
                      fmt::format("Invalid digest: {}", *digest));
  }
  return ThrowOpenSsl(scope, "Failed to prepare the signature");
}

}  // namespace

js::Result<v8::Value> NodeKeyUse::RsaNew(js::Scope& scope, std::string kind,
                                         uint32_t bits, uint32_t exponent,
                                         std::optional<std::string> digest,
                                         std::optional<std::string> mask_digest,
                                         std::optional<int32_t> salt) {
  if (bits > kMostModulusBits) {
    return ThrowTooLong(scope, "RSA", kMostModulusBits);
  }
  FetchedDigest digests[2];
  const std::optional<std::string>* const names[] = {&digest, &mask_digest};
  for (size_t i = 0; i < 2; ++i) {
    if (!*names[i]) continue;
    digests[i] = FetchDigest(**names[i]);
    if (digests[i] == nullptr) {
      return ThrowPrepare(scope, Failure::kDigest, *names[i]);
    }
  }
  const KeyContext context(
      EVP_PKEY_CTX_new_from_name(nullptr, kind.c_str(), nullptr));
  const BigNumber number(BN_new());
  if (context == nullptr || number == nullptr ||
      BN_set_word(number.get(), exponent) != 1 ||
      EVP_PKEY_keygen_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), static_cast<int>(bits)) !=
          1 ||
      EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), number.get()) != 1) {
    return ThrowOpenSsl(scope, "Key generation failed");
  }
  if (kind == "RSA-PSS" && (digest || mask_digest || salt)) {
    // The mask's digest is the other one, and the salt as long, where they are
    // left open.
    const EVP_MD* const mask =
        digests[1] != nullptr ? digests[1].get() : digests[0].get();
    const int usual =
        digests[0] == nullptr ? 20 : EVP_MD_get_size(digests[0].get());
    if ((digests[0] != nullptr && EVP_PKEY_CTX_set_rsa_pss_keygen_md(
                                      context.get(), digests[0].get()) != 1) ||
        (mask != nullptr &&
         EVP_PKEY_CTX_set_rsa_pss_keygen_mgf1_md(context.get(), mask) != 1) ||
        EVP_PKEY_CTX_set_rsa_pss_keygen_saltlen(context.get(),
                                                salt.value_or(usual)) != 1) {
      return ThrowOpenSsl(scope, "Key generation failed");
    }
  }
  return RunGeneration(scope, context.get());
}

js::Result<v8::Value> NodeKeyUse::CurveNew(js::Scope& scope, std::string curve,
                                           bool named) {
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  if (context == nullptr || EVP_PKEY_keygen_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_group_name(context.get(), curve.c_str()) != 1) {
    return ThrowCoded(scope, ErrorClass::kTypeError, "ERR_CRYPTO_INVALID_CURVE",
                      "Invalid EC curve name");
  }
  if (EVP_PKEY_CTX_set_ec_param_enc(
          context.get(),
          named ? OPENSSL_EC_NAMED_CURVE : OPENSSL_EC_EXPLICIT_CURVE) != 1) {
    return ThrowOpenSsl(scope, "Key generation failed");
  }
  return RunGeneration(scope, context.get());
}

js::Result<v8::Value> NodeKeyUse::OctetsNew(js::Scope& scope,
                                            std::string kind) {
  const KeyContext context(
      EVP_PKEY_CTX_new_from_name(nullptr, kind.c_str(), nullptr));
  if (context == nullptr || EVP_PKEY_keygen_init(context.get()) != 1) {
    return ThrowOpenSsl(scope, "Key generation failed");
  }
  return RunGeneration(scope, context.get());
}

js::Result<v8::Value> NodeKeyUse::DsaNew(js::Scope& scope, uint32_t bits,
                                         std::optional<uint32_t> divisor_bits) {
  if (bits > kMostDsaBits || divisor_bits.value_or(0) > kMostDsaBits) {
    return ThrowTooLong(scope, "DSA", kMostDsaBits);
  }
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "DSA", nullptr));
  if (context == nullptr || EVP_PKEY_paramgen_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_dsa_paramgen_bits(context.get(),
                                         static_cast<int>(bits)) != 1 ||
      (divisor_bits &&
       EVP_PKEY_CTX_set_dsa_paramgen_q_bits(
           context.get(), static_cast<int>(*divisor_bits)) != 1)) {
    return ThrowOpenSsl(scope, "Key generation failed");
  }
  const EvpKey parameters =
      GenerateParameters(scope, context.get(), "Key generation failed");
  if (parameters == nullptr) return {};
  const KeyContext generation(
      EVP_PKEY_CTX_new_from_pkey(nullptr, parameters.get(), nullptr));
  if (generation == nullptr || EVP_PKEY_keygen_init(generation.get()) != 1) {
    return ThrowOpenSsl(scope, "Key generation failed");
  }
  return RunGeneration(scope, generation.get());
}

js::Result<v8::Value> NodeKeyUse::Sign(js::Scope& scope, NodeKey* key,
                                       std::optional<std::string> digest,
                                       bool hashed, bool paired,
                                       std::optional<int32_t> padding,
                                       std::optional<int32_t> salt,
                                       js::BytesView data,
                                       std::optional<js::BytesView> context) {
  if (key->pair() == nullptr) return ThrowNoPair(scope);
  if (const auto refusal = RefuseToSign(key->pair())) {
    return ThrowCoded(scope, ErrorClass::kError,
                      "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM", *refusal);
  }
  Prepared prepared;
  const Failure failure = Prepare(key->pair(), false, hashed, digest, padding,
                                  salt, context, prepared);
  if (failure != Failure::kNone) return ThrowPrepare(scope, failure, digest);
  std::string signature(
      static_cast<size_t>(std::max(EVP_PKEY_get_size(key->pair()), 0)), '\0');
  size_t size = signature.size();
  const bool well =
      (hashed ? EVP_PKEY_sign(prepared.own.get(), BytesOf(signature), &size,
                              BytesOf(data.bytes), data.bytes.size())
              : EVP_DigestSign(prepared.state.get(), BytesOf(signature), &size,
                               BytesOf(data.bytes), data.bytes.size())) == 1;
  if (!well) return ThrowOpenSsl(scope, "Failed to sign");
  signature.resize(size);
  if (paired && IsDsa(key->pair())) {
    auto pair = NumbersOfPair(signature, NumberSize(key->pair()));
    if (!pair) return ThrowOpenSsl(scope, "Malformed signature");
    signature = std::move(*pair);
  }
  return ToBuffer(scope, signature);
}

js::Result<v8::Value> NodeKeyUse::Verify(
    js::Scope& scope, NodeKey* key, std::optional<std::string> digest,
    bool hashed, bool paired, std::optional<int32_t> padding,
    std::optional<int32_t> salt, js::BytesView data, js::BytesView signature,
    std::optional<js::BytesView> context) {
  if (key->pair() == nullptr) return ThrowNoPair(scope);
  Prepared prepared;
  const Failure failure = Prepare(key->pair(), true, hashed, digest, padding,
                                  salt, context, prepared);
  if (failure != Failure::kNone) return ThrowPrepare(scope, failure, digest);
  std::string_view given = signature.bytes;
  std::optional<std::string> der;
  if (paired && IsDsa(key->pair())) {
    der = PairOfNumbers(given, NumberSize(key->pair()));
    given = der ? std::string_view(*der) : std::string_view();
  }
  const int outcome =
      hashed
          ? EVP_PKEY_verify(prepared.own.get(), BytesOf(given), given.size(),
                            BytesOf(data.bytes), data.bytes.size())
          : EVP_DigestVerify(prepared.state.get(), BytesOf(given), given.size(),
                             BytesOf(data.bytes), data.bytes.size());
  ERR_clear_error();
  return v8::Boolean::New(scope.isolate(), outcome == 1);
}

js::Result<v8::Value> NodeKeyUse::RsaCipher(
    js::Scope& scope, uint32_t operation, NodeKey* key, int32_t padding,
    std::optional<std::string> digest, std::optional<std::string> mask_digest,
    js::BytesView data, std::optional<js::BytesView> label) {
  struct Operation {
    int (*begin)(EVP_PKEY_CTX*);
    int (*run)(EVP_PKEY_CTX*, unsigned char*, size_t*, const unsigned char*,
               size_t);
  };
  static constexpr Operation kOperations[] = {
      {&EVP_PKEY_encrypt_init, &EVP_PKEY_encrypt},
      {&EVP_PKEY_decrypt_init, &EVP_PKEY_decrypt},
      {&EVP_PKEY_sign_init, &EVP_PKEY_sign},
      {&EVP_PKEY_verify_recover_init, &EVP_PKEY_verify_recover}};
  if (key->pair() == nullptr) return ThrowNoPair(scope);
  const Operation& chosen = kOperations[operation % 4];
  FetchedDigest digests[2];
  const std::optional<std::string>* const names[] = {&digest, &mask_digest};
  for (size_t i = 0; i < 2; ++i) {
    if (!*names[i]) continue;
    digests[i] = FetchDigest(**names[i]);
    if (digests[i] != nullptr) continue;
    return ThrowCoded(scope, ErrorClass::kError, "ERR_OSSL_EVP_INVALID_DIGEST",
                      "Invalid digest used");
  }
  const KeyContext context(
      EVP_PKEY_CTX_new_from_pkey(nullptr, key->pair(), nullptr));
  if (context == nullptr || chosen.begin(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), padding) != 1 ||
      (digests[0] != nullptr &&
       EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), digests[0].get()) != 1) ||
      (digests[1] != nullptr &&
       EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), digests[1].get()) != 1)) {
    return ThrowOpenSsl(scope, kNoReason);
  }
  if (label && !label->bytes.empty()) {
    void* const copy = OPENSSL_memdup(label->bytes.data(), label->bytes.size());
    if (copy == nullptr ||
        EVP_PKEY_CTX_set0_rsa_oaep_label(
            context.get(), copy, static_cast<int>(label->bytes.size())) != 1) {
      OPENSSL_free(copy);
      return ThrowOpenSsl(scope, kNoReason);
    }
  }
  size_t size = 0;
  if (chosen.run(context.get(), nullptr, &size, BytesOf(data.bytes),
                 data.bytes.size()) != 1) {
    return ThrowOpenSsl(scope, kNoReason);
  }
  SecretBytes out(size);
  if (chosen.run(context.get(), BytesOf(out.get()), &size, BytesOf(data.bytes),
                 data.bytes.size()) != 1) {
    return ThrowOpenSsl(scope, kNoReason);
  }
  return ToBuffer(scope, std::string_view(out.get()).substr(0, size));
}

bool NodeKeyUse::KeyIsSound(js::Scope&, NodeKey* key) {
  const KeyContext context(
      key->pair() == nullptr
          ? nullptr
          : EVP_PKEY_CTX_new_from_pkey(nullptr, key->pair(), nullptr));
  const bool sound = context != nullptr &&
                     EVP_PKEY_is_a(key->pair(), "EC") == 1 &&
                     (key->type() == NodeKeyType::kPrivate
                          ? EVP_PKEY_check(context.get())
                          : EVP_PKEY_public_check(context.get())) == 1;
  ERR_clear_error();
  return sound;
}

js::Result<v8::Value> NodeKeyUse::Agree(js::Scope& scope, NodeKey* own,
                                        NodeKey* other) {
  if (own->pair() == nullptr || other->pair() == nullptr) {
    return ThrowNoPair(scope);
  }
  const KeyContext context(
      EVP_PKEY_CTX_new_from_pkey(nullptr, own->pair(), nullptr));
  size_t size = 0;
  if (context == nullptr || EVP_PKEY_derive_init(context.get()) != 1 ||
      (IsGroup(own->pair()) &&
       EVP_PKEY_CTX_set_dh_pad(context.get(), 1) != 1) ||
      EVP_PKEY_derive_set_peer(context.get(), other->pair()) != 1 ||
      EVP_PKEY_derive(context.get(), nullptr, &size) != 1) {
    return ThrowOpenSsl(scope, "diffieHellman failed");
  }
  SecretBytes secret(size);
  if (EVP_PKEY_derive(context.get(), BytesOf(secret.get()), &size) != 1) {
    return ThrowOpenSsl(scope, "diffieHellman failed");
  }
  return ToBuffer(scope, std::string_view(secret.get()).substr(0, size));
}

}  // namespace caravel::runtime
