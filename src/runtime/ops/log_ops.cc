#include "runtime/ops/log_ops.h"

#include <array>

#include "runtime/isolate_state.h"
#include "runtime/module_map.h"
#include "runtime/not_built.h"

namespace caravel::runtime {
namespace {

// Of one invocation: its lines and its exceptions.
constexpr size_t kMaxLogBytes = 256 * 1024;
// What an entry holds beside its text, or so.
constexpr size_t kEntryBytes = 32;
constexpr size_t kMaxExceptions = 32;
constexpr const char* kLogsAreFull =
    R"(["Log size limit exceeded: More than 256KB of data (across )"
    R"(console.log statements, exception, request metadata and headers) )"
    R"(was logged during a single request. Subsequent data for this )"
    R"(request will not be recorded."])";
// The same of what all requests that run have logged.
constexpr const char* kIsolateIsFull =
    R"(["Log size limit exceeded: requests of this Worker that run at once )"
    R"(have logged more than {} KB, a quarter of its memory limit. )"
    R"(Subsequent data for this request will not be recorded. Log less, or )"
    R"(end what runs behind the answer (waitUntil) sooner."])";
constexpr std::array<const char*, 5> kLevels = {"debug", "log", "info", "warn",
                                                "error"};

// The events that gather in an isolate hold at most this part of its memory
// limit: what is logged beyond it is left out, and costs nobody the answer.
constexpr size_t kPartForLogs = 4;

// Counts an entry of the event of `id`; false when it may not be kept.
bool CountEntry(IsolateState& state, InvocationId id, size_t bytes) {
  LogUse& use = state.LogUseOf(id);
  if (use.full) return false;
  const size_t most = state.limits.memory_bytes / kPartForLogs;
  const bool invocation_is_full = use.bytes + bytes > kMaxLogBytes;
  if (invocation_is_full || state.log_bytes + bytes > most) {
    use.full = true;
    state.EventOf(id).logs.push_back(
        {"warn",
         invocation_is_full ? kLogsAreFull
                            : fmt::format(kIsolateIsFull, most >> 10),
         state.now_ms});
    return false;
  }
  use.bytes += bytes;
  state.log_bytes += bytes;
  return true;
}

}  // namespace

registry::ExceptionRecord MakeRecord(js::Scope& scope, std::string name,
                                     std::string message,
                                     std::string_view stack) {
  constexpr size_t kMaxText = 16 * 1024;
  registry::ExceptionRecord record{
      std::move(name), std::move(message),
      scope.state().modules->Rewrite(scope, stack.substr(0, kMaxText)),
      scope.state().now_ms};
  ExplainAbsence(record.name, record.message, record.stack);
  for (std::string* text : {&record.name, &record.message, &record.stack}) {
    if (text->size() > kMaxText) text->resize(kMaxText);
  }
  return record;
}

void LogOps::Log(js::Scope& scope, int32_t level, std::string json,
                 std::string text) {
  IsolateState& state = scope.state();
  const InvocationId id = state.Current(scope);
  if (!CountEntry(state, id, json.size() + text.size() + kEntryBytes)) {
    return;
  }
  const auto index = static_cast<size_t>(level);
  state.EventOf(id).logs.push_back({kLevels[index < kLevels.size() ? index : 1],
                                    std::move(json), state.now_ms,
                                    std::move(text)});
}

void LogOps::ReportException(js::Scope& scope, std::string name,
                             std::string message, std::string stack) {
  IsolateState& state = scope.state();
  const InvocationId id = state.Current(scope);
  registry::LogEvent& event = state.EventOf(id);
  if (event.exceptions.size() >= kMaxExceptions) return;
  registry::ExceptionRecord record =
      MakeRecord(scope, std::move(name), std::move(message), stack);
  if (!CountEntry(state, id,
                  record.name.size() + record.message.size() +
                      record.stack.size() + kEntryBytes)) {
    return;
  }
  event.exceptions.push_back(std::move(record));
}

std::string LogOps::StackText(js::Scope& scope, std::string stack) {
  ModuleMap* modules = scope.state().modules;
  return modules == nullptr ? std::move(stack) : modules->Rewrite(scope, stack);
}

}  // namespace caravel::runtime
