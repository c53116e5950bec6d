#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "daemon/asset_gate.h"
#include "daemon/bundle_checks.h"
#include "daemon/bundle_gate.h"
#include "daemon/config_stream.h"
#include "daemon/cron_scheduler.h"
#include "daemon/egress.h"
#include "daemon/host_totals.h"
#include "daemon/kv_desk.h"
#include "daemon/log_intake.h"
#include "daemon/name_service.h"
#include "daemon/stats_rounds.h"
#include "daemon/stuck_calls.h"
#include "daemon/supervisor.h"
#include "daemon/tailed_list.h"
#include "daemon/worker_gate.h"
#include "net/event_loop.h"

namespace caravel::daemon {

// What `up` and `serve` have in common: the supervisor with its hosts, and the
// parts that answer them. Here each message of a host finds the part that it is
// for.
//
// Threads: the one that drives the loop.
class DataPlane final : public ScheduledRunner, private HostObserver {
 public:
  struct Parts {
    net::EventLoop& loop;
    const base::Clock& clock;
    base::Log& log;
    PublishedSource& published;
    BundleSource& bundles;
    storage::Blobs* assets;  // nullptr: no version has any
    EgressBroker& egress;
    NameService& names;
    storage::KvStore* kv;  // nullptr: there is none
    LogSink& logs;
  };

  // All parts outlive the data plane.
  DataPlane(const Parts& parts, Supervisor::Options options);
  ~DataPlane() override;

  // Starts hosts, or finds those that run; they begin to boot at once.
  // `settled` is told when the listening sockets are there.
  void Start(std::function<void(Status)> settled);

  // Loads what is published (blocks), and lets hosts serve it. `serving` is
  // called once, when a host has applied that and has the listening sockets.
  Status Publish(std::function<void()> serving);

  // Ends all hosts, as Supervisor::Stop() does, and whatever waits for one: no
  // thread does once `done` is called and the loop was polled.
  void Stop(std::chrono::milliseconds limit, std::function<void()> done);

  Supervisor& supervisor() { return supervisor_; }
  ConfigStream& stream() { return stream_; }
  // Has hosts tell all events of these Workers, and of no others.
  void SetTailed(std::vector<registry::WorkerId> workers);

  // ScheduledRunner: on the host that serves.
  void RunScheduled(const registry::WorkerId& worker, const std::string& cron,
                    base::WallTime slot, Done done) override;

  BundleChecks& checks() { return checks_; }
  KvDesk& kv() { return kv_; }
  const HostTotals& totals() const { return totals_; }

  // Calls `told` when totals() are as the hosts count now, as far as they
  // answer.
  void RefreshTotals(std::function<void()> told);

  // Everything that hosts and this process count.
  void AddTo(base::MetricsPage& page);

 private:
  void OnHostJoined(HostPort& host, registry::Sequence applied) override;
  void OnHostServing(HostPort& host) override;
  void OnHostMessage(HostPort& host, registry::FromHost message,
                     std::vector<base::Fd> fds) override;
  void OnHostLeft(HostPort& host, HostEnd end) override;

  void OnResolve(HostPort& host, const registry::ResolveName& question);
  void TellHeld();
  void OnConnect(HostPort& host, const registry::Connect& question);
  // Sends, if the host is still there.
  void Answer(const std::string& host, const registry::ToHost& answer,
              std::vector<base::Fd> fds);
  void TellServing();
  void OnScheduledEnded(HostPort& host, const registry::ScheduledEnded& ended);
  void AskStats();

  const Parts parts_;
  ConfigStream stream_;
  BundleGate gate_;
  AssetGate asset_gate_;
  WorkerGate worker_gate_;
  KvDesk kv_;
  Supervisor supervisor_;
  BundleChecks checks_;
  HostTotals totals_;
  StatsRounds rounds_;
  StuckCalls stuck_;
  TailedList tailed_;
  struct Scheduled {
    std::string host;
    Done done;
  };
  uint64_t last_scheduled_ = 0;
  std::map<uint64_t, Scheduled> scheduled_;  // that run
  std::function<void()> serving_;            // empty once called
  net::EventLoop::TimerId stats_timer_;
};

// Resident memory of a process of ours; 0 when it has ended. A host is not
// asked: it would have to be believed.
uint64_t ResidentBytesOf(int pid);

}  // namespace caravel::daemon
