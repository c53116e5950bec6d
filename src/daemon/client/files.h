#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

// Small files that caraveld and the command line share: read whole, replaced
// whole. Errors name the path. Any thread may call.
namespace caravel::daemon {

// All bytes of the file at `path`, at most `limit` (else kLimit).
Result<std::string> ReadFile(const std::string& path, size_t limit = 1U << 20);

// Replaces the file at `path` in one step: a reader sees the old content or the
// new, also after a crash of this process. Mode 0600.
Status ReplaceFile(const std::string& path, std::string_view content);

// The folder at `path`, made with its parents when absent. Made ones have mode
// 0700. The error says what stands in the way: a read-only disk, another user's
// folder, a file of that name.
Status MakeFolder(const std::string& path);

}  // namespace caravel::daemon
