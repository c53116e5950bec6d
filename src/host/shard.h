#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/spares.h"
#include "host/asset_server.h"
#include "host/cache.h"
#include "host/cache_target.h"
#include "host/driver.h"
#include "host/edge.h"
#include "host/fetch_cache.h"
#include "host/invocation_count.h"
#include "host/isolate_pool.h"
#include "host/link.h"
#include "host/neighbours.h"
#include "host/origins.h"
#include "host/placement.h"
#include "host/rate_limiter.h"
#include "host/refusals.h"
#include "host/routing_table.h"
#include "host/scheduled_request.h"
#include "host/scheduled_run.h"
#include "host/slot.h"
#include "host/zone_origins.h"
#include "net/event_loop.h"
#include "net/http1_server.h"
#include "runtime/monitor.h"

namespace caravel::host {

// One event loop with the isolates that it serves: takes requests from its own
// listening socket, finds the Worker, hands the request to the version's
// isolate (loaded if cold), and carries out what that asks for. A Worker that
// this shard has no isolate of is served by its home shard, unless it is busy
// (host/placement.h).
//
// A shard is driven by one thread at a time, though not always by the same one
// (host/driver.h): state belongs to the Shard, never to a thread_local.
//
// Threads: Post-like functions (marked) from any; everything else from the
// driving thread.
class Shard final : public Drivable,
                    private net::Target,
                    private SlotOwner,
                    private AssetServer::Owner {
 public:
  // What a shard shares with the others. All of it outlives the shard.
  struct Shared {
    IsolatePool& pool;
    Link& link;
    runtime::Monitor& monitor;
    const base::Clock& clock;
    base::Log& log;
    const OriginSettings& origins;
    Cache& cache;
    AssetStore& assets;
    KvCache& kv_cache;
    RateLimiter& rate_limiter;
    InvocationCounts& invocations;
    const Edge& edge;
    size_t memory_budget;  // of this shard's isolates, in bytes
  };

  static Result<std::unique_ptr<Shard>> Create(const Shared& shared);
  ~Shard() override;

  // Makes a process's shards known to each other, in the order of their
  // numbers. Before the first one starts; nothing to do for a single one.
  static void Connect(const std::vector<std::unique_ptr<Shard>>& shards);
  // Undoes it. Requires: all are stopped, and none is gone.
  static void Disconnect(const std::vector<std::unique_ptr<Shard>>& shards);

  // Starts the thread that drives the shard until Stop().
  void Start();
  // Any thread. Waits for the driving thread.
  void Stop();

  // Any thread. `done` runs on the shard once requests see the table.
  void SetTable(std::shared_ptr<const RoutingTable> table,
                std::function<void()> done);
  // Any thread. Serves from `listener`.
  void Listen(base::Fd listener);
  // Any thread. Takes nothing new and finishes the connections. `done` runs on
  // the shard when none is left or `patience` has passed. Requires: called
  // once.
  void Drain(std::chrono::milliseconds patience, std::function<void()> done);
  // Any thread. Waits for what goes on behind the answers (waitUntil), within
  // the patience of Drain(). `done` runs on the shard; what was logged is with
  // the link by then. Requires: every shard has drained, since one takes
  // requests from the others' connections.
  void Settle(std::function<void()> done);
  // Any thread. Has the scheduled event handled by its Worker, and caraveld
  // told how it ended.
  void RunScheduled(registry::RunScheduled run);
  // Any thread. `done` gets the shard's counters, on the shard.
  void CollectStats(std::function<void(registry::HostStats)> done);

  // Drivable
  bool BeginRound() override;
  std::unique_ptr<Turn> NextTurn() override;
  void Finished(std::unique_ptr<Turn> turn) override;
  void EndRound() override;
  void PostFinished(std::unique_ptr<Turn> turn) override;

 private:
  static constexpr std::chrono::seconds kHousekeepingInterval{1};

  using Place = std::optional<InvocationPlace>;

  // Who hands a call of a Worker over: the Worker that calls, assets that do
  // not answer it, or another shard.
  enum class CameFrom : unsigned char { kHere, kAssets, kShard };

  // Requests that other shards pass on to this one.
  class HomeTarget final : public net::Target {
   public:
    explicit HomeTarget(Shard& shard) : shard_(shard) {}
    net::Answerer& Start(net::RequestHead& head, net::Asker& asker) override {
      return shard_.StartPassedOn(head, asker);
    }

   private:
    Shard& shard_;
  };

  // Requests that Workers of this shard make of Workers.
  class ServiceTarget final : public net::Target {
   public:
    explicit ServiceTarget(Shard& shard) : shard_(shard) {}
    net::Answerer& Start(net::RequestHead& head, net::Asker& asker) override {
      return shard_.StartService(head, asker, CameFrom::kHere);
    }

   private:
    Shard& shard_;
  };

  Shard(const Shared& shared, std::unique_ptr<net::EventLoop> loop);

  // net::Target: of this shard's connections.
  net::Answerer& Start(net::RequestHead& head, net::Asker& asker) override;
  // AssetServer::Owner
  net::Answerer& StartWorker(net::RequestHead& head,
                             net::Asker& asker) override;
  void CountAsset() override;
  ErrorAnswer RulesExceeded(const registry::WorkerId& worker,
                            const registry::VersionId& version,
                            const net::RequestHead& head) override;
  // On this shard or another. Requires: `version` is one of `worker`.
  net::Answerer& StartVersion(const registry::PublishedWorker& worker,
                              const registry::Version& version,
                              net::RequestHead& head, net::Asker& asker);
  // What another shard has passed on to this one.
  net::Answerer& StartPassedOn(net::RequestHead& head, net::Asker& asker);
  // A request with head.service.
  net::Answerer& StartService(net::RequestHead& head, net::Asker& asker,
                              CameFrom from);
  // Of a request that goes to no Worker: the zone's origin, or a refusal.
  net::Answerer& StartBesideWorkers(const Routed& routed,
                                    net::RequestHead& head, net::Asker& asker);
  net::Answerer& RefuseUnknownHost(const net::RequestHead& head,
                                   net::Asker& asker);
  // Of a version that has only assets, and none for the request.
  net::Answerer& RefuseWithoutCode(net::Asker& asker);
  // Of a version that is held back.
  net::Answerer& RefuseHeld(net::Asker& asker);
  // The shard that is to answer instead of this one; nothing when none is.
  // Requires: this is not the only one.
  std::optional<size_t> Elsewhere(const registry::PublishedWorker& worker,
                                  const registry::Version& version);
  // SlotOwner
  net::EventLoop& loop() override { return *loop_; }
  uint64_t NextReference() override;
  void Wake(Slot& slot) override;
  void Ended(Slot& slot, Invocation& invocation,
             runtime::InvocationEnded ended) override;
  std::unique_ptr<net::RequestHead> TakeHead() override;
  void ReturnHead(std::unique_ptr<net::RequestHead> head) override;
  Result<net::Target*> Origin(Slot& slot, Invocation* asker,
                              const runtime::StartFetch& fetch,
                              net::RequestHead& head, Place& place) override;
  // The same without what a cache has of it.
  Result<net::Target*> OriginOf(Slot& slot, Invocation* asker,
                                const runtime::StartFetch& fetch,
                                net::RequestHead& head, Place& place);
  // Where a fetch to the host of another Worker's custom domain goes.
  Result<net::Target*> CustomDomain(const registry::PublishedWorker& to,
                                    Invocation* asker,
                                    const runtime::StartFetch& fetch,
                                    net::RequestHead& head, Place& place);
  // The same of a call of another Worker, or of the slot's own.
  Result<net::Target*> Service(Slot& slot, Invocation* asker,
                               const runtime::StartFetch& fetch,
                               net::RequestHead& head, Place& place);
  // Takes a place for one more invocation of the asker's request, and gives the
  // number of its count. kLimit: there is none left.
  Result<uint64_t> TakePlace(Invocation* asker, Place& place);
  // Where the version's own assets are asked for by that URL.
  Result<net::Target*> AssetTarget(Slot& slot, std::string_view url,
                                   net::RequestHead& head);
  net::Target* OriginBehind(Slot& slot, net::RequestHead& head) override;
  RawConnections& Raw() override { return origins_->raw(); }
  void AskName(Slot& slot, runtime::AskName& ask) override;
  void AskKv(Slot& slot, runtime::AskKv& ask) override;
  bool TakeFromRateLimit(const registry::AccountId& account,
                         const runtime::RateLimit& limit,
                         std::string_view key) override {
    return shared_.rate_limiter.Take(account.value, limit, key);
  }

  Slot& SlotFor(const registry::PublishedWorker& worker,
                const registry::Version& version);
  // Has the bundle sent for, whether or not a request waits.
  void Open(Slot& slot);
  void OnOpened(uint64_t slot, std::shared_ptr<const registry::Bundle> bundle,
                std::string code_cache);
  void OnOpenFailed(uint64_t slot, const std::string& why);
  void StartScheduled(const registry::RunScheduled& run);
  // A request that asks for it.
  net::Answerer& StartScheduledFor(const registry::PublishedWorker& worker,
                                   const Result<ScheduledEvent>& event,
                                   net::Asker& asker);
  void BeginScheduled(const registry::PublishedWorker& worker,
                      const std::string& cron, double scheduled_ms,
                      ScheduledRun::Ended ended);
  void Housekeep();
  void TellAwaited();
  // nullptr when it is gone meanwhile.
  Slot* FindSlot(uint64_t number);

  const Shared shared_;
  std::unique_ptr<net::EventLoop> loop_;
  Seat seat_;
  std::unique_ptr<net::Http1Server> server_;
  std::unique_ptr<Origins> origins_;
  std::unique_ptr<ZoneOrigins> zone_origins_;
  std::unique_ptr<CacheTarget> cache_target_;
  std::unique_ptr<FetchCache> fetch_cache_;
  std::unique_ptr<AssetServer> assets_;
  Refusals refusals_;
  HomeTarget home_target_{*this};
  ServiceTarget service_target_{*this};
  std::unique_ptr<Neighbours> neighbours_;  // none: the only shard
  size_t number_ = 0;                       // of shards_
  size_t shards_ = 1;
  std::shared_ptr<const RoutingTable> table_ =
      std::make_shared<const RoutingTable>();
  std::unordered_map<std::string, std::unique_ptr<Slot>> slots_;  // by version
  boost::unordered_flat_map<uint64_t, Slot*> slots_by_number_;
  uint64_t last_slot_ = 0;
  std::unordered_map<std::string, PassedOn> passed_on_;  // by version
  base::Spares<net::RequestHead> spare_heads_{256};
  base::SteadyTime finished_at_{};  // of the last turn
  std::vector<Slot*> ready_;
  uint64_t last_scheduled_ = 0;
  std::unordered_map<uint64_t, std::unique_ptr<ScheduledRun>> scheduled_;
  registry::HostStats stats_;
  uint64_t reference_seed_;
  uint64_t requests_ = 0;
  std::function<void()> awaited_;  // of Drain() or Settle(), until it is called
  base::SteadyTime patience_end_{};
  bool settling_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace caravel::host
