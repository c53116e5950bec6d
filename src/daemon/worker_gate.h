#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "daemon/published_state.h"
#include "daemon/start_queue.h"
#include "registry/host_protocol.h"

namespace caravel::daemon {

// Lets a host ask on behalf of Workers that are published, or were: it may make
// up any id, which would be a share of connections and of threads of its own.
// What is asked before caraveld has loaded what is published waits for that, as
// StartQueue says.
//
// Threads: the one that drives the loop.
class WorkerGate {
 public:
  static constexpr size_t kMaxWaiting = 1024;

  // `published` outlives this.
  explicit WorkerGate(const PublishedState& published)
      : published_(published) {}

  using Done = std::function<void(Status)>;
  // Calls `done` with whether `host` may ask for `worker`, from within unless
  // it is not Open() yet; not at all when the host leaves before that.
  void Ask(const std::string& host, const registry::WorkerId& worker,
           const Done& done);
  // The same for a connection to the origin of a zone, which must be at `host`
  // and `port`. Whether the operator named that origin comes with it.
  struct ZoneGrant {
    std::string name;  // of the zone
    bool trusted = false;
  };
  using ZoneDone = std::function<void(Result<ZoneGrant>)>;
  void AskForZone(const std::string& host, const registry::Connect& question,
                  const ZoneDone& done);
  void Open() { queue_.Open(); }
  void OnHostLeft(const std::string& host) { queue_.OnHostLeft(host); }

 private:
  Status Judge(const registry::WorkerId& worker) const;
  Result<ZoneGrant> Judge(const registry::Connect& question) const;

  const PublishedState& published_;
  StartQueue queue_{kMaxWaiting};
};

}  // namespace caravel::daemon
