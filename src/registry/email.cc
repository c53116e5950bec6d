#include "registry/email.h"

#include <algorithm>

namespace caravel::registry {

bool IsEmail(std::string_view text) {
  constexpr size_t kLongest = 254;  // RFC 5321, section 4.5.3.1
  const size_t at = text.find('@');
  const bool is_plain = std::ranges::all_of(
      text, [](char c) { return c > ' ' && c <= '~' && c != '"'; });
  return is_plain && text.size() <= kLongest && at != std::string_view::npos &&
         at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos;
}

}  // namespace caravel::registry
