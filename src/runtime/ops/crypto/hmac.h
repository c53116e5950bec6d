#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "runtime/ops/crypto/openssl.h"

namespace caravel::runtime {

// HMAC, RFC 2104, with one key: the key is hashed once, for all texts.
//
// Threads: one at a time.
class Hmac {
 public:
  // `digest` lives as long as the process.
  static Result<Hmac> Create(const EVP_MD* digest, std::string_view key);

  // The code of the pieces together, written to `out`, which has room for
  // size() and may be one of the pieces.
  Status Compute(std::initializer_list<std::string_view> pieces,
                 unsigned char* out);

  size_t size() const;
  const EVP_MD* digest() const { return digest_; }

 private:
  friend class RunningHmac;
  Hmac(const EVP_MD* digest, DigestState inner, DigestState outer,
       DigestState running)
      : digest_(digest),
        inner_(std::move(inner)),
        outer_(std::move(outer)),
        running_(std::move(running)) {}

  const EVP_MD* digest_;
  DigestState inner_;  // that have hashed the key, once padded
  DigestState outer_;  // this way and once the other
  DigestState running_;
};

// One text's HMAC, fed piece by piece. It needs neither the Hmac nor the digest
// that it was begun with.
class RunningHmac {
 public:
  static Result<RunningHmac> Begin(const Hmac& hmac);

  Status Update(std::string_view piece);
  // `out` has room for size(). Once, and nothing after it.
  Status Finish(unsigned char* out);
  size_t size() const;

 private:
  RunningHmac(DigestState inner, DigestState outer)
      : inner_(std::move(inner)), outer_(std::move(outer)) {}

  DigestState inner_;
  DigestState outer_;
};

}  // namespace caravel::runtime
