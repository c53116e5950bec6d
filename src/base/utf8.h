#pragma once

#include <cstddef>
#include <string_view>

namespace caravel::base {

// The start of a text in UTF-8 that has at most `bytes` bytes and ends behind a
// whole character.
inline std::string_view Utf8Prefix(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  const auto continues = [&](size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
  };
  while (bytes > 0 && continues(bytes)) --bytes;
  return text.substr(0, bytes);
}

}  // namespace caravel::base
