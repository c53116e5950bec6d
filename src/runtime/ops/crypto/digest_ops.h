#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "runtime/js/class.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/js/scope.h"
#include "runtime/ops/crypto/openssl.h"

namespace caravel::runtime {

// A digest that is fed piece by piece.
class DigestContext final : public js::Object {
 public:
  // An unknown algorithm is kInvalid.
  static Result<std::unique_ptr<DigestContext>> Create(
      std::string_view algorithm);

  // Requires of both: Finish() was not called; else they fail with kInvalid.
  Status Update(js::Scope& scope, js::BytesView bytes);
  Result<js::NewBytes> Finish(js::Scope& scope);

  static constexpr auto Js() {
    return js::Class("DigestContext",
                     js::Method("update", &DigestContext::Update),
                     js::Method("finish", &DigestContext::Finish));
  }

 private:
  explicit DigestContext(DigestState context) : context_(std::move(context)) {}

  DigestState context_;  // empty once finished
};

// Digests (Web Cryptography, section "SHA"), by the names of FindDigest, and
// what compares them.
//
// Threads: the one that is in the isolate.
struct DigestOps {
  static Result<js::NewBytes> Digest(js::Scope& scope, std::string algorithm,
                                     js::BytesView data);
  static Result<std::unique_ptr<DigestContext>> DigestNew(
      js::Scope& scope, std::string algorithm);

  // Compares in a time that depends on the length alone; kInvalid when the
  // lengths differ.
  static Result<bool> TimingSafeEqual(js::Scope& scope, js::BytesView a,
                                      js::BytesView b);

  static constexpr auto Js() {
    return js::Functions(js::Function("digest", &Digest),
                         js::Function("digestNew", &DigestNew),
                         js::Function("timingSafeEqual", &TimingSafeEqual));
  }
};

}  // namespace caravel::runtime
