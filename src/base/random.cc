#include "base/random.h"

#include <sys/random.h>

#include <cerrno>

#include "base/check.h"
#include "base/hex.h"

namespace caravel::base {

void FillRandom(void* data, size_t size) {
  auto* out = static_cast<unsigned char*>(data);
  while (size > 0) {
    const ssize_t got = ::getrandom(out, size, 0);
    if (got < 0 && errno == EINTR) continue;
    CARAVEL_CHECK(got > 0, errno);
    out += got;
    size -= static_cast<size_t>(got);
  }
}

uint64_t RandomNumber() {
  uint64_t number = 0;
  FillRandom(&number, sizeof(number));
  return number;
}

std::string RandomHex(size_t bytes) {
  std::string raw(bytes, '\0');
  FillRandom(raw.data(), raw.size());
  return ToHex(raw);
}

std::string RandomUuid() {
  std::string raw(16, '\0');
  FillRandom(raw.data(), raw.size());
  raw[6] = static_cast<char>((raw[6] & 0x0F) | 0x40);
  raw[8] = static_cast<char>((raw[8] & 0x3F) | 0x80);
  std::string text = ToHex(raw);
  for (const size_t at : {8, 13, 18, 23}) text.insert(at, 1, '-');
  return text;
}

}  // namespace caravel::base
