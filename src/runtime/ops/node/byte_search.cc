// Forwards, byte by byte, it is memmem(), whose worst case is linear. All else
// is a rolling hash (Karp and Rabin, "Efficient randomized pattern-matching
// algorithms"): modulo 2^61 - 1 with a base drawn for each search, so that
// nobody can make windows that only look like the needle, and each is compared
// at most once in the end.
//
// Tests: byte_search_test.cc.
#include "runtime/ops/node/byte_search.h"

#include <string.h>

#include <cstdint>

#include "base/random.h"

namespace caravel::runtime {
namespace {

constexpr uint64_t kPrime = (uint64_t{1} << 61) - 1;
// Below this length comparing at each place costs no more.
constexpr size_t kShort = 16;

uint64_t Reduce(unsigned __int128 value) {
  const auto low = static_cast<uint64_t>(value & kPrime);
  const auto high = static_cast<uint64_t>(value >> 61);
  const uint64_t sum = low + high;
  return sum >= kPrime ? sum - kPrime : sum;
}

uint64_t Times(uint64_t a, uint64_t b) {
  return Reduce(static_cast<unsigned __int128>(a) * b);
}

// The windows of the needle's length, from place to place upwards.
class Windows {
 public:
  Windows(std::string_view bytes, size_t length, size_t at, uint64_t base)
      : bytes_(bytes), length_(length), at_(at), base_(base) {
    for (size_t i = 1; i < length; ++i) power_ = Times(power_, base);
    hash_ = HashOf(bytes.substr(at, length), base);
  }

  static uint64_t HashOf(std::string_view bytes, uint64_t base) {
    uint64_t hash = 0;
    for (const char byte : bytes) hash = Add(Times(hash, base), byte);
    return hash;
  }

  size_t at() const { return at_; }
  uint64_t hash() const { return hash_; }

  // Requires: there is a window one place further.
  void Up() {
    hash_ = Minus(hash_, Times(Byte(bytes_[at_]), power_));
    hash_ = Add(Times(hash_, base_), bytes_[at_ + length_]);
    ++at_;
  }

 private:
  static uint64_t Byte(char byte) { return static_cast<uint8_t>(byte) + 1U; }
  static uint64_t Add(uint64_t hash, char byte) {
    const uint64_t sum = hash + Byte(byte);
    return sum >= kPrime ? sum - kPrime : sum;
  }
  static uint64_t Minus(uint64_t a, uint64_t b) {
    return a >= b ? a - b : a + kPrime - b;
  }

  const std::string_view bytes_;
  const size_t length_;
  size_t at_;
  const uint64_t base_;
  uint64_t power_ = 1;
  uint64_t hash_ = 0;
};

uint64_t DrawBase() { return 256 + base::RandomNumber() % (kPrime - 512); }

// What is hashed alike is alike but for a chance of 2^-61 a window; what is
// answered is compared all the same.
bool IsAt(std::string_view bytes, std::string_view needle, size_t at) {
  return bytes.substr(at, needle.size()) == needle;
}

}  // namespace

size_t FindBytes(std::string_view bytes, std::string_view needle, size_t from,
                 size_t step) {
  if (from > bytes.size() || bytes.size() - from < needle.size()) {
    return std::string_view::npos;
  }
  if (step == 1) {
    const void* found = ::memmem(bytes.data() + from, bytes.size() - from,
                                 needle.data(), needle.size());
    return found == nullptr
               ? std::string_view::npos
               : static_cast<size_t>(static_cast<const char*>(found) -
                                     bytes.data());
  }
  from = (from + step - 1) / step * step;
  const size_t last = bytes.size() - needle.size();
  if (from > last) return std::string_view::npos;
  if (needle.size() <= kShort) {
    for (size_t at = from; at <= last; at += step) {
      if (IsAt(bytes, needle, at)) return at;
    }
    return std::string_view::npos;
  }
  const uint64_t base = DrawBase();
  const uint64_t sought = Windows::HashOf(needle, base);
  for (Windows window(bytes, needle.size(), from, base);; window.Up()) {
    if (window.at() % step == 0 && window.hash() == sought &&
        IsAt(bytes, needle, window.at())) {
      return window.at();
    }
    if (window.at() == last) return std::string_view::npos;
  }
}

size_t FindLastBytes(std::string_view bytes, std::string_view needle,
                     size_t from, size_t step) {
  if (needle.size() <= kShort) {
    for (size_t at = from / step * step;; at -= step) {
      if (IsAt(bytes, needle, at)) return at;
      if (at < step) return std::string_view::npos;
    }
  }
  // Windows are walked upwards, and the last that fits is remembered.
  const uint64_t base = DrawBase();
  const uint64_t sought = Windows::HashOf(needle, base);
  size_t found = std::string_view::npos;
  for (Windows window(bytes, needle.size(), 0, base);; window.Up()) {
    if (window.at() % step == 0 && window.hash() == sought) found = window.at();
    if (window.at() == from) break;
  }
  if (found == std::string_view::npos || IsAt(bytes, needle, found)) {
    return found;
  }
  return std::string_view::npos;
}

}  // namespace caravel::runtime
