#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/codec.h"
#include "net/channel.h"
#include "registry/host_protocol.h"
#include "registry/log_query.h"

// What the command line and caraveld say to each other over the unix socket
// DATA/run/admin.sock: one message a packet, a kind byte in front of the
// encoded struct. The socket has mode 0600, so who reaches it is the operator:
// no token. Both ends are of one build; docs/decisions/admin_socket.md says why
// no HTTP.
namespace caravel::daemon {

// ---- command line to caraveld

// What runs, with as many Workers as a packet holds; asked again with
// StatusReport::next, the ones behind them.
struct AskStatus {
  std::string after;  // a Worker's id; empty: from the first on
  static constexpr auto Fields() { return base::Fields(&AskStatus::after); }
};

// Drain the hosts and end.
struct AskStop {
  bool at_once = false;  // without waiting for what runs
  static constexpr auto Fields() { return base::Fields(&AskStop::at_once); }
};

// Events that were kept, oldest first, then LogsSent. As many come as leave the
// channel room: asked again with LogsSent::end, the ones behind them, so that
// who reads slowly or comes back loses nothing.
struct AskLogs {
  std::string worker;        // name; empty: all
  std::string account = {};  // id of theirs; empty: all
  uint64_t after = 0;        // a position; 0: from the first on
  bool wait = false;         // answer when there is one behind `after`
  bool json = false;         // LogEntry::json instead of the event
  registry::LogQuery query = {};
  static constexpr auto Fields() {
    return base::Fields(&AskLogs::worker, &AskLogs::account, &AskLogs::after,
                        &AskLogs::wait, &AskLogs::json, &AskLogs::query);
  }
};

// Where the last `count` events begin that an AskLogs would give; answered with
// LogsFound.
struct FindLogs {
  std::string worker;  // as in AskLogs
  std::string account = {};
  uint64_t before = 0;  // a position; 0: all
  uint32_t count = 100;
  registry::LogQuery query = {};
  static constexpr auto Fields() {
    return base::Fields(&FindLogs::worker, &FindLogs::account,
                        &FindLogs::before, &FindLogs::count, &FindLogs::query);
  }
};

// Run the scheduled handler of a Worker now, beside its schedules.
struct AskCronRun {
  std::string worker;   // name
  std::string account;  // id of its account: another may have one of that name
  std::string cron;     // what the handler is told
  static constexpr auto Fields() {
    return base::Fields(&AskCronRun::worker, &AskCronRun::account,
                        &AskCronRun::cron);
  }
};

// ---- caraveld to command line

struct HostReport {
  std::string id;
  uint32_t pid = 0;
  std::string build;
  bool serving = false;
  uint64_t shards = 0;
  uint64_t isolates = 0;
  uint64_t connections = 0;
  uint64_t requests = 0;
  uint64_t resident_bytes = 0;
  static constexpr auto Fields() {
    return base::Fields(&HostReport::id, &HostReport::pid, &HostReport::build,
                        &HostReport::serving, &HostReport::shards,
                        &HostReport::isolates, &HostReport::connections,
                        &HostReport::requests, &HostReport::resident_bytes);
  }
};

struct WorkerReport {
  registry::AccountId account;
  std::string name;
  std::string url;  // its own address; empty: it has none
  // Custom domains and patterns of routes that lead to it, the first few.
  std::vector<std::string> routes;
  uint64_t more_routes = 0;  // beside those
  std::vector<registry::TrafficShare> traffic;
  static constexpr auto Fields() {
    return base::Fields(&WorkerReport::account, &WorkerReport::name,
                        &WorkerReport::url, &WorkerReport::routes,
                        &WorkerReport::more_routes, &WorkerReport::traffic);
  }
};

struct StatusReport {
  uint32_t pid = 0;
  uint64_t uptime_ms = 0;
  uint64_t resident_bytes = 0;  // of caraveld
  uint64_t host_deaths = 0;     // unasked ends of hosts since it started
  std::vector<HostReport> hosts;
  std::vector<WorkerReport> workers;
  std::string next;  // empty: there are no more Workers
  static constexpr auto Fields() {
    return base::Fields(&StatusReport::pid, &StatusReport::uptime_ms,
                        &StatusReport::resident_bytes,
                        &StatusReport::host_deaths, &StatusReport::hosts,
                        &StatusReport::workers, &StatusReport::next);
  }
};

// Answer to AskStop: it ends from here on.
struct Stopping {
  uint32_t pid = 0;  // of caraveld; it is down once this process has ended
  static constexpr auto Fields() { return base::Fields(&Stopping::pid); }
};

struct LogEntry {
  std::string worker;  // name, or the id of one that is gone
  registry::LogEvent event;
  uint64_t position = 0;  // where it is kept; 0: nowhere
  std::string json =
      {};  // the event as `wrangler tail` has it; `event` is empty
  static constexpr auto Fields() {
    return base::Fields(&LogEntry::worker, &LogEntry::event,
                        &LogEntry::position, &LogEntry::json);
  }
};

// The end of an answer to AskLogs.
struct LogsSent {
  uint64_t dropped = 0;  // events that were lost since caraveld started
  uint64_t end = 0;      // everything up to here has been sent
  bool more = false;     // there are some behind it already
  bool gap = false;      // in front of those that were sent, some are gone
  static constexpr auto Fields() {
    return base::Fields(&LogsSent::dropped, &LogsSent::end, &LogsSent::more,
                        &LogsSent::gap);
  }
};

// Answer to FindLogs.
struct LogsFound {
  uint64_t after = 0;  // AskLogs::after for what was found
  uint32_t count = 0;
  bool more = false;  // asked again with `before`, it may find more
  uint64_t before = 0;
  static constexpr auto Fields() {
    return base::Fields(&LogsFound::after, &LogsFound::count, &LogsFound::more,
                        &LogsFound::before);
  }
};

// In serve mode, once and before what follows: hosts take requests there.
struct ServesAt {
  std::string url;
  static constexpr auto Fields() { return base::Fields(&ServesAt::url); }
};

// In serve mode: that version answers from now on. One that cannot start is
// Refused, and the one before goes on.
struct VersionServed {
  std::string version;
  static constexpr auto Fields() {
    return base::Fields(&VersionServed::version);
  }
};

// Answer to AskCronRun: the handler has ended.
struct CronRan {
  std::string error;  // empty: well
  static constexpr auto Fields() { return base::Fields(&CronRan::error); }
};

struct Refused {
  std::string message;
  std::string remedy;
  std::string version = {};  // in serve mode: which one
  static constexpr auto Fields() {
    return base::Fields(&Refused::message, &Refused::remedy, &Refused::version);
  }
};

using ToAdmin = std::variant<AskStatus, AskStop, AskLogs, AskCronRun, FindLogs>;
using FromAdmin =
    std::variant<StatusReport, Stopping, LogEntry, LogsSent, Refused, ServesAt,
                 VersionServed, CronRan, LogsFound>;

// Requires: the encoding fits into a packet (net::kMaxPacketBytes).
net::Packet EncodeToAdmin(const ToAdmin& message);
net::Packet EncodeFromAdmin(const FromAdmin& message);
Result<ToAdmin> DecodeToAdmin(std::string_view bytes);
Result<FromAdmin> DecodeFromAdmin(std::string_view bytes);

}  // namespace caravel::daemon
