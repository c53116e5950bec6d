#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "base/fd.h"
#include "base/log.h"
#include "daemon/host_port.h"
#include "daemon/published_state.h"
#include "daemon/start_queue.h"
#include "registry/asset_list.h"
#include "storage/blobs.h"

namespace caravel::daemon {

// Answers hosts that ask for the assets of a version: its list, and contents by
// their place in it. As with bundles (daemon/bundle_gate.h), a host names what
// was granted to it, never a digest: it gets no content but those of versions
// that are published.
//
// Threads: the one that drives the loop; what it opens lies on disk.
class AssetGate {
 public:
  // All outlive the gate. `blobs`: nullptr where no version has assets.
  AssetGate(const PublishedState& published, storage::Blobs* blobs,
            base::Log& log)
      : published_(published), blobs_(blobs), log_(log) {}

  void Answer(HostPort& host, const registry::OpenAssets& question);
  void Answer(HostPort& host, const registry::OpenAsset& question);
  // What is published is known: answers who waits, and from now on at once.
  void Open() { queue_.Open(); }
  // Requires: called before `host` is gone.
  void OnHostLeft(const HostPort& host) { queue_.OnHostLeft(host.id()); }

 private:
  // Questions that wait; one beyond is told to ask again.
  static constexpr size_t kMaxWaiting = 4096;
  static constexpr size_t kMostLists = 64;

  using List = std::shared_ptr<const registry::AssetList>;

  void AnswerWith(HostPort& host, uint64_t request,
                  const std::function<Result<base::Fd>()>& open);
  // The digest of the list of a version that is granted.
  Result<std::string> GrantedList(const registry::WorkerId& worker,
                                  const registry::VersionId& version) const;
  Result<base::Fd> OpenContent(const registry::OpenAsset& question);
  Result<List> ListOf(const std::string& digest);

  StartQueue queue_{kMaxWaiting};
  const PublishedState& published_;
  storage::Blobs* blobs_;
  base::Log& log_;
  std::list<std::pair<std::string, List>> lists_;  // the latest used first
};

}  // namespace caravel::daemon
