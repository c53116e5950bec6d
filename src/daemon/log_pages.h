#pragma once

#include <functional>
#include <optional>
#include <string>

#include "daemon/client/admin_protocol.h"
#include "daemon/log_store.h"
#include "daemon/published_state.h"

namespace caravel::daemon {

// Answers the AskLogs and FindLogs of one conversation, each with one page of
// the store: what waits for a reader who is slow stays on disk, not in the
// channel. Threads: the one that drives the loop.
class LogPages {
 public:
  using Send = std::function<void(net::Packet)>;

  // `store` and `state` outlive it.
  LogPages(LogStore& store, const PublishedState& state, Send send);
  ~LogPages() { store_.Unfollow(follower_); }
  LogPages(const LogPages&) = delete;
  LogPages& operator=(const LogPages&) = delete;

  // Sends the answer now, or, for one that waits, when there is an event. A
  // further question takes the place of one that still waits.
  void Answer(const AskLogs& question);
  void Answer(const FindLogs& question);

 private:
  void OnEvent(LogStore::Position position, const registry::LogEvent& event);
  void SendEntry(LogStore::Position position, registry::LogEvent event,
                 bool json);
  // What an AskLogs or a FindLogs is about. Nothing, and that was told: there
  // is no such Worker.
  template <typename Question>
  std::optional<LogStore::Wanted> WantedOf(const Question& question);

  LogStore& store_;
  const PublishedState& state_;
  const Send send_;
  const LogStore::FollowerId follower_;
  std::optional<AskLogs> waiting_;
};

// An event as the command line gets it: with the Worker's name, and, where it
// would not fit into a packet, its texts cut and its last lines left out.
net::Packet LogEntryPacket(std::string worker, registry::LogEvent event,
                           LogStore::Position position);
// The same as JSON.
net::Packet LogJsonPacket(const std::string& worker, registry::LogEvent event,
                          LogStore::Position position);

}  // namespace caravel::daemon
