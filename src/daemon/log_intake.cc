#include "daemon/log_intake.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "net/http_syntax.h"

namespace caravel::daemon {
namespace {

// All of these are more than what a host of ours sends
// (runtime/ops/log_ops.cc).
constexpr size_t kMostNameBytes = 128;  // ids, outcomes
constexpr size_t kMostMethodBytes = 64 << 10;
constexpr size_t kMostUrlBytes = 256 << 10;
constexpr size_t kMostRequestBytes = 128 << 10;
constexpr size_t kMostLines = 16 << 10;
constexpr size_t kMostExceptions = 64;
constexpr size_t kMostExceptionBytes = 256 << 10;  // of each
constexpr double kMostMilliseconds = 8.64e15;      // ECMAScript's latest time
constexpr uint64_t kMostMicroseconds = uint64_t{1} << 53;
constexpr uint64_t kMostDropped = 1 << 20;

// What people and programs read as one word.
bool IsName(std::string_view text) {
  return text.size() <= kMostNameBytes && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

// Serialized, a URL is visible ASCII: no control character of any encoding.
bool IsUrl(std::string_view text) {
  return text.size() <= kMostUrlBytes &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

// Of a text in one line: what schedules are written in.
bool IsVisible(char c) { return c >= ' ' && c < 0x7f; }

bool IsTime(double milliseconds) {
  return milliseconds >= 0 && milliseconds <= kMostMilliseconds;  // no NaN
}

bool IsLine(const registry::LogLine& line) {
  constexpr std::array<std::string_view, 5> kLevels = {"debug", "info", "log",
                                                       "warn", "error"};
  return std::ranges::find(kLevels, line.level) != kLevels.end() &&
         IsTime(line.time_ms);
}

bool IsException(const registry::ExceptionRecord& record) {
  return record.name.size() + record.message.size() + record.stack.size() <=
             kMostExceptionBytes &&
         IsTime(record.time_ms);
}

bool IsEvent(const registry::LogEvent& event) {
  return IsName(event.worker.value) && IsName(event.version.value) &&
         IsName(event.request_id) && IsName(event.outcome) &&
         event.method.size() <= kMostMethodBytes &&
         (event.method.empty() || net::IsToken(event.method)) &&
         IsUrl(event.url) && IsTime(event.time_ms) &&
         event.cpu_us <= kMostMicroseconds &&
         event.wall_us <= kMostMicroseconds &&
         event.request.size() <= kMostRequestBytes && IsName(event.kind) &&
         event.entrypoint.size() <= kMostMethodBytes &&
         event.rpc_method.size() <= kMostMethodBytes &&
         event.cron.size() <= kMostNameBytes &&
         std::ranges::all_of(event.cron, IsVisible) &&
         IsTime(event.scheduled_ms) && event.logs.size() <= kMostLines &&
         event.exceptions.size() <= kMostExceptions &&
         std::ranges::all_of(event.logs, IsLine) &&
         std::ranges::all_of(event.exceptions, IsException);
}

void Take(const registry::LogEvent& event, LogSink& sink) {
  if (IsEvent(event)) {
    sink.Append(event);
  } else {
    sink.CountDropped(1);
  }
}

Result<registry::LogEvent> ReadEvent(const base::Fd& file) {
  CARAVEL_TRY(const std::string bytes,
              base::ReadWholeFile(file, registry::kMaxLogEventBytes));
  return base::Decode<registry::LogEvent>(bytes);
}

}  // namespace

void TakeLogEvents(const registry::LogEvents& batch,
                   const std::vector<base::Fd>& fds, LogSink& sink) {
  if (!fds.empty()) {
    if (const Result<registry::LogEvent> event = ReadEvent(fds.front())) {
      Take(*event, sink);
    } else {
      sink.CountDropped(1);
    }
  }
  for (const registry::LogEvent& event : batch.events) Take(event, sink);
  if (batch.dropped > 0) {
    sink.CountDropped(std::min(batch.dropped, kMostDropped));
  }
}

}  // namespace caravel::daemon
