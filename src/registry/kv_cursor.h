#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace caravel::registry {

// Two a byte of the longest key.
inline constexpr size_t kKvMostCursorDigits = 1024;

// Where a list of keys goes on, as a text that clients hand back: behind `key`.
std::string KvCursorBehind(std::string_view key);

// The key of a cursor; nothing for a text that is none.
std::optional<std::string> KeyOfKvCursor(std::string_view cursor);

}  // namespace caravel::registry
