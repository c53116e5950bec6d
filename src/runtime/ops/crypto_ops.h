#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>

#include "base/result.h"
#include "runtime/js/class.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/js/scope.h"

namespace caravel::runtime {

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const;
};

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
  using Context = std::unique_ptr<EVP_MD_CTX, FreeDigest>;
  explicit DigestContext(Context context) : context_(std::move(context)) {}

  Context context_;  // empty once finished
};

// What Web Cryptography (sections 10.1 and 14, algorithms SHA and HMAC) needs
// of the machine. Algorithms are named as there: SHA-1, SHA-256, SHA-384,
// SHA-512; MD5, which the Workers API adds, only for digests and by that name.
// OpenSSL is the one in the Node binary; only what 3.0 and 3.5 share is called.
//
// Threads: the one that is in the isolate.
struct CryptoOps {
  // Fills the view with randomness from the kernel.
  static void RandomFill(js::Scope& scope, js::MutableBytes view);
  static js::ByteString RandomUuid(js::Scope& scope);

  static Result<js::NewBytes> Digest(js::Scope& scope, std::string algorithm,
                                     js::BytesView data);
  static Result<std::unique_ptr<DigestContext>> DigestNew(
      js::Scope& scope, std::string algorithm);
  static Result<js::NewBytes> Hmac(js::Scope& scope, std::string algorithm,
                                   js::BytesView key, js::BytesView data);

  // Compares in a time that depends on the length alone; kInvalid when the
  // lengths differ.
  static Result<bool> TimingSafeEqual(js::Scope& scope, js::BytesView a,
                                      js::BytesView b);

  static constexpr auto Js() {
    return js::Functions(js::Function("randomFill", &RandomFill),
                         js::Function("randomUuid", &RandomUuid),
                         js::Function("digest", &Digest),
                         js::Function("digestNew", &DigestNew),
                         js::Function("hmac", &Hmac),
                         js::Function("timingSafeEqual", &TimingSafeEqual));
  }
};

}  // namespace caravel::runtime
