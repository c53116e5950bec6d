#pragma once

#include <v8.h>

#include <string>

#include "runtime/js/convert.h"
#include "runtime/js/function.h"

namespace caravel::runtime {

// Derivation of keys in Node's internal binding `crypto`. Each gives an
// ArrayBuffer or throws what Node throws. A call that is being ended waits for
// none of them but Argon2, whose work is bounded.
//
// Threads: the one that is in the isolate.
struct NodeDerivations {
  // Blocks of Argon2 (1 KiB) times passes: about two seconds.
  static constexpr double kMostArgon2Work = 2'000'000;

  static js::Result<v8::Value> Pbkdf2(js::Scope& scope, std::string digest,
                                      uint32_t iterations, uint32_t size,
                                      js::BytesView password,
                                      js::BytesView salt);
  static js::Result<v8::Value> Hkdf(js::Scope& scope, std::string digest,
                                    uint32_t size, js::BytesView key,
                                    js::BytesView salt, js::BytesView info);
  // Throws for a cost that OpenSSL refuses.
  static js::Result<v8::Value> CheckScrypt(js::Scope& scope, uint32_t n,
                                           uint32_t r, uint32_t p,
                                           double most_memory);
  static js::Result<v8::Value> Scrypt(js::Scope& scope, uint32_t n, uint32_t r,
                                      uint32_t p, double most_memory,
                                      uint32_t size, js::BytesView password,
                                      js::BytesView salt);
  // `type` is 0, 1 or 2: d, i, id.
  static js::Result<v8::Value> Argon2(js::Scope& scope, uint32_t type,
                                      uint32_t lanes, uint32_t size,
                                      uint32_t memory, uint32_t passes,
                                      js::BytesView message,
                                      js::BytesView nonce, js::BytesView secret,
                                      js::BytesView associated);

  static constexpr auto Js() {
    return js::Functions(
        js::Function("pbkdf2", &Pbkdf2), js::Function("hkdf", &Hkdf),
        js::Function("checkScrypt", &CheckScrypt),
        js::Function("scrypt", &Scrypt), js::Function("argon2", &Argon2));
  }
};

}  // namespace caravel::runtime
