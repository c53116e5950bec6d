#include "cli/shown_text.h"

#include <fmt/format.h>

#include "base/unseen.h"

namespace caravel::cli {

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
  for (size_t at = 0; at < text.size();) {
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
