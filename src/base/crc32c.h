#pragma once

#include <cstdint>
#include <string_view>

namespace caravel::base {

// CRC-32C (Castagnoli, RFC 3720 appendix B.4): finds damage, not forgery. Uses
// the processor's instruction where there is one (about 7 GB/s), else tables
// (about 1.5 GB/s). Any thread may call.
uint32_t Crc32c(std::string_view bytes);

// The table version, whatever the processor: for the test that compares both.
uint32_t Crc32cByTable(std::string_view bytes);

}  // namespace caravel::base
