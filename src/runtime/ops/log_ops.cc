#include "runtime/ops/log_ops.h"

#include <array>

#include "runtime/isolate_state.h"
#include "runtime/module_map.h"

namespace caravel::runtime {
namespace {

constexpr size_t kMaxLogBytes = 256 * 1024;
constexpr std::array<const char*, 5> kLevels = {"debug", "log", "info", "warn",
                                                "error"};

}  // namespace

registry::ExceptionRecord MakeRecord(js::Scope& scope, std::string name,
                                     std::string message,
                                     std::string_view stack) {
  constexpr size_t kMaxText = 16 * 1024;
  registry::ExceptionRecord record{
      std::move(name), std::move(message),
      scope.state().modules->Rewrite(scope, stack.substr(0, kMaxText)),
      scope.state().now_ms};
  for (std::string* text : {&record.name, &record.message, &record.stack}) {
    if (text->size() > kMaxText) text->resize(kMaxText);
  }
  return record;
}

void LogOps::Log(js::Scope& scope, int32_t level, std::string json,
                 std::string) {
  IsolateState& state = scope.state();
  const InvocationId id = state.Current(scope);
  size_t& used = state.LogBytesOf(id);
  if (used > kMaxLogBytes) return;
  registry::LogEvent& event = state.EventOf(id);
  used += json.size() + 32;
  if (used > kMaxLogBytes) {
    json =
        R"(["Log size limit exceeded: More than 256KB of data (across )"
        R"(console.log statements, exception, request metadata and headers) )"
        R"(was logged during a single request. Subsequent data for this )"
        R"(request will not be recorded."])";
    level = 3;
  }
  const auto index = static_cast<size_t>(level);
  event.logs.push_back({kLevels[index < kLevels.size() ? index : 1],
                        std::move(json), state.now_ms});
}

void LogOps::ReportException(js::Scope& scope, std::string name,
                             std::string message, std::string stack) {
  IsolateState& state = scope.state();
  registry::LogEvent& event = state.EventOf(state.Current(scope));
  if (event.exceptions.size() >= 32) return;
  event.exceptions.push_back(
      MakeRecord(scope, std::move(name), std::move(message), stack));
}

}  // namespace caravel::runtime
