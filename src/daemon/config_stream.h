#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/mutex.h"
#include "daemon/host_port.h"
#include "daemon/published_state.h"
#include "net/event_loop.h"

namespace caravel::daemon {

// Where what is published comes from: the registry, or the Workers of
// `serve`.
// Threads: any; calls block.
class PublishedSource {
 public:
  virtual ~PublishedSource() = default;
  virtual Result<registry::Snapshot> Load() = 0;
  // Whether hosts may know more, and rightly so: a snapshot lags what was
  // published. A database that was restored does not lag: it is the truth.
  virtual bool MayLag() const { return false; }
  // At most some hundred, oldest first. kNotFound: load anew.
  virtual Result<std::vector<registry::Change>> After(
      registry::Sequence after) = 0;
};

// Brings what is published to the hosts: all of it when one joins, then each
// change. Changes are read on a thread of the stream's own, so that a slow
// database never holds the loop.
//
// A host that joins again with what it knows gets the changes that it missed;
// one that is too far behind gets all. So does one that is ahead, because the
// database was restored. Where the source may lag, one that is ahead keeps what
// it has.
//
// Threads: the one that drives the loop, where not said otherwise.
class ConfigStream {
 public:
  // All outlive the stream.
  ConfigStream(net::EventLoop& loop, base::Log& log, PublishedSource& source);
  ~ConfigStream();

  // Loads what is published, sends it to who has joined, and begins to follow
  // it. Blocks.
  Status Start();

  // Whether Start() has succeeded.
  bool started() const { return reader_.joinable(); }

  // Something was published. Any thread.
  void Nudge();

  // Told after each step of the stream, for the snapshot on disk.
  void OnAdvance(std::function<void()> advanced);

  const PublishedState& state() const { return state_; }

  // Sends the host what it lacks, once started.
  void Join(HostPort& host, registry::Sequence applied);
  void Applied(HostPort& host, registry::Sequence sequence);
  void Serving(HostPort& host);
  void Leave(HostPort& host);

  // Up to where every host that serves has applied; 0 while none serves.
  registry::Sequence AppliedByServing() const;

  // Waits until every host that serves has applied `sequence`; false when
  // `limit` has passed, or StopWaiting() was called. Any thread but the loop's.
  bool WaitApplied(registry::Sequence sequence,
                   std::chrono::milliseconds limit) const;

  // No host will apply anything any more.
  void StopWaiting();

 private:
  struct Follower {
    HostPort* host = nullptr;
    registry::Sequence applied;
  };

  void ReadChanges();
  bool AwaitNudge();
  void Advance(std::vector<registry::Change> changes);
  void Replace(registry::Snapshot snapshot);
  // Unless the host is ahead of a source that lags.
  void SendSnapshot(const Follower& follower);
  void SendChange(HostPort& host, const registry::Change& change);
  void Recount();

  net::EventLoop& loop_;
  base::Log& log_;
  PublishedSource& source_;
  std::function<void()> advanced_;
  PublishedState state_;
  std::map<std::string, Follower> followers_;

  mutable base::Mutex mutex_;
  mutable base::CondVar changed_;
  bool nudged_ CARAVEL_GUARDED_BY(mutex_) = false;
  bool stopping_ CARAVEL_GUARDED_BY(mutex_) = false;
  bool may_wait_ CARAVEL_GUARDED_BY(mutex_) = true;
  registry::Sequence applied_by_serving_ CARAVEL_GUARDED_BY(mutex_);

  // Tasks that are still on the loop when the stream is gone do nothing.
  std::shared_ptr<ConfigStream*> self_;
  registry::Sequence read_up_to_;  // the reader's
  std::thread reader_;
};

}  // namespace caravel::daemon
