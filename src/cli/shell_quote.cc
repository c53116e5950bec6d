#include "cli/shell_quote.h"

#include <algorithm>
#include <cctype>

namespace caravel::cli {

std::string ShellQuote(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += R"('\'')";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string ShellWord(std::string_view text) {
  const bool plain = std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("/._-+,:@").find(c) != std::string_view::npos;
  });
  return plain && !text.empty() ? std::string(text) : ShellQuote(text);
}

}  // namespace caravel::cli
