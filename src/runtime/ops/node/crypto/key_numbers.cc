// Tests: node_crypto_test.cc, and Node's own tests (tests/node).
#include "runtime/ops/node/crypto/key_numbers.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <array>

#include "runtime/ops/crypto/key_bounds.h"
#include "runtime/ops/node/crypto/big_number.h"
#include "runtime/ops/node/crypto/failure.h"

namespace caravel::runtime {
namespace {

using CurveGroup = std::unique_ptr<EC_GROUP, FreeWith<&EC_GROUP_free>>;
using CurvePoint = std::unique_ptr<EC_POINT, FreeWith<&EC_POINT_free>>;

js::Result<v8::Value> NoNumbers(js::Scope& scope) {
  ERR_clear_error();
  return v8::Undefined(scope.isolate());
}

EvpKey FromParameters(const char* kind, bool is_private,
                      OSSL_PARAM* parameters) {
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key,
                        is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                        parameters) != 1) {
    return nullptr;
  }
  return EvpKey(key);
}

bool IsProduct(const BIGNUM* product, const BIGNUM* a, const BIGNUM* b) {
  const NumberContext context(BN_CTX_new());
  const BigNumber made(BN_new());
  return context != nullptr && made != nullptr &&
         BN_mul(made.get(), a, b, context.get()) == 1 &&
         BN_cmp(made.get(), product) == 0;
}

}  // namespace

js::Result<v8::Value> NodeKeyNumbers::RsaFromNumbers(
    js::Scope& scope, bool is_private, js::BytesView n, js::BytesView e,
    std::optional<js::BytesView> d, std::optional<js::BytesView> p,
    std::optional<js::BytesView> q, std::optional<js::BytesView> dp,
    std::optional<js::BytesView> dq, std::optional<js::BytesView> qi) {
  struct Part {
    const char* name;
    std::string_view bytes;
    bool given;
  };
  const auto part = [](const char* name,
                       const std::optional<js::BytesView>& view) {
    return Part{name, view ? view->bytes : std::string_view(),
                view.has_value()};
  };
  const std::array<Part, 8> parts = {
      Part{OSSL_PKEY_PARAM_RSA_N, n.bytes, true},
      Part{OSSL_PKEY_PARAM_RSA_E, e.bytes, true},
      part(OSSL_PKEY_PARAM_RSA_D, d),
      part(OSSL_PKEY_PARAM_RSA_FACTOR1, p),
      part(OSSL_PKEY_PARAM_RSA_FACTOR2, q),
      part(OSSL_PKEY_PARAM_RSA_EXPONENT1, dp),
      part(OSSL_PKEY_PARAM_RSA_EXPONENT2, dq),
      part(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, qi)};
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  std::array<BigNumber, 8> numbers;
  bool well = builder != nullptr;
  for (size_t i = 0; i < parts.size() && well; ++i) {
    if (!parts[i].given || (!is_private && i > 1)) continue;
    if (parts[i].bytes.size() > kLongestKey) return ThrowKeyTooLong(scope);
    numbers[i] = NumberFrom(parts[i].bytes);
    well = numbers[i] != nullptr &&
           OSSL_PARAM_BLD_push_BN(builder.get(), parts[i].name,
                                  numbers[i].get()) == 1;
  }
  // The halves belong together.
  if (well && is_private && numbers[3] != nullptr && numbers[4] != nullptr &&
      !IsProduct(numbers[0].get(), numbers[3].get(), numbers[4].get())) {
    return NoNumbers(scope);
  }
  const Parameters parameters(well ? OSSL_PARAM_BLD_to_param(builder.get())
                                   : nullptr);
  if (parameters == nullptr) return NoNumbers(scope);
  EvpKey key = FromParameters("RSA", is_private, parameters.get());
  if (key == nullptr) return NoNumbers(scope);
  return NodeKey::OfPair(
      scope, is_private ? NodeKeyType::kPrivate : NodeKeyType::kPublic,
      std::move(key));
}

js::Result<v8::Value> NodeKeyNumbers::CurveFromNumbers(
    js::Scope& scope, std::string curve, std::optional<js::BytesView> point,
    std::optional<js::BytesView> number) {
  const int nid = OBJ_sn2nid(CurveName(scope, curve).c_str());
  const CurveGroup group(EC_GROUP_new_by_curve_name(nid));
  if (group == nullptr) return NoNumbers(scope);
  std::string octets(point ? point->bytes : std::string_view());
  BigNumber scalar;
  if (number) {
    if (number->bytes.size() > kLongestKey) return ThrowKeyTooLong(scope);
    scalar = NumberFrom(number->bytes);
    const BIGNUM* const order = EC_GROUP_get0_order(group.get());
    if (scalar == nullptr || BN_is_zero(scalar.get()) == 1 ||
        BN_cmp(scalar.get(), order) >= 0) {
      return NoNumbers(scope);
    }
    const CurvePoint computed(EC_POINT_new(group.get()));
    if (computed == nullptr ||
        EC_POINT_mul(group.get(), computed.get(), scalar.get(), nullptr,
                     nullptr, nullptr) != 1) {
      return NoNumbers(scope);
    }
    if (point) {
      // The halves belong together.
      const CurvePoint given(EC_POINT_new(group.get()));
      if (given == nullptr ||
          EC_POINT_oct2point(group.get(), given.get(), BytesOf(octets),
                             octets.size(), nullptr) != 1 ||
          EC_POINT_cmp(group.get(), given.get(), computed.get(), nullptr) !=
              0) {
        return NoNumbers(scope);
      }
    }
    octets.resize(EC_POINT_point2oct(group.get(), computed.get(),
                                     POINT_CONVERSION_UNCOMPRESSED, nullptr, 0,
                                     nullptr));
    EC_POINT_point2oct(group.get(), computed.get(),
                       POINT_CONVERSION_UNCOMPRESSED, BytesOf(octets),
                       octets.size(), nullptr);
  }
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                      OBJ_nid2sn(nid), 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                       octets.data(), octets.size()) != 1 ||
      (scalar != nullptr &&
       OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY,
                              scalar.get()) != 1)) {
    return NoNumbers(scope);
  }
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  EvpKey key = parameters == nullptr
                   ? nullptr
                   : FromParameters("EC", scalar != nullptr, parameters.get());
  if (key == nullptr) return NoNumbers(scope);
  return NodeKey::OfPair(
      scope, scalar == nullptr ? NodeKeyType::kPublic : NodeKeyType::kPrivate,
      std::move(key));
}

js::Result<v8::Value> NodeKeyNumbers::OctetsKey(js::Scope& scope,
                                                std::string kind,
                                                bool is_private, bool is_seed,
                                                js::BytesView bytes) {
  const auto* const data = BytesOf(bytes.bytes);
  EvpKey key;
  if (is_seed) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_ML_DSA_SEED,
                                          const_cast<unsigned char*>(data),
                                          bytes.bytes.size()),
        OSSL_PARAM_construct_end()};
    key = FromParameters(kind.c_str(), true, parameters);
  } else {
    key.reset((is_private ? EVP_PKEY_new_raw_private_key_ex
                          : EVP_PKEY_new_raw_public_key_ex)(
        nullptr, kind.c_str(), nullptr, data, bytes.bytes.size()));
  }
  if (key == nullptr) return NoNumbers(scope);
  return NodeKey::OfPair(
      scope,
      is_private || is_seed ? NodeKeyType::kPrivate : NodeKeyType::kPublic,
      std::move(key));
}

js::Result<v8::Value> NodeKeyNumbers::KeyNumber(js::Scope& scope, NodeKey* key,
                                                std::string name,
                                                uint32_t size) {
  BIGNUM* found = nullptr;
  if (key->pair() == nullptr ||
      EVP_PKEY_get_bn_param(key->pair(), name.c_str(), &found) != 1) {
    return NoNumbers(scope);
  }
  const BigNumber number(found);
  return NumberToBuffer(scope, number.get(), size);
}

js::Result<v8::Value> NodeKeyNumbers::KeyOctets(js::Scope& scope, NodeKey* key,
                                                std::string name) {
  size_t size = 0;
  if (key->pair() == nullptr ||
      EVP_PKEY_get_octet_string_param(key->pair(), name.c_str(), nullptr, 0,
                                      &size) != 1) {
    return NoNumbers(scope);
  }
  v8::Local<v8::ArrayBuffer> buffer;
  if (!NewCryptoBuffer(scope, size).ToLocal(&buffer)) return {};
  if (EVP_PKEY_get_octet_string_param(key->pair(), name.c_str(),
                                      BytesOf(buffer), size, &size) != 1) {
    return NoNumbers(scope);
  }
  return buffer;
}

js::Result<v8::Value> NodeKeyNumbers::KeyText(js::Scope& scope, NodeKey* key,
                                              std::string name) {
  std::array<char, 128> text{};
  size_t size = 0;
  if (key->pair() == nullptr ||
      EVP_PKEY_get_utf8_string_param(key->pair(), name.c_str(), text.data(),
                                     text.size(), &size) != 1) {
    return NoNumbers(scope);
  }
  return js::NewString(scope, text.data());
}

js::Result<v8::Value> NodeKeyNumbers::KeyInteger(js::Scope& scope, NodeKey* key,
                                                 std::string name) {
  int value = 0;
  if (key->pair() == nullptr ||
      EVP_PKEY_get_int_param(key->pair(), name.c_str(), &value) != 1) {
    return NoNumbers(scope);
  }
  return v8::Integer::New(scope.isolate(), value);
}

js::Result<v8::Value> NodeKeyNumbers::KeyPoint(js::Scope& scope, NodeKey* key,
                                               bool compressed) {
  // A copy: the form is a property of the key.
  const EvpKey copy(key->pair() == nullptr ? nullptr
                                           : EVP_PKEY_dup(key->pair()));
  if (copy == nullptr ||
      EVP_PKEY_set_utf8_string_param(
          copy.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
          compressed
              ? OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_COMPRESSED
              : OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED) != 1) {
    return NoNumbers(scope);
  }
  unsigned char* point = nullptr;
  const size_t size = EVP_PKEY_get1_encoded_public_key(copy.get(), &point);
  if (size == 0) return NoNumbers(scope);
  auto made = ToBuffer(scope, {reinterpret_cast<char*>(point), size});
  OPENSSL_free(point);
  return made;
}

std::string NodeKeyNumbers::KeyKindName(js::Scope&, NodeKey* key) {
  const char* const name =
      key->pair() == nullptr ? nullptr : EVP_PKEY_get0_type_name(key->pair());
  return name == nullptr ? std::string() : name;
}

uint32_t NodeKeyNumbers::KeyBits(js::Scope&, NodeKey* key) {
  if (key->pair() == nullptr) return 0;
  return static_cast<uint32_t>(std::max(EVP_PKEY_get_bits(key->pair()), 0));
}

std::string NodeKeyNumbers::CurveName(js::Scope&, std::string name) {
  int nid = EC_curve_nist2nid(name.c_str());
  if (nid == NID_undef) nid = OBJ_sn2nid(name.c_str());
  ERR_clear_error();
  const CurveGroup group(nid == NID_undef ? nullptr
                                          : EC_GROUP_new_by_curve_name(nid));
  ERR_clear_error();
  return group == nullptr ? std::string() : OBJ_nid2sn(nid);
}

}  // namespace caravel::runtime
