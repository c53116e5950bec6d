#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/source_map.h"

namespace caravel::runtime {

// The source map of a module, by the module's name; nullptr where it has none.
using FindSourceMap = std::function<const SourceMap*(std::string_view module)>;

// A stack trace as its reader wants it: positions in the files that the author
// wrote where the bundle brought source maps, and no frames of the platform's
// own scripts, nor of the builtins that those called.
std::string RewriteStack(std::string_view stack, const FindSourceMap& find);

}  // namespace caravel::runtime
