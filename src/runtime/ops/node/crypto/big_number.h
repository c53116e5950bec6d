#pragma once

#include <v8.h>

#include <memory>
#include <string_view>

#include "runtime/js/error.h"
#include "runtime/js/scope.h"
#include "runtime/ops/crypto/openssl.h"

// Numbers of OpenSSL between script and the files of this folder, and work on
// them that ends when the call does.
//
// Threads: the one that is in the isolate.
namespace caravel::runtime {

using NumberContext = std::unique_ptr<BN_CTX, FreeWith<&BN_CTX_free>>;
using NumberProgress = std::unique_ptr<BN_GENCB, FreeWith<&BN_GENCB_free>>;

// Of a number that is big-endian: what is left behind zeroes in front.
std::string_view WithoutZeroes(std::string_view bytes);
// Big-endian. nullptr without memory.
BigNumber NumberFrom(std::string_view bytes);
// The same, with zeroes in front up to `size`. RangeError beyond the isolate's
// memory.
js::Result<v8::Value> NumberToBuffer(js::Scope& scope, const BIGNUM* number,
                                     size_t size);

// For what looks for primes: it gives up once the running call is being ended.
NumberProgress NewNumberProgress(js::Scope& scope);
// The same, for what makes keys and groups.
void LetGenerationEnd(js::Scope& scope, EVP_PKEY_CTX* context);
// Parameters of a group, which end so. nullptr: thrown, `otherwise` where
// OpenSSL does not say why. Requires: EVP_PKEY_paramgen_init() was called.
EvpKey GenerateParameters(js::Scope& scope, EVP_PKEY_CTX* context,
                          std::string_view otherwise);

}  // namespace caravel::runtime
