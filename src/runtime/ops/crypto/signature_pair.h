#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// The two numbers of a signature by ECDSA or DSA. OpenSSL has them as ASN.1;
// Web Cryptography and Node's `ieee-p1363` one after the other, `size` bytes
// each: the length of the group's order. Any thread may call.
namespace caravel::runtime {

// Nothing where `der` is no such pair, or a number is longer than `size`.
std::optional<std::string> NumbersOfPair(std::string_view der, size_t size);

// Nothing where `bytes` are not two numbers of that size.
std::optional<std::string> PairOfNumbers(std::string_view bytes, size_t size);

}  // namespace caravel::runtime
