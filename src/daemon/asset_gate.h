#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/log.h"
#include "control/thread_pool.h"
#include "daemon/asset_opener.h"
#include "daemon/counts.h"
#include "daemon/host_port.h"
#include "daemon/published_state.h"
#include "daemon/start_queue.h"
#include "net/event_loop.h"
#include "storage/blobs.h"

namespace caravel::daemon {

// Answers hosts that ask for the assets of a version: its list, and contents by
// their place in it. As with bundles (daemon/bundle_gate.h), a host names what
// was granted to it, never a digest: it gets no content but those of versions
// that are published. What lies on disk is looked for on threads: a list has
// some megabytes, and is read whole before it is used.
//
// Threads: the one that drives the loop.
class AssetGate {
 public:
  // Where an answer goes: to the host if it is still there.
  using Send = std::function<void(const std::string& host,
                                  const registry::ToHost& answer,
                                  std::vector<base::Fd> fds)>;

  // All outlive the gate. `blobs`: nullptr where no version has assets.
  AssetGate(net::EventLoop& loop, const PublishedState& published,
            storage::Blobs* blobs, base::Log& log, Send send);

  void Answer(HostPort& host, const registry::OpenAssets& question);
  void Answer(HostPort& host, const registry::OpenAsset& question);
  // What is published is known: answers who waits, and from now on at once.
  void Open() { queue_.Open(); }
  // Requires: called before `host` is gone.
  void OnHostLeft(const HostPort& host);

 private:
  // Questions that wait, for the start and for a thread; one beyond is told to
  // ask again, as is who has half of them.
  static constexpr size_t kMaxWaiting = 4096;
  static constexpr size_t kThreads = 2;

  struct Asker {
    std::string host;
    uint64_t request = 0;
  };

  void AnswerWith(const Asker& asker, const registry::WorkerId& worker,
                  const registry::VersionId& version, AssetOpener::Wish wish);
  // The digest of the list of a version that is granted.
  Result<std::string> GrantedList(const registry::WorkerId& worker,
                                  const registry::VersionId& version) const;
  void Finish(const Asker& asker, Result<base::Fd> opened);
  void Busy(const Asker& asker, std::string why);

  net::EventLoop& loop_;
  const PublishedState& published_;
  const std::unique_ptr<AssetOpener> opener_;  // nullptr: there are no assets
  base::Log& log_;
  const Send send_;
  StartQueue queue_{kMaxWaiting};
  Counts under_way_;  // by host
  std::shared_ptr<AssetGate*> alive_;
  api::ThreadPool threads_;  // last: they use all above
};

}  // namespace caravel::daemon
