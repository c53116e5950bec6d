#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace caravel::net {

// Whether bytes that come in pieces are UTF-8 (RFC 3629: no overlong forms, no
// surrogates, nothing above U+10FFFF).
class Utf8Check {
 public:
  // False as soon as the bytes so far can begin no UTF-8 text; the check must
  // then be reset.
  [[nodiscard]] bool Take(std::string_view bytes);
  // Whether the text may end here, not within a character.
  bool AtBoundary() const { return missing_ == 0; }
  void Reset() { *this = Utf8Check(); }

 private:
  bool Begin(uint8_t byte);

  uint8_t missing_ = 0;  // bytes of the character that are still to come
  // What the next one may be.
  uint8_t lowest_ = 0;
  uint8_t highest_ = 0;
};

bool IsUtf8(std::string_view bytes);

}  // namespace caravel::net
