#pragma once

#include <tuple>

#include "runtime/ops/crypto/cipher_ops.h"
#include "runtime/ops/crypto/derivation_ops.h"
#include "runtime/ops/crypto/digest_ops.h"
#include "runtime/ops/crypto/key_ops.h"
#include "runtime/ops/crypto/signature_ops.h"

namespace caravel::runtime {

// What Web Cryptography needs of the machine, but for randomness (CryptoOps).
// Algorithms are named as there, digests as FindDigest says. OpenSSL is the one
// in the Node binary. What it refuses is an error of the class that
// js/error.h says; which DOMException that becomes, the caller knows.
struct CryptoBinding {
  static constexpr const char* kName = "CryptoBinding";

  static constexpr auto Js() {
    return std::tuple_cat(DigestOps::Js(), KeyOps::Js(), SignatureOps::Js(),
                          CipherOps::Js(), DerivationOps::Js());
  }
};

}  // namespace caravel::runtime
