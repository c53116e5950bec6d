#pragma once

#include <node.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mutex.h"
#include "host/asset_store.h"
#include "host/cache.h"
#include "host/checker.h"
#include "host/edge.h"
#include "host/invocation_count.h"
#include "host/isolate_pool.h"
#include "host/link.h"
#include "host/origins.h"
#include "host/rate_limiter.h"
#include "host/routing_table.h"
#include "host/shard.h"
#include "registry/host_launch.h"
#include "runtime/engine.h"
#include "runtime/monitor.h"

namespace caravel::host {

// The parts of a host process, built in the addon's entry and handed around:
// the engine, a pool of isolates, the line to caraveld, the shards.
//
// Threads: constructed on Node's main thread; the delegate's functions run on
// the link's.
class Host final : private Link::Delegate {
 public:
  struct Settings {
    std::string snapshot;  // file
    std::string lazy;      // folder
    unsigned shards = 1;
    base::Fd socket;  // listening unix socket
    std::string key;
    base::LogLevel log_level = base::LogLevel::kInfo;
    base::LogFormat log_format = base::LogFormat::kText;
    registry::HostEdge edge;
  };

  // Reads the platform's files, closes the sandbox around the process, and
  // starts the threads. `platform` outlives the host.
  static Result<std::unique_ptr<Host>> Start(
      node::MultiIsolatePlatform& platform, Settings settings);
  ~Host() override;

 private:
  explicit Host(const Settings& settings);

  void OnListen(std::vector<base::Fd> listeners) override;
  void OnSnapshot(registry::Snapshot snapshot) override;
  void OnChange(registry::Change change) override;
  void OnCheck(registry::CheckBundle check, base::Fd bundle) override;
  void OnDrain(std::chrono::milliseconds patience) override;
  void OnAskStats(uint64_t request) override;
  void OnHold(std::vector<registry::VersionId> versions) override;
  void OnTail(std::vector<registry::WorkerId> workers) override;
  void OnRunScheduled(registry::RunScheduled run) override;
  registry::Sequence AppliedSequence() override;
  std::vector<base::Fd> DuplicateListeners() override;

  // Any thread, once all shards have drained: ends the process when the work
  // behind the answers is done.
  void Settle();
  void Apply(std::shared_ptr<const RoutingTable> table);

  base::SystemClock clock_;
  base::FdLog log_;
  OriginSettings origins_;
  Cache cache_{clock_};
  KvCache kv_cache_{clock_};
  RateLimiter rate_limiter_{clock_};
  InvocationCounts invocations_;
  const Edge edge_;
  std::unique_ptr<runtime::Engine> engine_;
  std::unique_ptr<Link> link_;  // outlives those that report by it
  std::unique_ptr<AssetStore> assets_;
  std::unique_ptr<runtime::Monitor> monitor_;
  std::unique_ptr<IsolatePool> pool_;
  std::unique_ptr<Checker> checker_;
  std::vector<std::unique_ptr<Shard>> shards_;

  // Of the link's thread.
  std::shared_ptr<const RoutingTable> table_;
  std::vector<base::Fd> listeners_;  // duplicates, to be given back
  bool draining_ = false;
};

}  // namespace caravel::host
