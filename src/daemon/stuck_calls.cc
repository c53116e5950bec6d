#include "daemon/stuck_calls.h"

namespace caravel::daemon {

StuckCalls::StuckCalls(net::EventLoop& loop, const base::Clock& clock,
                       base::Log& log, const PublishedState& published,
                       LogSink& logs, std::function<void()> tell)
    : clock_(clock),
      log_(log),
      published_(published),
      logs_(logs),
      tell_(std::move(tell)),
      held_(loop, [this] { tell_(); }) {}

void StuckCalls::OnStuck(const HostPort& host,
                         const registry::VersionId& version) {
  const registry::PublishedWorker* worker = published_.FindWorkerOf(version);
  log_.Warning("a call cannot be ended",
               {{"host", host.id()},
                {"worker", worker == nullptr ? "" : worker->name},
                {"version", worker == nullptr ? "" : version.value}});
  if (worker == nullptr) return;  // it is published no longer
  const std::optional<std::chrono::seconds> span = held_.Hold(version);
  if (!span) return;
  tell_();
  registry::LogEvent event;
  event.worker = worker->id;
  event.version = version;
  event.outcome = "exceededCpu";
  event.time_ms = base::MillisecondsSinceEpoch(clock_.Wall());
  event.exceptions.push_back(
      {.name = "Error",
       .message = fmt::format(
           "A request exceeded its CPU time in a call of the engine that "
           "nothing interrupts, such as an array method on a huge length. "
           "This version answers with error 1102 for {} s. Bound the length, "
           "or deploy a version without that call",
           span->count()),
       .stack = "",
       .time_ms = event.time_ms});
  logs_.Append(event);
}

}  // namespace caravel::daemon
