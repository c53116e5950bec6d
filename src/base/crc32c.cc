// Without the instruction, "slicing by 8": eight tables give the effect of each
// of eight bytes, so that eight bytes cost eight independent look-ups.
#include "base/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace caravel::base {
namespace {

using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables MakeTables() {
  constexpr uint32_t kReversedPolynomial = 0x82F63B78;
  Tables tables = {};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? kReversedPolynomial : 0);
    }
    tables[0][byte] = crc;
  }
  for (uint32_t byte = 0; byte < 256; ++byte) {
    for (size_t i = 1; i < 8; ++i) {
      const uint32_t before = tables[i - 1][byte];
      tables[i][byte] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

uint64_t LoadEight(const char* at) {
  uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

uint32_t TableStep(uint32_t crc, char byte) {
  return (crc >> 8) ^
         kTables[0][(crc ^ static_cast<unsigned char>(byte)) & 0xFF];
}

#if defined(__x86_64__)
bool HasInstruction() { return __builtin_cpu_supports("sse4.2") != 0; }

__attribute__((target("sse4.2"))) uint32_t
ByInstruction(std::string_view bytes) {
  uint64_t crc = 0xFFFFFFFF;
  while (bytes.size() >= 8) {
    crc = _mm_crc32_u64(crc, LoadEight(bytes.data()));
    bytes.remove_prefix(8);
  }
  auto narrow = static_cast<uint32_t>(crc);
  for (const char byte : bytes) {
    narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(byte));
  }
  return ~narrow;
}
#elif defined(__aarch64__)
bool HasInstruction() { return (::getauxval(AT_HWCAP) & HWCAP_CRC32) != 0; }

__attribute__((target("crc"))) uint32_t ByInstruction(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFF;
  while (bytes.size() >= 8) {
    crc = __crc32cd(crc, LoadEight(bytes.data()));
    bytes.remove_prefix(8);
  }
  for (const char byte : bytes) {
    crc = __crc32cb(crc, static_cast<unsigned char>(byte));
  }
  return ~crc;
}
#else
bool HasInstruction() { return false; }
uint32_t ByInstruction(std::string_view bytes) { return Crc32cByTable(bytes); }
#endif

}  // namespace

uint32_t Crc32cByTable(std::string_view bytes) {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
  uint32_t crc = 0xFFFFFFFF;
  while (bytes.size() >= 8) {
    const uint64_t word = LoadEight(bytes.data()) ^ crc;
    crc = 0;
    for (size_t i = 0; i < 8; ++i) {
      crc ^= kTables[7 - i][(word >> (8 * i)) & 0xFF];
    }
    bytes.remove_prefix(8);
  }
  for (const char byte : bytes) crc = TableStep(crc, byte);
  return ~crc;
}

uint32_t Crc32c(std::string_view bytes) {
  return HasInstruction() ? ByInstruction(bytes) : Crc32cByTable(bytes);
}

}  // namespace caravel::base
