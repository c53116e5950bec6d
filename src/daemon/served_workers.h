#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "daemon/bundle_gate.h"
#include "daemon/config_stream.h"
#include "registry/published.h"

namespace caravel::daemon {

// The Workers of `serve`, each in the version that is served and the one
// before: a host that has not heard of the newer one still asks for that.
// Threads: any.
class ServedWorkers final : public PublishedSource, public BundleSource {
 public:
  struct Held {
    registry::PublishedWorker worker;  // of one version
    base::Fd bundle;
    base::Fd code_cache;  // not valid(): there is none
  };

  // Serves this one from now on, in the place of what was served of the same
  // Worker; what hosts are to apply then.
  registry::Sequence Serve(Held held) CARAVEL_EXCLUDES(mutex_);

  // Whether that version of that Worker is the one that is served.
  bool Serves(const registry::WorkerId& worker,
              const registry::VersionId& version) CARAVEL_EXCLUDES(mutex_);

  // Of the version of that Worker that is served.
  void SetCodeCache(const registry::WorkerId& worker, base::Fd code_cache)
      CARAVEL_EXCLUDES(mutex_);

  Result<registry::Snapshot> Load() CARAVEL_EXCLUDES(mutex_) override;
  Result<std::vector<registry::Change>> After(registry::Sequence after)
      CARAVEL_EXCLUDES(mutex_) override;
  Result<OpenedBundle> Open(const registry::Version& version)
      CARAVEL_EXCLUDES(mutex_) override;

 private:
  struct Served {
    registry::Sequence sequence;  // of `current`
    Held current;
    std::optional<Held> before;
  };

  // The one of that version; nullptr: none is.
  const Held* Find(const registry::VersionId& version) const
      CARAVEL_REQUIRES(mutex_);

  base::Mutex mutex_;
  registry::Sequence sequence_ CARAVEL_GUARDED_BY(mutex_);
  std::map<registry::WorkerId, Served> workers_ CARAVEL_GUARDED_BY(mutex_);
};

}  // namespace caravel::daemon
