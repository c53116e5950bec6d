#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/multipart.h"
#include "registry/bundle.h"

namespace caravel::api {

// All modules of a Worker together, source maps aside; Workers allows as much.
inline constexpr size_t kMostModuleBytes = 64 << 20;

// The modules of an upload, by the content types that wrangler gives them.
// `script`: the part that is a service worker; empty where there is none.
// kInvalid names the part whose type is unknown or not built yet; kLimit, with
// the largest modules, when they are too large together.
Result<std::vector<registry::Module>> ModulesOf(const std::vector<Part>& parts,
                                                std::string_view script);

// What ModulesOf() takes for a module of this type.
std::string_view ContentTypeOf(registry::ModuleType type);

}  // namespace caravel::api
