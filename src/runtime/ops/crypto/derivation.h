#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "runtime/js/scope.h"
#include "runtime/ops/crypto/hmac.h"

// Derivation of bytes from secrets, for Web Cryptography and for Node. Each
// fills `out`, which is the caller's.
//
// Threads: the one that is in the isolate.
namespace caravel::runtime {

// RFC 5869. Requires: `out` is no more than 255 times the digest.
Status DeriveByHkdf(const EVP_MD* digest, std::string_view key,
                    std::string_view salt, std::string_view info,
                    std::span<unsigned char> out);

// RFC 8018, section 5.2; `hmac` has the password as its key. A call that is
// being ended does not wait for it: kLimit. Requires: `iterations` is not 0.
Status DeriveByPbkdf2(js::Scope& scope, Hmac& hmac, std::string_view salt,
                      uint32_t iterations, std::span<unsigned char> out);

struct ScryptCost {
  uint64_t n = 0;  // a power of two, above 1
  uint32_t r = 0;
  uint32_t p = 0;
};
// RFC 7914. Ours beside OpenSSL's, because a call that is being ended does not
// wait for it, and its memory is counted to the isolate: kLimit for both.
// Requires: OpenSSL takes the cost.
Status DeriveByScrypt(js::Scope& scope, std::string_view password,
                      std::string_view salt, const ScryptCost& cost,
                      std::span<unsigned char> out);

}  // namespace caravel::runtime
