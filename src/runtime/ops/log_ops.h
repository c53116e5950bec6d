#pragma once

#include <string>

#include "runtime/js/function.h"

namespace caravel::runtime {

// What a Worker says and what goes wrong in it, for the event of its
// invocation. An invocation keeps at most 256 KB of log lines; what is beyond
// is dropped and the last line says so. Source: Workers documentation, "Workers
// Logs", limits.
struct LogOps {
  static void Log(js::Scope& scope, int32_t level, std::string json,
                  std::string text);
  static void ReportException(js::Scope& scope, std::string name,
                              std::string message, std::string stack);

  static constexpr auto Js() {
    return js::Functions(js::Function("log", &Log),
                         js::Function("reportException", &ReportException));
  }
};

}  // namespace caravel::runtime
