#pragma once

#include <string>
#include <string_view>

namespace caravel::cli {

// `text` in single quotes for a POSIX shell: everything but a quote stands for
// itself there.
std::string ShellQuote(std::string_view text);

// The same, without quotes where it needs none.
std::string ShellWord(std::string_view text);

}  // namespace caravel::cli
