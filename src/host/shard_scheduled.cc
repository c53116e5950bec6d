// Scheduled events: calls of a Worker that caraveld asks for, or a request of
// `serve`.
#include <cmath>
#include <memory>
#include <utility>

#include "host/shard.h"
#include "runtime/service_call.h"

namespace caravel::host {

void Shard::RunScheduled(registry::RunScheduled run) {
  (void)loop_->Post([this, run = std::move(run)] { StartScheduled(run); });
}

void Shard::StartScheduled(const registry::RunScheduled& run) {
  const auto tell = [this, request = run.request](std::string error) {
    shared_.link.Report(registry::ScheduledEnded{request, std::move(error)});
  };
  const registry::PublishedWorker* worker = table_->FindById(run.worker);
  if (worker == nullptr) return tell("the Worker is not deployed");
  BeginScheduled(*worker, run.cron, run.scheduled_ms, tell);
}

net::Answerer& Shard::StartScheduledFor(const registry::PublishedWorker& worker,
                                        const Result<ScheduledEvent>& event,
                                        net::Asker& asker) {
  if (!event) {
    return refusals_.Add(asker, ScheduledOutcome(event.error().ToText()));
  }
  auto answerer = std::make_shared<ScheduledAnswerer>(asker);
  BeginScheduled(
      worker, event->cron,
      event->time_ms.value_or(
          base::MillisecondsSinceEpoch(shared_.clock.Wall())),
      [answerer](const std::string& error) { answerer->Give(error); });
  return *answerer;
}

void Shard::BeginScheduled(const registry::PublishedWorker& worker,
                           const std::string& cron, double scheduled_ms,
                           ScheduledRun::Ended ended) {
  net::RequestHead head;
  head.method = "GET";
  head.scheme = "scheduled";
  head.authority = worker.name;
  head.target = "/";
  runtime::ServiceCall call;
  call.account = worker.account.value;
  call.worker = worker.name;
  call.cron = cron;
  call.scheduled_ms = std::floor(scheduled_ms);  // as Dates are
  head.service = base::Encode(call);
  const uint64_t number = ++last_scheduled_;
  auto asker = std::make_unique<ScheduledRun>(
      [this, number, ended = std::move(ended)](std::string error) {
        ended(std::move(error));
        (void)loop_->Post([this, number] { scheduled_.erase(number); });
      });
  ScheduledRun& asking = *asker;
  scheduled_[number] = std::move(asker);
  service_target_.Start(head, asking).OnRequestEnd();
}

}  // namespace caravel::host
