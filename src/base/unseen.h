#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace caravel::base {

// A character that is not seen and acts on the terminal or on the text around
// it: the control characters, and of Unicode's format characters those that
// change the direction of a text, separate or hide. Joiners, which scripts and
// emoji need, are none.
struct Unseen {
  size_t size = 0;    // bytes; 0: it is none
  uint32_t code = 0;  // of Unicode
};

// That at `at` of a text in UTF-8; of another text, bytes that are no UTF-8 are
// none.
Unseen UnseenAt(std::string_view text, size_t at);

// Whether there is one anywhere in the text.
bool HasUnseen(std::string_view text);

}  // namespace caravel::base
