#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace caravel::runtime {

// What a key pair is of, by its name in Web Cryptography: "RSA", "P-256",
// "P-384", "P-521", "Ed25519", "Ed448", "X25519", "X448".
struct KeyKind {
  enum class Family { kRsa, kCurve, kOctets };

  std::string_view name;
  Family family;
  const char* openssl;  // name of the algorithm, or of the curve's group
  size_t size;          // in bytes: a coordinate, or the whole public key
};

// kInvalid for any other name. Lives as long as the process.
Result<const KeyKind*> FindKeyKind(std::string_view name);

}  // namespace caravel::runtime
