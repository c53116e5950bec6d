#include "daemon/log_intake.h"

namespace caravel::daemon {
namespace {

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
      sink.Append(*event);
    } else {
      sink.CountDropped(1);
    }
  }
  for (const registry::LogEvent& event : batch.events) sink.Append(event);
  if (batch.dropped > 0) sink.CountDropped(batch.dropped);
}

}  // namespace caravel::daemon
