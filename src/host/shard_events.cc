// What a shard tells of requests that are over.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "host/error_page.h"
#include "host/shard.h"
#include "host/stats.h"
#include "host/tailed_request.h"
#include "runtime/event_request.h"

namespace caravel::host {

namespace {

// Of a plain success, which is told only where its Worker is tailed.
std::unique_ptr<registry::LogEvent> PlainEvent(
    const runtime::InvocationEnded& ended, uint16_t status) {
  auto event = std::make_unique<registry::LogEvent>();
  event->outcome = "ok";
  event->status = status;
  event->cpu_us = ended.cpu_us;
  event->only_tailed = true;
  if (ended.head != nullptr) runtime::SetRequest(*event, *ended.head);
  return event;
}

}  // namespace

void Shard::Ended(Slot& slot, Invocation& invocation,
                  runtime::InvocationEnded ended) {
  // For most, the end of the turn is near enough and costs no look at a clock.
  const base::SteadyTime end = ended.event == nullptr
                                   ? std::max(finished_at_, invocation.start())
                                   : shared_.clock.Steady();
  const auto wall_us = static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(end -
                                                            invocation.start())
          .count());
  CountRequest(
      stats_,
      ended.event == nullptr ? "ok" : std::string_view(ended.event->outcome),
      ended.cpu_us, wall_us);
  const bool is_tailed = table_->IsTailed(slot.worker());
  if (is_tailed && ended.event == nullptr) {
    ended.event = PlainEvent(ended, invocation.status());
  }
  if (is_tailed && ended.head != nullptr) {
    ended.event->request = TailedRequest(*ended.head);
  }
  ReturnHead(std::move(ended.head));
  if (ended.event == nullptr) return;
  registry::LogEvent event = std::move(*ended.event);
  event.wall_us = wall_us;
  if (event.time_ms == 0) {  // the isolate never saw it
    event.time_ms = base::MillisecondsSinceEpoch(shared_.clock.Wall()) -
                    static_cast<double>(wall_us) / 1000;
  }
  event.request_id = invocation.reference();
  event.worker = slot.worker();
  event.version = slot.version().id;
  shared_.link.ReportEvent(slot.account(), std::move(event));
}

ErrorAnswer Shard::RulesExceeded(const registry::WorkerId& worker,
                                 const registry::VersionId& version,
                                 const net::RequestHead& head) {
  registry::LogEvent event;
  event.worker = worker;
  event.version = version;
  event.request_id =
      fmt::format("{:016x}", head.draw != 0 ? head.draw : NextReference());
  event.outcome = "exceededCpu";
  ErrorAnswer answer = WorkerError(1102, event.request_id);
  event.status = answer.head.status;
  runtime::SetRequest(event, head);
  if (table_->IsTailed(worker)) event.request = TailedRequest(head);
  event.time_ms = base::MillisecondsSinceEpoch(shared_.clock.Wall());
  event.exceptions.push_back({"Error", std::string(kRulesExceeded), "", 0});
  CountRefusal(stats_, event.outcome);
  if (const registry::PublishedWorker* known = table_->FindById(worker)) {
    shared_.link.ReportEvent(known->account, std::move(event));
  }
  return answer;
}

}  // namespace caravel::host
