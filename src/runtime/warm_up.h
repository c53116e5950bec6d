#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "runtime/code_recorder.h"

namespace caravel::runtime {

class Engine;

// A request, with a body a POST.
struct WarmUpRequest {
  const char* target;
  const char* body = nullptr;
};

// Runs the Worker `source`, an ES module, as a host would, gives it `requests`
// and answers what `recorder` has gathered then. The build has it use what
// Workers commonly do (runtime/web/warm_up.js, runtime/node/warm_up.js), to
// learn which functions are called then. An answer other than 200 is an error.
// Requires: `engine` has that recorder.
Result<CodeCaches> WarmUp(const Engine& engine, const std::string& source,
                          std::span<const WarmUpRequest> requests,
                          CodeRecorder& recorder);

}  // namespace caravel::runtime
