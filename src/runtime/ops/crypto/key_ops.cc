#include "runtime/ops/crypto/key_ops.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <span>

#include "runtime/isolate_state.h"
#include "runtime/ops/crypto/base64url.h"
#include "runtime/ops/crypto/key_bounds.h"

namespace caravel::runtime {
namespace {

using Family = KeyKind::Family;

Error NotThatKey(const KeyKind& kind, std::string_view why) {
  return Error(ErrorCode::kInvalid,
               fmt::format("the data is no {} key: {}", kind.name, why));
}

// What OpenSSL found wrong.
Error NotThatKey(const KeyKind& kind) {
  return OpenSslError(fmt::format("the data is no {} key", kind.name));
}

int EvpTypeOf(const KeyKind& kind) {
  switch (kind.family) {
    case Family::kRsa:
      return EVP_PKEY_RSA;
    case Family::kCurve:
      return EVP_PKEY_EC;
    case Family::kOctets:
      return OBJ_sn2nid(kind.openssl);
  }
  return 0;
}

bool IsOnCurve(EVP_PKEY* key, const KeyKind& kind) {
  char group[64];
  return EVP_PKEY_get_group_name(key, group, sizeof(group), nullptr) == 1 &&
         OBJ_sn2nid(group) == EC_curve_nist2nid(kind.openssl);
}

Error OfAnotherAlgorithm(const KeyKind& kind) {
  return NotThatKey(kind, "it is of another algorithm");
}

// Holds any imported key to what its kind asks for.
Status CheckKey(EVP_PKEY* key, const KeyKind& kind, bool is_private) {
  if (EVP_PKEY_get_id(key) != EvpTypeOf(kind)) return OfAnotherAlgorithm(kind);
  if (const auto refusal = RefuseNumbers(key)) {
    return NotThatKey(kind, *refusal);
  }
  if (kind.family != Family::kCurve) return {};
  if (!IsOnCurve(key, kind)) return NotThatKey(kind, "it is of another curve");
  // It may have come with the point compressed; it goes out whole.
  EVP_PKEY_set_utf8_string_param(
      key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
      OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED);
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  const bool whole =
      check != nullptr &&
      (is_private ? EVP_PKEY_check(check.get())
                  : EVP_PKEY_public_check_quick(check.get())) == 1;
  if (!whole) return NotThatKey(kind);
  return {};
}

Result<EvpKey> KeyFromParameters(const KeyKind& kind, OSSL_PARAM_BLD* builder,
                                 bool is_private) {
  const char* type = kind.family == Family::kRsa ? "RSA" : "EC";
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (parameters == nullptr || context == nullptr ||
      EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key,
                        is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                        parameters.get()) != 1) {
    return NotThatKey(kind);
  }
  return EvpKey(key);
}

Result<EvpKey> KeyFromPoint(const KeyKind& kind, std::string_view point,
                            const BIGNUM* private_number) {
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                      kind.openssl, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                       point.data(), point.size()) != 1 ||
      (private_number != nullptr &&
       OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY,
                              private_number) != 1)) {
    return NotThatKey(kind);
  }
  return KeyFromParameters(kind, builder.get(), private_number != nullptr);
}

BigNumber ToNumber(std::string_view bytes) {
  BIGNUM* number = BN_secure_new();
  return BigNumber(
      BN_bin2bn(BytesOf(bytes), static_cast<int>(bytes.size()), number));
}

using Octets = std::vector<SecretBytes>;

Result<EvpKey> CurveKeyFromJwk(const KeyKind& kind, const Octets& members) {
  for (const SecretBytes& member : members) {
    if (member.get().size() != kind.size) {
      return NotThatKey(kind, fmt::format("a coordinate or d has {} bytes, not "
                                          "{}",
                                          member.get().size(), kind.size));
    }
  }
  const std::string point = "\x04" + members[0].get() + members[1].get();
  if (members.size() == 2) return KeyFromPoint(kind, point, nullptr);
  const BigNumber number = ToNumber(members[2].get());
  if (number == nullptr) return NotThatKey(kind);
  return KeyFromPoint(kind, point, number.get());
}

Result<EvpKey> RsaKeyFromJwk(const KeyKind& kind, const Octets& members) {
  static constexpr const char* kNames[] = {
      OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
      OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
      OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
      OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  std::vector<BigNumber> numbers;  // the builder refers to them
  for (size_t i = 0; i < members.size(); ++i) {
    if (members[i].get().size() > kMostModulusBits / 8 + 1) {
      return NotThatKey(kind, "a number has too many bits");
    }
    numbers.push_back(ToNumber(members[i].get()));
    const BIGNUM* const number = numbers.back().get();
    if (number == nullptr || BN_is_zero(number)) {
      return NotThatKey(kind, "a number is 0");
    }
    if (OSSL_PARAM_BLD_push_BN(builder.get(), kNames[i], number) != 1) {
      return NotThatKey(kind);
    }
  }
  return KeyFromParameters(kind, builder.get(), members.size() > 2);
}

Result<EvpKey> OctetsKey(const KeyKind& kind, std::string_view bytes,
                         bool is_private) {
  const auto make =
      is_private ? &EVP_PKEY_new_raw_private_key : &EVP_PKEY_new_raw_public_key;
  EvpKey key(make(EvpTypeOf(kind), nullptr, BytesOf(bytes), bytes.size()));
  if (key == nullptr) return NotThatKey(kind);
  return key;
}

Result<EvpKey> OctetsKeyFromJwk(const KeyKind& kind, const Octets& members) {
  const std::string& x = members[0].get();
  if (members.size() == 1) return OctetsKey(kind, x, false);
  CARAVEL_TRY(EvpKey key, OctetsKey(kind, members[1].get(), true));
  std::string found(kind.size, '\0');
  size_t size = found.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), BytesOf(found), &size) != 1) {
    return NotThatKey(kind);
  }
  if (found != x) return NotThatKey(kind, "x does not belong to d");
  return key;
}

// OpenSSL asks now and then while it looks for primes; 0 makes it give up.
int GoOnUnlessEnding(EVP_PKEY_CTX* context) {
  const auto* state =
      static_cast<const IsolateState*>(EVP_PKEY_CTX_get_app_data(context));
  return state->CallIsEnding() ? 0 : 1;
}

Result<EvpKey> Generate(js::Scope& scope, EVP_PKEY_CTX* context) {
  EVP_PKEY_CTX_set_app_data(context, &scope.state());
  EVP_PKEY_CTX_set_cb(context, &GoOnUnlessEnding);
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_generate(context, &key) != 1) return OpenSslError("a new key");
  return EvpKey(key);
}

}  // namespace

KeyOps::Key KeyOps::SecretNew(js::Scope& scope, js::BytesView bytes) {
  return KeyMaterial::OfSecret(scope, SecretBytes(std::string(bytes.bytes)));
}

KeyOps::Key KeyOps::SecretRandom(js::Scope& scope, uint32_t size) {
  // Asked for before it is filled: the size is the tenant's.
  if (size > INT32_MAX || !scope.state().memory->Reserve(size)) {
    return Error(ErrorCode::kLimit, "no memory is left for the key");
  }
  scope.state().memory->Release(size);
  SecretBytes secret{static_cast<size_t>(size)};
  scope.state().random.Fill(secret.get());
  return KeyMaterial::OfSecret(scope, std::move(secret));
}

KeyOps::Key KeyOps::SecretFromText(js::Scope& scope, std::string base64url) {
  std::optional<std::string> bytes = FromBase64Url(base64url);
  OPENSSL_cleanse(base64url.data(), base64url.size());
  if (!bytes) return Error(ErrorCode::kInvalid, "\"k\" is not base64url");
  return KeyMaterial::OfSecret(scope, SecretBytes(std::move(*bytes)));
}

KeyOps::Key KeyOps::PairNew(js::Scope& scope, std::string kind) {
  CARAVEL_TRY(const KeyKind* const found, FindKeyKind(kind));
  const bool is_curve = found->family == Family::kCurve;
  const KeyContext context(EVP_PKEY_CTX_new_from_name(
      nullptr, is_curve ? "EC" : found->openssl, nullptr));
  if (context == nullptr || EVP_PKEY_keygen_init(context.get()) != 1 ||
      (is_curve &&
       EVP_PKEY_CTX_set_group_name(context.get(), found->openssl) != 1)) {
    return OpenSslError("a new key");
  }
  CARAVEL_TRY(EvpKey key, Generate(scope, context.get()));
  return KeyMaterial::OfPair(scope, found, std::move(key), true);
}

KeyOps::Key KeyOps::RsaNew(js::Scope& scope, uint32_t modulus_bits,
                           uint32_t public_exponent) {
  if (modulus_bits > kMostModulusBits) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("a modulus of {} bits is too long", modulus_bits))
        .Remedy(fmt::format("use at most {}", kMostModulusBits));
  }
  CARAVEL_TRY(const KeyKind* const kind, FindKeyKind("RSA"));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  const BigNumber exponent(BN_new());
  if (context == nullptr || exponent == nullptr ||
      BN_set_word(exponent.get(), public_exponent) != 1 ||
      EVP_PKEY_keygen_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(),
                                       static_cast<int>(modulus_bits)) != 1 ||
      EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), exponent.get()) != 1) {
    return OpenSslError("a new RSA key");
  }
  CARAVEL_TRY(EvpKey key, Generate(scope, context.get()));
  return KeyMaterial::OfPair(scope, kind, std::move(key), true);
}

KeyOps::Key KeyOps::KeyFromDer(js::Scope& scope, std::string kind,
                               bool is_private, js::BytesView der) {
  CARAVEL_TRY(const KeyKind* const found, FindKeyKind(kind));
  if (der.bytes.size() > kLongestKey)
    return NotThatKey(*found, "it is too long");
  const unsigned char* at = BytesOf(der.bytes);
  const unsigned char* const end = at + der.bytes.size();
  const auto size = static_cast<long>(der.bytes.size());
  EvpKey key;
  if (is_private) {
    const Pkcs8 pkcs8(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, size));
    const ASN1_OBJECT* algorithm = nullptr;
    if (pkcs8 == nullptr || PKCS8_pkey_get0(&algorithm, nullptr, nullptr,
                                            nullptr, pkcs8.get()) != 1) {
      return NotThatKey(*found);
    }
    // To decode a key of DSA or DH, OpenSSL computes its public number, in a
    // time that the call's end does not bound.
    if (OBJ_obj2nid(algorithm) != EvpTypeOf(*found)) {
      return OfAnotherAlgorithm(*found);
    }
    key.reset(EVP_PKCS82PKEY(pkcs8.get()));
  } else {
    key.reset(d2i_PUBKEY(nullptr, &at, size));
  }
  if (key == nullptr) return NotThatKey(*found);
  if (at != end) return NotThatKey(*found, "bytes follow it");
  CARAVEL_TRY(CheckKey(key.get(), *found, is_private));
  return KeyMaterial::OfPair(scope, found, std::move(key), is_private);
}

KeyOps::Key KeyOps::KeyFromRaw(js::Scope& scope, std::string kind,
                               js::BytesView bytes) {
  CARAVEL_TRY(const KeyKind* const found, FindKeyKind(kind));
  CARAVEL_TRY(EvpKey key, found->family == Family::kCurve
                              ? KeyFromPoint(*found, bytes.bytes, nullptr)
                              : OctetsKey(*found, bytes.bytes, false));
  CARAVEL_TRY(CheckKey(key.get(), *found, false));
  return KeyMaterial::OfPair(scope, found, std::move(key), false);
}

KeyOps::Key KeyOps::KeyFromJwk(js::Scope& scope, std::string kind,
                               std::vector<std::string> members) {
  CARAVEL_TRY(const KeyKind* const found, FindKeyKind(kind));
  Octets octets;
  bool well = true;
  for (std::string& member : members) {
    std::optional<std::string> bytes = FromBase64Url(member);
    OPENSSL_cleanse(member.data(), member.size());
    well = well && bytes.has_value();
    if (bytes) octets.emplace_back(std::move(*bytes));
  }
  if (!well) return NotThatKey(*found, "a member of the JWK is not base64url");
  const size_t count = octets.size();
  const auto has = [&](size_t of_public, size_t of_private) {
    return count == of_public || count == of_private;
  };
  Result<EvpKey> key = NotThatKey(*found, "members are missing");
  size_t of_public = 0;
  switch (found->family) {
    case Family::kRsa:
      of_public = 2;
      if (has(2, 8)) key = RsaKeyFromJwk(*found, octets);
      break;
    case Family::kCurve:
      of_public = 2;
      if (has(2, 3)) key = CurveKeyFromJwk(*found, octets);
      break;
    case Family::kOctets:
      of_public = 1;
      if (has(1, 2)) key = OctetsKeyFromJwk(*found, octets);
      break;
  }
  if (!key) return std::move(key).error();
  const bool is_private = count > of_public;
  CARAVEL_TRY(CheckKey(key->get(), *found, is_private));
  return KeyMaterial::OfPair(scope, found, *std::move(key), is_private);
}

}  // namespace caravel::runtime
