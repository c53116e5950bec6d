#include "base/unseen.h"

#include <algorithm>
#include <array>

namespace caravel::base {
namespace {

struct CodeRange {
  uint32_t first;
  uint32_t last;
};

// Source: Unicode Character Database, UnicodeData.txt (Cc, Zl, Zp and Cf).
constexpr std::array kUnseen = {
    CodeRange{0x00, 0x1f},     CodeRange{0x7f, 0x9f},
    CodeRange{0x61c, 0x61c},   CodeRange{0x200b, 0x200b},
    CodeRange{0x200e, 0x200f}, CodeRange{0x2028, 0x202e},
    CodeRange{0x2060, 0x206f}, CodeRange{0xfeff, 0xfeff}};

uint32_t Byte(std::string_view text, size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

// One of up to three bytes, as all of the ranges are.
Unseen CharacterAt(std::string_view text, size_t at) {
  constexpr uint32_t kRest = 0x3f;
  const uint32_t lead = Byte(text, at);
  if (lead < 0x80) return {1, lead};
  const uint32_t second = Byte(text, at + 1);
  if (second >> 6 != 2) return {};
  if (lead >> 5 == 6) return {2, (lead & 0x1f) << 6 | (second & kRest)};
  const uint32_t third = Byte(text, at + 2);
  if (lead >> 4 != 0xe || third >> 6 != 2) return {};
  return {3, (lead & 0xf) << 12 | (second & kRest) << 6 | (third & kRest)};
}

}  // namespace

Unseen UnseenAt(std::string_view text, size_t at) {
  const Unseen character = CharacterAt(text, at);
  const bool is_one = std::ranges::any_of(kUnseen, [&](const CodeRange& range) {
    return character.code >= range.first && character.code <= range.last;
  });
  return is_one && character.size > 0 ? character : Unseen();
}

bool HasUnseen(std::string_view text) {
  for (size_t at = 0; at < text.size(); ++at) {
    if (UnseenAt(text, at).size > 0) return true;
  }
  return false;
}

}  // namespace caravel::base
