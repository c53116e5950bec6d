// Diffie-Hellman on a curve (SEC 1, section 3.3.1). A point stands for itself,
// without a key: ECDH's public key may be another than its private one's.
//
// Tests: node_crypto_test.cc, and Node's own tests (tests/node).
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include "runtime/ops/crypto/openssl.h"
#include "runtime/ops/node/crypto/agreement.h"
#include "runtime/ops/node/crypto/big_number.h"
#include "runtime/ops/node/crypto/failure.h"

namespace caravel::runtime {
namespace {

using Curve = std::unique_ptr<EC_GROUP, FreeWith<&EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, FreeWith<&EC_POINT_clear_free>>;

Curve CurveOf(const std::string& name) {
  const int nid = OBJ_sn2nid(name.c_str());
  return Curve(nid == NID_undef ? nullptr : EC_GROUP_new_by_curve_name(nid));
}

// A private number of the curve: above 0, below its order. Nothing else is
// computed with, whatever its length.
BigNumber PrivateOf(const EC_GROUP* curve, std::string_view bytes) {
  const BIGNUM* const order = EC_GROUP_get0_order(curve);
  bytes = WithoutZeroes(bytes);
  if (bytes.size() > static_cast<size_t>(BN_num_bytes(order))) return nullptr;
  BigNumber number = NumberFrom(bytes);
  if (number == nullptr || BN_is_zero(number.get()) == 1 ||
      BN_cmp(number.get(), order) >= 0) {
    return nullptr;
  }
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  return number;
}

Point PointOf(const EC_GROUP* curve, std::string_view bytes) {
  Point point(EC_POINT_new(curve));
  if (point == nullptr || EC_POINT_oct2point(curve, point.get(), BytesOf(bytes),
                                             bytes.size(), nullptr) != 1) {
    return nullptr;
  }
  return point;
}

js::Result<v8::Value> Nothing(js::Scope& scope) {
  ERR_clear_error();
  return v8::Undefined(scope.isolate());
}

js::Result<v8::Value> Encode(js::Scope& scope, const EC_GROUP* curve,
                             const EC_POINT* point, uint32_t form) {
  const auto conversion =
      form == POINT_CONVERSION_COMPRESSED ? POINT_CONVERSION_COMPRESSED
      : form == POINT_CONVERSION_HYBRID   ? POINT_CONVERSION_HYBRID
                                          : POINT_CONVERSION_UNCOMPRESSED;
  const size_t size =
      EC_POINT_point2oct(curve, point, conversion, nullptr, 0, nullptr);
  v8::Local<v8::ArrayBuffer> buffer;
  if (!NewCryptoBuffer(scope, size).ToLocal(&buffer)) return {};
  if (size == 0 || EC_POINT_point2oct(curve, point, conversion, BytesOf(buffer),
                                      size, nullptr) != size) {
    return Nothing(scope);
  }
  return buffer;
}

}  // namespace

js::Result<v8::Value> NodeAgreement::CurveNumberNew(js::Scope& scope,
                                                    std::string curve) {
  const Curve group = CurveOf(curve);
  const BigNumber number(BN_secure_new());
  if (group == nullptr || number == nullptr ||
      BN_priv_rand_range_ex(number.get(), EC_GROUP_get0_order(group.get()), 0,
                            nullptr) != 1 ||
      BN_is_zero(number.get()) == 1) {
    return ThrowOpenSsl(scope, "Failed to generate key");
  }
  return NumberToBuffer(scope, number.get(), 0);
}

js::Result<v8::Value> NodeAgreement::CurvePublic(js::Scope& scope,
                                                 std::string curve,
                                                 js::BytesView number) {
  const Curve group = CurveOf(curve);
  if (group == nullptr) return Nothing(scope);
  const BigNumber own = PrivateOf(group.get(), number.bytes);
  const Point point(EC_POINT_new(group.get()));
  if (own == nullptr || point == nullptr ||
      EC_POINT_mul(group.get(), point.get(), own.get(), nullptr, nullptr,
                   nullptr) != 1) {
    return Nothing(scope);
  }
  return Encode(scope, group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED);
}

js::Result<v8::Value> NodeAgreement::CurvePoint(js::Scope& scope,
                                                std::string curve,
                                                uint32_t form,
                                                js::BytesView point) {
  const Curve group = CurveOf(curve);
  if (group == nullptr) return Nothing(scope);
  const Point found = PointOf(group.get(), point.bytes);
  if (found == nullptr) return Nothing(scope);
  ERR_clear_error();
  return Encode(scope, group.get(), found.get(), form);
}

js::Result<v8::Value> NodeAgreement::CurveSecret(js::Scope& scope,
                                                 std::string curve,
                                                 js::BytesView number,
                                                 js::BytesView point) {
  const Curve group = CurveOf(curve);
  // SM2 agrees in another way, which Node does not have either.
  if (group == nullptr || EC_GROUP_get_curve_name(group.get()) == NID_sm2) {
    return Nothing(scope);
  }
  const BigNumber own = PrivateOf(group.get(), number.bytes);
  const Point theirs = PointOf(group.get(), point.bytes);
  const Point shared(EC_POINT_new(group.get()));
  const BigNumber x(BN_secure_new());
  if (own == nullptr || theirs == nullptr || shared == nullptr ||
      x == nullptr ||
      EC_POINT_mul(group.get(), shared.get(), nullptr, theirs.get(), own.get(),
                   nullptr) != 1 ||
      EC_POINT_is_at_infinity(group.get(), shared.get()) == 1 ||
      EC_POINT_get_affine_coordinates(group.get(), shared.get(), x.get(),
                                      nullptr, nullptr) != 1) {
    return Nothing(scope);
  }
  const auto degree = static_cast<size_t>(EC_GROUP_get_degree(group.get()));
  return NumberToBuffer(scope, x.get(), (degree + 7) / 8);
}

}  // namespace caravel::runtime
