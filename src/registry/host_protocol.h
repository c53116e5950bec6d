#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/codec.h"
#include "net/channel.h"
#include "registry/asset_list.h"
#include "registry/kv_messages.h"
#include "registry/published.h"

// What caraveld and a host say to each other: one message a packet, a kind byte
// in front of the encoded struct. caraveld dials the unix socket on which the
// host listens; the first message each way is a hello, and no other is taken
// before it. What a host sends is hostile input: DecodeFromHost() checks form,
// and caraveld checks every id against what it granted to that host.
//
// Fuzzed by tests/fuzz/host_protocol_fuzz.cc.
namespace caravel::registry {

// ---- caraveld to host ----

// Proves that the dialler is the caraveld that started this host.
struct DaemonHello {
  std::string key;  // given to the host when it was started
  static constexpr auto Fields() { return base::Fields(&DaemonHello::key); }
};

// Start to serve: the packet carries as many listening sockets for each shard,
// in the order of ListenTcp(): socket i is that of shard i modulo their number.
struct Listen {
  uint32_t listeners = 0;
  static constexpr auto Fields() { return base::Fields(&Listen::listeners); }
};

// Everything published, as an encoded Snapshot in the packet's descriptor.
struct LoadSnapshot {
  Sequence sequence;
  static constexpr auto Fields() {
    return base::Fields(&LoadSnapshot::sequence);
  }
};

// One change; in the packet's descriptor when it is too large for a packet
// (then `change` is empty), else encoded here.
struct ApplyChange {
  Sequence sequence;
  std::string change;  // encoded Change
  static constexpr auto Fields() {
    return base::Fields(&ApplyChange::sequence, &ApplyChange::change);
  }
};

// Answer to OpenBundle: descriptors bundle and, where there is one, code cache.
struct BundleOpened {
  uint64_t request = 0;
  std::string error;  // empty: success
  bool has_code_cache = false;
  static constexpr auto Fields() {
    return base::Fields(&BundleOpened::request, &BundleOpened::error,
                        &BundleOpened::has_code_cache);
  }
};

// Answer to Connect: a connected TCP socket as descriptor, or why not.
struct Connected {
  uint64_t request = 0;
  std::string error;  // empty: success
  static constexpr auto Fields() {
    return base::Fields(&Connected::request, &Connected::error);
  }
};

// Answer to ResolveName: what was found. Of kAddresses numeric addresses, one a
// line; of kHost the host's name and, in a second line, the service's; of
// kRecords the message of the DNS server as it came.
struct NameResolved {
  uint64_t request = 0;
  std::string error;  // empty: success; else a code: "ENOTFOUND", "EAI_AGAIN"
  std::string answer;
  static constexpr auto Fields() {
    return base::Fields(&NameResolved::request, &NameResolved::error,
                        &NameResolved::answer);
  }
};

// Evaluate a bundle (the packet's descriptor) under start-up limits, and tell
// what it exports. Serves "checking a bundle needs V8, caraveld has none".
struct CheckBundle {
  uint64_t request = 0;
  Version version;
  std::string worker_name;
  static constexpr auto Fields() {
    return base::Fields(&CheckBundle::request, &CheckBundle::version,
                        &CheckBundle::worker_name);
  }
};

// Finish what runs, take no new connections, exit after `milliseconds` at most.
struct Drain {
  uint32_t milliseconds = 0;
  static constexpr auto Fields() { return base::Fields(&Drain::milliseconds); }
};

// Ask for HostStats.
struct AskStats {
  uint64_t request = 0;
  static constexpr auto Fields() { return base::Fields(&AskStats::request); }
};

// Answer requests for these versions with error 1102 without running them, and
// no longer those of the message before: a call of each could not be ended.
struct HoldVersions {
  std::vector<VersionId> versions;
  static constexpr auto Fields() {
    return base::Fields(&HoldVersions::versions);
  }
};

// Answer to OpenAssets and OpenAsset: the file as descriptor.
struct AssetOpened {
  uint64_t request = 0;
  std::string error;  // empty: success
  static constexpr auto Fields() {
    return base::Fields(&AssetOpened::request, &AssetOpened::error);
  }
};

// Tell all events of the Workers that the packet's descriptor lists, an encoded
// std::vector<WorkerId>, with their requests, and no longer those of the
// Workers that were named before. Answered by TailTaken with the same number.
struct TailWorkers {
  uint64_t number = 0;
  static constexpr auto Fields() { return base::Fields(&TailWorkers::number); }
};

// Run the scheduled handler of a Worker, once.
struct RunScheduled {
  uint64_t request = 0;
  WorkerId worker;
  std::string cron;
  double scheduled_ms = 0;  // since the epoch
  static constexpr auto Fields() {
    return base::Fields(&RunScheduled::request, &RunScheduled::worker,
                        &RunScheduled::cron, &RunScheduled::scheduled_ms);
  }
};

// Answer to AskKv: an encoded KvAnswer, in the packet's descriptor when it is
// too large for a packet (then `answer` is empty). With `may_keep`, what was
// found under its key may be given again while the host's lease lasts, until
// DropKv names it.
struct KvAnswered {
  uint64_t request = 0;
  std::string answer;
  bool may_keep = false;
  static constexpr auto Fields() {
    return base::Fields(&KvAnswered::request, &KvAnswered::answer,
                        &KvAnswered::may_keep);
  }
};

// Until then by the machine's steady clock, in nanoseconds, the host may give
// what it keeps of KV. Sent again and again, as long as caraveld lives.
struct LeaseKv {
  int64_t until_ns = 0;
  static constexpr auto Fields() { return base::Fields(&LeaseKv::until_ns); }
};

// These entries have changed: they are not given again as the host has them,
// and KvDropped answers. `number` grows by one each time.
struct DropKv {
  uint64_t number = 0;
  std::vector<KvPlace> places;
  static constexpr auto Fields() {
    return base::Fields(&DropKv::number, &DropKv::places);
  }
};

// ---- host to caraveld ----

// Answer to DaemonHello. A host that already serves gives its listeners back as
// descriptors, in the order in which it got them (duplicates: it goes on
// serving from its own).
struct HostHello {
  uint32_t pid = 0;
  std::string key;         // the same again: proves the host to the dialler
  std::string build;       // build id; a daemon of another build replaces hosts
  Sequence sequence;       // what the host has applied; 0: nothing yet
  uint32_t listeners = 0;  // 0: not serving yet
  static constexpr auto Fields() {
    return base::Fields(&HostHello::pid, &HostHello::key, &HostHello::build,
                        &HostHello::sequence, &HostHello::listeners);
  }
};

// Everything up to `sequence` is applied on every shard: requests accepted from
// now on see it. Follows LoadSnapshot and ApplyChange.
struct Applied {
  Sequence sequence;
  static constexpr auto Fields() { return base::Fields(&Applied::sequence); }
};

struct OpenBundle {
  uint64_t request = 0;
  WorkerId worker;
  VersionId version;
  static constexpr auto Fields() {
    return base::Fields(&OpenBundle::request, &OpenBundle::worker,
                        &OpenBundle::version);
  }
};

struct Connect {
  uint64_t request = 0;
  // On whose behalf, for rules and for the log; empty where the zone asks.
  WorkerId worker;
  std::string host;  // name or numeric address, without brackets
  uint16_t port = 0;
  ZoneId zone = {};  // the connection is to that zone's origin; empty: of none
  static constexpr auto Fields() {
    return base::Fields(&Connect::request, &Connect::worker, &Connect::host,
                        &Connect::port, &Connect::zone);
  }
};

// What may be asked of a name: its addresses, as programs of the machine would
// find them; the host of an address, and the service of the port `number`; or
// the DNS records of the type `number`.
enum class NameQuestion : uint8_t {
  kAddresses,
  kHost,
  kRecords,
  kLast = kRecords,
};

struct ResolveName {
  uint64_t request = 0;
  WorkerId worker;  // on whose behalf, for its share
  NameQuestion asks = NameQuestion::kAddresses;
  std::string name;  // numeric address for kHost
  uint16_t number = 0;
  static constexpr auto Fields() {
    return base::Fields(&ResolveName::request, &ResolveName::worker,
                        &ResolveName::asks, &ResolveName::name,
                        &ResolveName::number);
  }
};

// Answer to CheckBundle. A code cache for the bundle is the packet's descriptor
// when `has_code_cache`.
struct BundleChecked {
  uint64_t request = 0;
  std::string error;  // empty: it can be published. Else with file and line
  std::vector<std::string> handlers;  // "fetch", "scheduled", …
  std::vector<std::string> exports;   // names of further exported entrypoints
  uint32_t startup_ms = 0;            // CPU time of its start
  bool has_code_cache = false;
  static constexpr auto Fields() {
    return base::Fields(&BundleChecked::request, &BundleChecked::error,
                        &BundleChecked::handlers, &BundleChecked::exports,
                        &BundleChecked::startup_ms,
                        &BundleChecked::has_code_cache);
  }
};

struct LogLine {
  std::string level;    // "debug", "info", "log", "warn", "error"
  std::string message;  // JSON array: the arguments of the console call
  double time_ms = 0;   // since the epoch
  // The line for people, as Node's console prints it; empty where the arguments
  // are texts that stand as they are, with a blank between them.
  std::string text = {};
  static constexpr auto Fields() {
    return base::Fields(&LogLine::level, &LogLine::message, &LogLine::time_ms,
                        &LogLine::text);
  }
};

struct ExceptionRecord {
  std::string name;
  std::string message;
  std::string stack;
  double time_ms = 0;
  static constexpr auto Fields() {
    return base::Fields(&ExceptionRecord::name, &ExceptionRecord::message,
                        &ExceptionRecord::stack, &ExceptionRecord::time_ms);
  }
};

// One finished invocation: what tail and the log store show.
struct LogEvent {
  WorkerId worker;
  VersionId version;
  std::string request_id;  // 16 hexadecimal digits; shown in error pages
  std::string outcome;  // "ok", "exception", "exceededCpu", "exceededMemory",
                        // "canceled"
  std::string method;
  std::string url;
  uint16_t status = 0;
  double time_ms = 0;  // start, since the epoch
  uint64_t cpu_us = 0;
  uint64_t wall_us = 0;
  std::vector<LogLine> logs;
  std::vector<ExceptionRecord> exceptions;
  std::string kind = {};        // "rpc", "scheduled"; empty is a request
  std::string entrypoint = {};  // by its name; empty: the default export
  std::string rpc_method = {};
  std::string cron = {};    // of a scheduled event
  double scheduled_ms = 0;  // the same: the time it was meant for
  // Of a Worker that is tailed: JSON {"headers": {…}, "cf": {…}}.
  std::string request = {};
  bool only_tailed = false;  // a plain success that is not kept otherwise
  static constexpr auto Fields() {
    return base::Fields(
        &LogEvent::worker, &LogEvent::version, &LogEvent::request_id,
        &LogEvent::outcome, &LogEvent::method, &LogEvent::url,
        &LogEvent::status, &LogEvent::time_ms, &LogEvent::cpu_us,
        &LogEvent::wall_us, &LogEvent::logs, &LogEvent::exceptions,
        &LogEvent::kind, &LogEvent::entrypoint, &LogEvent::rpc_method,
        &LogEvent::cron, &LogEvent::scheduled_ms, &LogEvent::request,
        &LogEvent::only_tailed);
  }
};

// A batch of events, sent about every 100 ms. A plain success without log lines
// is counted in HostStats and not sent as an event, unless its Worker is
// tailed. `dropped`: events lost since the last batch because caraveld was away
// or slow. An event that is too large for a packet is the encoded LogEvent in
// the packet's descriptor, of at most kMaxLogEventBytes; `events` is empty
// then.
inline constexpr size_t kMaxLogEventBytes = 1 << 20;
struct LogEvents {
  std::vector<LogEvent> events;
  uint64_t dropped = 0;
  static constexpr auto Fields() {
    return base::Fields(&LogEvents::events, &LogEvents::dropped);
  }
};

// Counters since the start of the host. Outcomes are those of LogEvent, and
// "held": refused since its version is held back (HoldVersions), of which there
// is no event. Histograms go by the bounds in base/metrics.h (one count a
// bucket, the last is "above").
struct HostStats {
  uint64_t request = 0;  // 0: unasked
  std::vector<std::pair<std::string, uint64_t>> requests_by_outcome;
  std::vector<uint64_t> cpu_us_buckets;
  std::vector<uint64_t> wall_us_buckets;
  uint64_t cpu_us_sum = 0;
  uint64_t wall_us_sum = 0;
  uint64_t cold_starts = 0;
  uint64_t isolates = 0;
  uint64_t connections = 0;
  uint64_t shards = 0;
  static constexpr auto Fields() {
    return base::Fields(&HostStats::request, &HostStats::requests_by_outcome,
                        &HostStats::cpu_us_buckets, &HostStats::wall_us_buckets,
                        &HostStats::cpu_us_sum, &HostStats::wall_us_sum,
                        &HostStats::cold_starts, &HostStats::isolates,
                        &HostStats::connections, &HostStats::shards);
  }
};

// A call of that version was ended and goes on all the same: V8 is in a loop
// that asks for no interruption. Its shard does nothing else until then.
struct StuckCall {
  VersionId version;
  static constexpr auto Fields() { return base::Fields(&StuckCall::version); }
};

// Asks for the list of the version's assets (registry/asset_list.h).
struct OpenAssets {
  uint64_t request = 0;
  WorkerId worker;
  VersionId version;
  static constexpr auto Fields() {
    return base::Fields(&OpenAssets::request, &OpenAssets::worker,
                        &OpenAssets::version);
  }
};

// Asks for a content of that list: the asset `index` in that coding.
struct OpenAsset {
  uint64_t request = 0;
  WorkerId worker;
  VersionId version;
  uint32_t index = 0;
  AssetCoding coding = AssetCoding::kIdentity;
  static constexpr auto Fields() {
    return base::Fields(&OpenAsset::request, &OpenAsset::worker,
                        &OpenAsset::version, &OpenAsset::index,
                        &OpenAsset::coding);
  }
};

// Answer to RunScheduled: the handler has ended.
struct ScheduledEnded {
  uint64_t request = 0;
  std::string error;  // empty: well; else what became of it
  static constexpr auto Fields() {
    return base::Fields(&ScheduledEnded::request, &ScheduledEnded::error);
  }
};

// A question to the KV namespace that is bound to the version as `binding`: an
// encoded KvQuestion, in the packet's descriptor when it is too large for a
// packet (then `question` is empty).
struct AskKv {
  uint64_t request = 0;
  WorkerId worker;
  VersionId version;
  std::string binding;
  std::string question;
  static constexpr auto Fields() {
    return base::Fields(&AskKv::request, &AskKv::worker, &AskKv::version,
                        &AskKv::binding, &AskKv::question);
  }
};

// Answer to DropKv: the entries of all up to `number` are not given again.
struct KvDropped {
  uint64_t number = 0;
  static constexpr auto Fields() { return base::Fields(&KvDropped::number); }
};

// Answer to TailWorkers.
struct TailTaken {
  uint64_t number = 0;
  static constexpr auto Fields() { return base::Fields(&TailTaken::number); }
};

using ToHost =
    std::variant<DaemonHello, Listen, LoadSnapshot, ApplyChange, BundleOpened,
                 Connected, CheckBundle, Drain, AskStats, NameResolved,
                 HoldVersions, AssetOpened, TailWorkers, RunScheduled,
                 KvAnswered, LeaseKv, DropKv>;
using FromHost =
    std::variant<HostHello, Applied, OpenBundle, Connect, BundleChecked,
                 LogEvents, HostStats, ResolveName, StuckCall, OpenAssets,
                 OpenAsset, ScheduledEnded, AskKv, KvDropped, TailTaken>;

// The kind byte is the index in the variant.
net::Packet EncodeToHost(const ToHost& message, std::vector<base::Fd> fds = {});
net::Packet EncodeFromHost(const FromHost& message,
                           std::vector<base::Fd> fds = {});
Result<ToHost> DecodeToHost(std::string_view bytes);
Result<FromHost> DecodeFromHost(std::string_view bytes);

}  // namespace caravel::registry
