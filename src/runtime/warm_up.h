#pragma once

#include <string>

#include "base/result.h"
#include "runtime/code_recorder.h"

namespace caravel::runtime {

class Engine;

// Runs the Worker `source`, an ES module, as a host would, and answers what
// `recorder` has gathered then. The build has it use Node's library and the
// platform's lazy modules (runtime/node/warm_up.js), to learn which of their
// functions Workers come to call. An answer other than 200 is an error.
// Requires: `engine` has that recorder.
Result<CodeCaches> WarmUp(const Engine& engine, const std::string& source,
                          CodeRecorder& recorder);

}  // namespace caravel::runtime
