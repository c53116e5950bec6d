#pragma once

#include <string>
#include <string_view>

namespace caravel::base {

// `text` with the letters A to Z in lower case, as names of hosts, header
// fields and the like compare; all other bytes stay.
inline std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return lower;
}

}  // namespace caravel::base
