#pragma once

#include <v8.h>

#include <string>

#include "runtime/js/convert.h"
#include "runtime/js/function.h"

namespace caravel::runtime {

// What the classes DiffieHellman, DiffieHellmanGroup and ECDH of Node's
// internal binding `crypto` compute, which hold their numbers themselves
// (runtime/node/bindings/crypto/agreement.ts). Numbers are ArrayBuffers,
// big-endian and without zeroes in front. Computing with more than
// kMostModulusBits bits (key_bounds.h) could not be ended, and is a RangeError.
//
// Threads: the one that is in the isolate.
// Source: Node's documentation, "Class: DiffieHellman", "Class: ECDH".
struct NodeAgreement {
  // The number in that form.
  static js::Result<v8::Value> NumberOf(js::Scope& scope, js::BytesView bytes);

  // ---- groups modulo a prime ----
  // The prime of a group by its name ("modp14"), in either case; undefined
  // where there is none. The generator of all is 2.
  static js::Result<v8::Value> GroupPrime(js::Scope& scope, std::string name);
  // A safe prime that suits the generator. A call that is being ended does not
  // wait for it.
  static js::Result<v8::Value> SafePrimeNew(js::Scope& scope, uint32_t bits,
                                            uint32_t generator);
  // What is wrong with a group: the sum of OpenSSL's DH_CHECK_…, 0 where
  // nothing is. Throws where the generator cannot be one.
  static js::Result<v8::Value> GroupCheck(js::Scope& scope, js::BytesView prime,
                                          js::BytesView generator);
  // A private key of the group, a NodeKey.
  static js::Result<v8::Value> GroupKeyNew(js::Scope& scope,
                                           js::BytesView prime,
                                           js::BytesView generator);
  // The public number of a private one; undefined where there is none.
  static js::Result<v8::Value> GroupPublic(js::Scope& scope,
                                           js::BytesView prime,
                                           js::BytesView generator,
                                           js::BytesView number);
  // The secret, as long as the prime; undefined where there is none. "small"
  // or "large": what the other side's public number is, to be refused.
  static js::Result<v8::Value> GroupSecret(js::Scope& scope,
                                           js::BytesView prime,
                                           js::BytesView number,
                                           js::BytesView other);

  // ---- curves, by the names of NodeKeyNumbers::CurveName() ----
  static js::Result<v8::Value> CurveNumberNew(js::Scope& scope,
                                              std::string curve);
  // The point of a private number, uncompressed; undefined where the number is
  // none of the curve.
  static js::Result<v8::Value> CurvePublic(js::Scope& scope, std::string curve,
                                           js::BytesView number);
  // The point in a form of the constants POINT_CONVERSION_…; undefined where
  // it is none of the curve.
  static js::Result<v8::Value> CurvePoint(js::Scope& scope, std::string curve,
                                          uint32_t form, js::BytesView point);
  // The secret; undefined where there is none. Requires: the point is one of
  // the curve, else there is none either.
  static js::Result<v8::Value> CurveSecret(js::Scope& scope, std::string curve,
                                           js::BytesView number,
                                           js::BytesView point);

  static constexpr auto Js() {
    return js::Functions(js::Function("numberOf", &NumberOf),
                         js::Function("groupPrime", &GroupPrime),
                         js::Function("safePrimeNew", &SafePrimeNew),
                         js::Function("groupCheck", &GroupCheck),
                         js::Function("groupKeyNew", &GroupKeyNew),
                         js::Function("groupPublic", &GroupPublic),
                         js::Function("groupSecret", &GroupSecret),
                         js::Function("curveNumberNew", &CurveNumberNew),
                         js::Function("curvePublic", &CurvePublic),
                         js::Function("curvePoint", &CurvePoint),
                         js::Function("curveSecret", &CurveSecret));
  }
};

}  // namespace caravel::runtime
