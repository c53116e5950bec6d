#include "runtime/ops/crypto/key_material.h"

#include <openssl/core_names.h>

#include <array>
#include <cstring>

#include "runtime/isolate_state.h"
#include "runtime/ops/crypto/base64url.h"

namespace caravel::runtime {
namespace {

// What a key weighs beside its numbers, roughly: OpenSSL's objects and ours.
constexpr size_t kKeyOverhead = 2048;

// Counts `size` bytes; false when even a collection makes no room for them.
bool ReserveFor(js::Scope& scope, MemoryAccount& account, size_t size) {
  if (account.Reserve(size)) return true;
  scope.isolate()->LowMemoryNotification();
  return account.Reserve(size);
}

Error NoRoomForKey() {
  return Error(ErrorCode::kLimit, "no memory is left for the key");
}

Result<BigNumber> NumberOf(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) {
    return OpenSslError(name);
  }
  return BigNumber(number);
}

// Big-endian; with zeroes in front up to `size` bytes.
Result<SecretBytes> BytesOfNumber(EVP_PKEY* key, const char* name,
                                  size_t size = 0) {
  CARAVEL_TRY(const BigNumber number, NumberOf(key, name));
  if (size == 0) size = static_cast<size_t>(BN_num_bytes(number.get()));
  SecretBytes bytes(size);
  if (BN_bn2binpad(number.get(), BytesOf(bytes.get()), static_cast<int>(size)) <
      0) {
    return OpenSslError(name);
  }
  return bytes;
}

using RawKeyGetter = int (*)(const EVP_PKEY*, unsigned char*, size_t*);

Result<SecretBytes> OctetsOf(EVP_PKEY* key, RawKeyGetter get) {
  size_t size = 0;
  if (get(key, nullptr, &size) != 1) return OpenSslError("key");
  SecretBytes bytes(size);
  if (get(key, BytesOf(bytes.get()), &size) != 1) return OpenSslError("key");
  return bytes;
}

Result<std::string> PointOf(EVP_PKEY* key) {
  size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0,
                                      &size) != 1) {
    return OpenSslError("point");
  }
  std::string point(size, '\0');
  if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY,
                                      BytesOf(point), size, &size) != 1) {
    return OpenSslError("point");
  }
  return point;
}

}  // namespace

Result<std::unique_ptr<KeyMaterial>> KeyMaterial::OfSecret(js::Scope& scope,
                                                           SecretBytes secret) {
  MemoryAccount& account = *scope.state().memory;
  const size_t size = secret.get().size() + kKeyOverhead;
  if (!ReserveFor(scope, account, size)) return NoRoomForKey();
  return std::unique_ptr<KeyMaterial>(new KeyMaterial(
      account, size, std::move(secret), nullptr, nullptr, true));
}

Result<std::unique_ptr<KeyMaterial>> KeyMaterial::OfPair(js::Scope& scope,
                                                         const KeyKind* kind,
                                                         EvpKey key,
                                                         bool is_private) {
  MemoryAccount& account = *scope.state().memory;
  // A private RSA key has five halves of the modulus beside n and d.
  const auto numbers = static_cast<size_t>(EVP_PKEY_get_bits(key.get()));
  const size_t size = numbers + kKeyOverhead;
  if (!ReserveFor(scope, account, size)) return NoRoomForKey();
  return std::unique_ptr<KeyMaterial>(new KeyMaterial(
      account, size, SecretBytes(), kind, std::move(key), is_private));
}

KeyMaterial::~KeyMaterial() { account_.Release(size_); }

Result<Hmac*> KeyMaterial::HmacWith(const EVP_MD* digest) {
  if (!hmac_ || hmac_->digest() != digest) {
    CARAVEL_TRY(hmac_, Hmac::Create(digest, secret()));
  }
  return &*hmac_;
}

Result<v8::Local<v8::ArrayBuffer>> KeyMaterial::ToRaw(js::Scope& scope) {
  std::string_view bytes = secret();
  SecretBytes octets;
  std::string point;
  if (!is_secret() && kind_->family == KeyKind::Family::kCurve) {
    CARAVEL_TRY(point, PointOf(pair()));
    bytes = point;
  } else if (!is_secret()) {
    point.resize(kind_->size);
    size_t size = point.size();
    if (EVP_PKEY_get_raw_public_key(pair(), BytesOf(point), &size) != 1) {
      return OpenSslError("public key");
    }
    bytes = point;
  }
  CARAVEL_TRY(const auto buffer, NewResult(scope, bytes.size()));
  if (!bytes.empty()) std::memcpy(buffer->Data(), bytes.data(), bytes.size());
  return buffer;
}

Result<js::NewBytes> KeyMaterial::ToDer(js::Scope&) {
  unsigned char* der = nullptr;
  int size = 0;
  if (is_private_) {
    const Pkcs8 pkcs8(EVP_PKEY2PKCS8(pair()));
    if (pkcs8 != nullptr) size = i2d_PKCS8_PRIV_KEY_INFO(pkcs8.get(), &der);
  } else {
    size = i2d_PUBKEY(pair(), &der);
  }
  if (size <= 0) return OpenSslError("key");
  js::NewBytes bytes{
      std::string(reinterpret_cast<char*>(der), static_cast<size_t>(size))};
  OPENSSL_clear_free(der, static_cast<size_t>(size));
  return bytes;
}

Result<std::vector<std::string>> KeyMaterial::ToJwk(js::Scope&) {
  std::vector<std::string> members;
  if (is_secret()) {
    members.push_back(ToBase64Url(secret()));
    return members;
  }
  const auto add = [&](Result<SecretBytes> bytes) -> Status {
    if (!bytes) return std::move(bytes.error());
    members.push_back(ToBase64Url(bytes->get()));
    return {};
  };
  if (kind_->family == KeyKind::Family::kOctets) {
    CARAVEL_TRY(add(OctetsOf(pair(), &EVP_PKEY_get_raw_public_key)));
    if (!is_private_) return members;
    CARAVEL_TRY(add(OctetsOf(pair(), &EVP_PKEY_get_raw_private_key)));
    return members;
  }
  struct Member {
    const char* name;
    bool is_private;
  };
  static constexpr Member kCurveMembers[] = {{OSSL_PKEY_PARAM_EC_PUB_X, false},
                                             {OSSL_PKEY_PARAM_EC_PUB_Y, false},
                                             {OSSL_PKEY_PARAM_PRIV_KEY, true}};
  static constexpr Member kRsaMembers[] = {
      {OSSL_PKEY_PARAM_RSA_N, false},
      {OSSL_PKEY_PARAM_RSA_E, false},
      {OSSL_PKEY_PARAM_RSA_D, true},
      {OSSL_PKEY_PARAM_RSA_FACTOR1, true},
      {OSSL_PKEY_PARAM_RSA_FACTOR2, true},
      {OSSL_PKEY_PARAM_RSA_EXPONENT1, true},
      {OSSL_PKEY_PARAM_RSA_EXPONENT2, true},
      {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, true}};
  const bool is_curve = kind_->family == KeyKind::Family::kCurve;
  const std::span<const Member> wanted =
      is_curve ? std::span<const Member>(kCurveMembers)
               : std::span<const Member>(kRsaMembers);
  for (const Member& member : wanted) {
    if (member.is_private && !is_private_) break;
    CARAVEL_TRY(
        add(BytesOfNumber(pair(), member.name, is_curve ? kind_->size : 0)));
  }
  return members;
}

Result<std::unique_ptr<KeyMaterial>> KeyMaterial::PublicKey(js::Scope& scope) {
  EVP_PKEY_up_ref(pair());
  return OfPair(scope, kind_, EvpKey(pair()), false);
}

uint32_t KeyMaterial::Bits(js::Scope&) {
  if (is_secret()) return static_cast<uint32_t>(secret().size() * 8);
  return static_cast<uint32_t>(EVP_PKEY_get_bits(pair()));
}

Result<js::NewBytes> KeyMaterial::Exponent(js::Scope&) {
  CARAVEL_TRY(SecretBytes bytes, BytesOfNumber(pair(), OSSL_PKEY_PARAM_RSA_E));
  return js::NewBytes{std::move(bytes.get())};
}

}  // namespace caravel::runtime
