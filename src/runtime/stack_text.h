#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/source_map.h"

namespace caravel::runtime {

// The source map of a module, by the module's name; nullptr where it has none.
using FindSourceMap = std::function<const SourceMap*(std::string_view module)>;

constexpr size_t kMaxStackText = 64 * 1024;

// A stack trace as its reader wants it: positions in the files that the author
// wrote where the bundle brought source maps, and no frames of the platform's
// own scripts, nor of the builtins that those called. It ends at kMaxStackText
// bytes: an author's names for files may be much longer than a bundle's.
std::string RewriteStack(std::string_view stack, const FindSourceMap& find);

}  // namespace caravel::runtime
