#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace caravel::runtime {

// The name of a start function, below.
inline constexpr std::string_view kWasmStart = "caravel:start";

// A module of WebAssembly with each memory that it defines among its exports,
// so that whoever makes an instance of it can see how large they are: the new
// bytes where one was hidden, else an empty string. A hidden one gets the name
// "caravel:memory". Where a module defines memories its start function becomes
// an export too, which whoever makes an instance calls once it has noted them.
// Source: WebAssembly Core Specification 3.0, "Binary Format", "Modules".
//
// kInvalid: its imports cannot be read, as those of a later specification, or
// it exports something by the name of kWasmStart itself.
// Requires: V8 takes `module`.
Result<std::string> ExportMemories(std::string_view module);

}  // namespace caravel::runtime
