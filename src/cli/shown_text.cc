#include "cli/shown_text.h"

#include <fmt/format.h>

#include <charconv>
#include <system_error>

#include "base/unseen.h"

namespace caravel::cli {
namespace {

// The number that begins there, as people write it, and moves `at` behind it.
std::string NextNumber(std::string_view text, size_t& at) {
  const std::string_view rest = text.substr(at);
  const std::string_view number =
      rest.substr(0, rest.find_first_not_of("+-.0123456789eE"));
  at += number.size();
  double value = 0;
  if (number.find_first_of("eE") == std::string_view::npos ||
      std::from_chars(number.data(), number.data() + number.size(), value).ec !=
          std::errc()) {
    return std::string(number);
  }
  return fmt::format("{}", value);
}

}  // namespace

std::string NextShown(std::string_view text, size_t& at) {
  const base::Unseen unseen = base::UnseenAt(text, at);
  if (unseen.size == 0) return std::string(1, text[at++]);
  at += unseen.size;
  return unseen.code < 0x100 ? fmt::format("\\x{:02x}", unseen.code)
                             : fmt::format("\\u{:04x}", unseen.code);
}

std::string Shown(std::string_view text) {
  std::string shown;
  for (size_t at = 0; at < text.size();) shown += NextShown(text, at);
  return shown;
}

std::string ShownLines(std::string_view text) {
  std::string shown;
  for (size_t at = 0; at < text.size();) {
    const bool stays = text[at] == '\n' || text[at] == '\t';
    shown += stays ? std::string(1, text[at++]) : NextShown(text, at);
  }
  return shown;
}

std::string ShownJson(std::string_view text) {
  std::string shown;
  bool in_string = false;
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') in_string = !in_string;
    if (!in_string && (c == '-' || (c >= '0' && c <= '9'))) {
      shown += NextNumber(text, at);
      continue;
    }
    if (in_string && c == '\\') shown += text[at++];  // with what it escapes
    const base::Unseen unseen = base::UnseenAt(text, at);
    if (unseen.size == 0) {
      shown += text[at++];
    } else {
      shown += fmt::format("\\u{:04x}", unseen.code);
      at += unseen.size;
    }
  }
  return shown;
}

}  // namespace caravel::cli
