#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "base/log.h"
#include "control/thread_pool.h"
#include "daemon/published_state.h"
#include "net/event_loop.h"
#include "registry/snapshot_file.h"

namespace caravel::daemon {

// Keeps the snapshot file up to date with what is published. One save runs at a
// time, on a thread of the writer's own; what is published meanwhile is saved
// by the next one, all at once, so that many changes cost few saves. A save
// that fails, on a full disk for example, is tried again until it succeeds.
//
// Threads: the one that drives the loop.
class SnapshotWriter {
 public:
  // All outlive the writer; nobody else uses `file` meanwhile. A save that
  // failed is tried again after `retry_pause`.
  SnapshotWriter(
      net::EventLoop& loop, base::Log& log, const PublishedState& state,
      registry::SnapshotFile& file,
      std::chrono::milliseconds retry_pause = std::chrono::milliseconds(5'000));
  // Saves what is not known to be saved; blocks.
  ~SnapshotWriter();
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;

  // The state has changed.
  void OnAdvance();

 private:
  void Begin();
  void OnSaved(const Status& saved);

  net::EventLoop& loop_;
  base::Log& log_;
  const PublishedState& state_;
  registry::SnapshotFile& file_;
  const std::chrono::milliseconds retry_pause_;
  bool saving_ = false;
  bool behind_ = false;   // the state has changed since the last Begin()
  bool failing_ = false;  // the last save failed
  net::EventLoop::TimerId retry_timer_;
  std::shared_ptr<SnapshotWriter*> self_;  // gone: tasks on the loop do nothing
  std::optional<api::ThreadPool> thread_;  // uses `file_`
};

}  // namespace caravel::daemon
