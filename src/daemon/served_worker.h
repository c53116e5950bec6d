#pragma once

#include <optional>
#include <string>

#include "base/mutex.h"
#include "daemon/bundle_gate.h"
#include "daemon/config_stream.h"
#include "registry/published.h"

namespace caravel::daemon {

// The one Worker of `serve`, in the version that is served and the one before:
// a host that has not heard of the newer one still asks for that.
// Threads: any.
class ServedWorker final : public PublishedSource, public BundleSource {
 public:
  struct Held {
    registry::PublishedWorker worker;  // of one version
    base::Fd bundle;
    base::Fd code_cache;  // not valid(): there is none
  };

  // Serves this one from now on; what hosts are to apply then.
  // Requires: it is the same Worker as before.
  registry::Sequence Serve(Held held) CARAVEL_EXCLUDES(mutex_);

  // Whether that version is the one that is served.
  bool Serves(const registry::VersionId& version) CARAVEL_EXCLUDES(mutex_);

  // Of the version that is served.
  void SetCodeCache(base::Fd code_cache) CARAVEL_EXCLUDES(mutex_);

  Result<registry::Snapshot> Load() CARAVEL_EXCLUDES(mutex_) override;
  Result<std::vector<registry::Change>> After(registry::Sequence after)
      CARAVEL_EXCLUDES(mutex_) override;
  Result<OpenedBundle> Open(const registry::Version& version)
      CARAVEL_EXCLUDES(mutex_) override;

 private:
  base::Mutex mutex_;
  registry::Sequence sequence_ CARAVEL_GUARDED_BY(mutex_);
  Held current_ CARAVEL_GUARDED_BY(mutex_);
  std::optional<Held> before_ CARAVEL_GUARDED_BY(mutex_);
};

}  // namespace caravel::daemon
