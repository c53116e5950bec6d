#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/bundle_checks.h"
#include "daemon/client/restart_policy.h"
#include "daemon/host.h"
#include "daemon/host_port.h"
#include "daemon/installation.h"
#include "daemon/listeners.h"
#include "net/event_loop.h"

namespace caravel::daemon {

// Keeps one host serving and one booted standby beside it, which has all that
// is published and waits for the listening sockets only: when the serving one
// dies, the standby gets duplicates of them and the sockets have never been
// closed.
//
// It may itself be killed at any time. Hosts go on serving; the next supervisor
// finds them by its state file, proves itself, adopts them by pidfd and takes
// the listeners back, so that no second set is bound (with them comes the
// number of shards: another number holds once all hosts were stopped). A host
// that was started from other files than are installed now is replaced and
// drained. So is one in which a call is stuck: it goes on answering from its
// other shards meanwhile.
//
// All of this is one function, Maintain(): it compares what runs with what
// should and takes the missing step; every event ends in it.
//
// Threads: the one that drives the loop.
class Supervisor final : public BundleChecks::Hosts, private Host::Owner {
 public:
  struct Options {
    registry::HostFiles files;
    std::string run_folder;    // state file and sockets; exists
    std::string hosts_folder;  // the hosts' data folders; exists
    TcpAddress address;        // where the workers answer
    PortSetting port_setting{"--port"};
    unsigned shards = 1;  // at most kMaxShards
    bool hosts_die_with_us = false;
    registry::HostLog host_log;
    registry::HostEdge host_edge;
    std::chrono::milliseconds standby_delay{0};  // after a host serves
    std::chrono::milliseconds boot_limit{10'000};
    std::chrono::milliseconds rejoin_limit{2'000};
    std::chrono::milliseconds drain_limit{10'000};
    // Of a host with a stuck call, whose clients wait for nothing.
    std::chrono::milliseconds stuck_drain_limit{3'000};
    // Without a standby the serving host does risky work: where all that runs
    // in it is of the person who asks for that.
    bool serving_takes_risks = false;
  };

  // All outlive the supervisor.
  Supervisor(net::EventLoop& loop, const base::Clock& clock, base::Log& log,
             Options options, HostObserver& observer);
  ~Supervisor() override;

  // Finds the hosts that run or starts one. `settled` is called once, maybe
  // from within: success when the listening sockets are there, else why not.
  void Start(std::function<void(Status)> settled);

  // Hosts get no listeners before this was called: something is published.
  void AllowServing();

  // Requires: settled with success.
  TcpAddress address() const { return bound_; }

  // nullptr: that host has left.
  HostPort* Find(std::string_view id) override;
  // Every host that has joined.
  std::vector<HostPort*> Hosts();
  // Who should do work that may end it, such as checking a bundle: the standby
  // beside a host that serves and stays; nullptr: there is none.
  HostPort* ForRiskyWork() override;
  // Has another take the place of a host that does not come back from it: the
  // standby is killed, the serving host drained first.
  void GiveUp(HostPort& host, std::string_view why) override;

  // Hosts that ended unasked, since the start.
  uint64_t deaths() const { return deaths_; }

  // Drains all hosts, kills what is left after `limit`, then calls `done`.
  // Called again, it only shortens the limit.
  void Stop(std::chrono::milliseconds limit, std::function<void()> done);

 private:
  void OnHello(Host& host, registry::Sequence applied,
               std::vector<base::Fd> listeners) override;
  void OnMessage(Host& host, registry::FromHost message,
                 std::vector<base::Fd> fds) override;
  void OnEnded(Host& host, Host::State before, const std::string& why) override;
  void OnBuried(Host& host) override;

  void AdoptRecorded();
  void SettleOnceRejoined();
  void Settle();
  Status TakeListeners(std::vector<base::Fd> listeners);
  void Maintain();
  void Promote(Host& host);
  void OnStuckCall(Host& host, const registry::StuckCall& call);
  void ReplaceStuck(Host& host);
  void KillStuckBut(const Host& host);
  // Why another host should take its place; empty: it may stay.
  std::string WhyReplaced(const Host& host) const;
  Result<std::unique_ptr<Host>> LaunchHost();
  void StartHost();
  void StartHostAt(base::SteadyTime when);
  void SaveRecords();
  void FinishIfStopped();
  Host* FirstIn(Host::State state);
  bool Stays(const Host* host) const;
  std::string records_path() const;

  net::EventLoop& loop_;
  const base::Clock& clock_;
  base::Log& log_;
  const Options options_;
  HostObserver& observer_;

  std::vector<std::unique_ptr<Host>> hosts_;
  std::vector<std::unique_ptr<Host>> buried_;  // destroyed from the loop
  std::vector<base::Fd> listeners_;
  TcpAddress bound_;
  unsigned shards_ = 0;
  std::string installation_;  // of the host that was started last
  RestartPolicy policy_;
  net::EventLoop::TimerId start_timer_;
  net::EventLoop::TimerId bury_timer_;
  std::function<void(Status)> settled_;  // empty once called
  std::function<void()> stopped_;
  base::SteadyTime standby_not_before_{};
  bool may_serve_ = false;
  bool stopping_ = false;
  uint64_t deaths_ = 0;
};

}  // namespace caravel::daemon
