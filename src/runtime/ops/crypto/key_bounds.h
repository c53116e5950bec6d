#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/ops/crypto/openssl.h"

// Bounds on the keys that script brings along. OpenSSL computes with them in
// loops that the end of a call cannot end: how long those take is looked at
// before. Each answers why the key is refused, or nothing where it is not.
//
// Threads: any. OpenSSL's errors are left as they were.
namespace caravel::runtime {

// RSA and DH beyond this take longer than a call may after its end. The largest
// group of DH with a name has as much.
inline constexpr int kMostModulusBits = 8192;
inline constexpr int kMostDsaBits = 4096;

// Of a key's encoding, or of each of its parts, in bytes.
inline constexpr size_t kLongestKey = 64 * 1024;

// Of the encryption of a private key (PKCS #8): PBKDF2's iterations, and the
// product of scrypt's three costs (N, r, p: 128 MB).
inline constexpr uint64_t kMostKeyIterations = 1'000'000;
inline constexpr uint64_t kMostKeyScryptCost = uint64_t{1} << 20;

// Of the encoded key, PEM or DER, which may hold anything. Asks for the
// passphrase as OpenSSL does.
std::optional<std::string> RefuseEncoded(bool is_pem, std::string_view bytes,
                                         pem_password_cb* give, void* given);

// Of the numbers of RSA, DSA and DH. Requires: `key` is not nullptr.
std::optional<std::string> RefuseNumbers(EVP_PKEY* key);

// Of SLH-DSA with the small signatures, which take seconds to make.
std::optional<std::string> RefuseToSign(EVP_PKEY* key);

}  // namespace caravel::runtime
