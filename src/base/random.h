#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

// Randomness from the kernel's generator (getrandom(2)). Any thread may call.
namespace caravel::base {

void FillRandom(void* data, size_t size);
uint64_t RandomNumber();

// `bytes` random bytes in lower-case hexadecimal: 2 * bytes digits.
std::string RandomHex(size_t bytes);

// A version 4 UUID in its usual form, lower case (RFC 9562, section 5.4).
std::string RandomUuid();

}  // namespace caravel::base
