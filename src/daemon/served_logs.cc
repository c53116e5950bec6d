#include "daemon/served_logs.h"

#include <chrono>
#include <utility>

#include "daemon/log_pages.h"

namespace caravel::daemon {
namespace {

// How soon a person whose terminal goes on learns that something is missing.
constexpr std::chrono::milliseconds kLookAgain{100};

}  // namespace

void ServedLogs::Append(const registry::LogEvent& event) {
  if (channel_ == nullptr) return;
  if (dropped_ == 0 && channel_->backlog() < kMostWaiting) {
    channel_->Send(LogEntryPacket(names_[event.worker], event, 0));
    return;
  }
  dropped_of_ = event.worker;
  dropped_at_ms_ = event.time_ms;
  if (dropped_++ == 0) TellDropped();
}

void ServedLogs::TellDropped() {
  // Much room at once: not a line of it for each event that it takes.
  if (channel_->backlog() > kMostWaiting / 2) {
    timer_ = loop_.After(kLookAgain, [this] { TellDropped(); });
    return;
  }
  registry::LogEvent event;
  event.outcome = "eventsDropped";
  event.time_ms = dropped_at_ms_;
  event.logs.push_back(
      {"warn",
       fmt::format(R"(["{} log events were left out here: they came faster )"
                   R"(than they could be printed"])",
                   std::exchange(dropped_, 0)),
       dropped_at_ms_});
  channel_->Send(LogEntryPacket(names_[dropped_of_], std::move(event), 0));
}

}  // namespace caravel::daemon
