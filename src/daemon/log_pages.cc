#include "daemon/log_pages.h"

#include <algorithm>
#include <utility>

namespace caravel::daemon {

net::Packet LogEntryPacket(std::string worker, registry::LogEvent event,
                           LogStore::Position position) {
  LogEntry entry{std::move(worker), std::move(event), position};
  net::Packet packet = EncodeFromAdmin(entry);
  if (packet.bytes.size() <= net::kMaxPacketBytes) return packet;
  entry.event.exceptions.clear();
  entry.event.url.resize(std::min<size_t>(entry.event.url.size(), 1024));
  entry.event.logs = {{.level = "warn",
                       .message = R"(["… too large to be shown here"])",
                       .time_ms = entry.event.time_ms}};
  return EncodeFromAdmin(entry);
}

LogPages::LogPages(LogStore& store, const PublishedState& state, Send send)
    : store_(store),
      state_(state),
      send_(std::move(send)),
      follower_(store.Follow(
          [this](LogStore::Position position, const registry::LogEvent& event) {
            OnEvent(position, event);
          })) {}

void LogPages::Answer(const AskLogs& question) {
  waiting_.reset();
  const registry::WorkerId* wanted = nullptr;
  for (const auto& [id, worker] : state_.workers()) {
    if (worker.name == question.worker) wanted = &id;
  }
  if (!question.worker.empty() && wanted == nullptr) {
    send_(EncodeFromAdmin(
        Refused{fmt::format("Worker \"{}\" is not deployed", question.worker),
                "./caravel status lists the Workers"}));
    return;
  }
  const bool is_first = question.after == 0 && !question.wait;
  LogStore::Page page =
      store_.Read(wanted, is_first ? store_.BeforeLast(wanted, question.limit)
                                   : question.after);
  if (question.wait && page.events.empty()) {
    waiting_ = question;
    waiting_->after = page.end;
    return;
  }
  for (LogStore::Kept& kept : page.events) {
    SendEntry(kept.position, std::move(kept.event));
  }
  send_(EncodeFromAdmin(LogsSent{.dropped = store_.dropped(),
                                 .end = page.end,
                                 .more = page.more,
                                 .gap = page.gap}));
}

void LogPages::OnEvent(LogStore::Position position,
                       const registry::LogEvent& event) {
  if (!waiting_) return;
  if (!waiting_->worker.empty() &&
      state_.NameOf(event.worker) != waiting_->worker) {
    return;
  }
  const AskLogs question = *std::exchange(waiting_, std::nullopt);
  if (position != 0) return Answer(question);
  // A full disk is no reason to hide what happens now.
  SendEntry(position, event);
  send_(EncodeFromAdmin(
      LogsSent{.dropped = store_.dropped(), .end = question.after}));
}

void LogPages::SendEntry(LogStore::Position position,
                         registry::LogEvent event) {
  std::string name = state_.NameOf(event.worker);
  send_(LogEntryPacket(std::move(name), std::move(event), position));
}

}  // namespace caravel::daemon
