// Hexadecimal digits: they stand in a query without escapes.
#include "registry/kv_cursor.h"

namespace caravel::registry {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

}  // namespace

std::string KvCursorBehind(std::string_view key) {
  std::string cursor;
  cursor.reserve(2 * key.size());
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    cursor += kDigits[byte >> 4];
    cursor += kDigits[byte & 15];
  }
  return cursor;
}

std::optional<std::string> KeyOfKvCursor(std::string_view cursor) {
  if (cursor.size() % 2 != 0 || cursor.size() > kKvMostCursorDigits) {
    return std::nullopt;
  }
  std::string key;
  key.reserve(cursor.size() / 2);
  for (size_t i = 0; i < cursor.size(); i += 2) {
    const size_t high = kDigits.find(cursor[i]);
    const size_t low = kDigits.find(cursor[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) {
      return std::nullopt;
    }
    key += static_cast<char>(high << 4 | low);
  }
  return key;
}

}  // namespace caravel::registry
