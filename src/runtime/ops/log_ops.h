#pragma once

#include <string>

#include "registry/host_protocol.h"
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

  // The text of a stack as logs show it (runtime/stack_text.h).
  static std::string StackText(js::Scope& scope, std::string stack);

  static constexpr auto Js() {
    return js::Functions(js::Function("log", &Log),
                         js::Function("reportException", &ReportException),
                         js::Function("stackText", &StackText));
  }
};

// An exception for the event: in the author's terms, and not longer than
// anybody reads.
registry::ExceptionRecord MakeRecord(js::Scope& scope, std::string name,
                                     std::string message,
                                     std::string_view stack);

}  // namespace caravel::runtime
