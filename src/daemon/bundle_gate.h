#pragma once

#include "base/fd.h"
#include "base/log.h"
#include "daemon/host_port.h"
#include "daemon/published_state.h"
#include "daemon/start_queue.h"
#include "storage/blobs.h"

namespace caravel::daemon {

struct OpenedBundle {
  base::Fd bundle;
  base::Fd code_cache;  // not valid(): there is none
};

// Where bundles lie. Threads: the one that drives the loop; calls are brief: an
// engine that has to fetch keeps copies on disk.
class BundleSource {
 public:
  virtual ~BundleSource() = default;
  virtual Result<OpenedBundle> Open(const registry::Version& version) = 0;
};

// Bundles in Blobs, with the code cache that lies beside.
class BlobBundles final : public BundleSource {
 public:
  explicit BlobBundles(storage::Blobs& blobs) : blobs_(blobs) {}
  Result<OpenedBundle> Open(const registry::Version& version) override;

 private:
  storage::Blobs& blobs_;
};

// Answers hosts that ask for a bundle. A host gets what was granted to it: it
// names a Worker and a version, never a digest, and the version must be one
// that is published as that Worker's. Anything else is refused, in the same
// words whether it exists or not, and logged.
//
// What is asked before Open() waits for it (StartQueue): until then nothing is
// known to be published, which must not read as "refused".
//
// Threads: the one that drives the loop.
class BundleGate {
 public:
  // All outlive the gate.
  BundleGate(const PublishedState& published, BundleSource& source,
             base::Log& log)
      : published_(published), source_(source), log_(log) {}

  void Answer(HostPort& host, const registry::OpenBundle& question);
  // What is published is known: answers who waits, and from now on at once.
  void Open() { queue_.Open(); }
  // Requires: called before `host` is gone.
  void OnHostLeft(const HostPort& host) { queue_.OnHostLeft(host.id()); }

 private:
  // Questions that wait; one beyond is told to ask again.
  static constexpr size_t kMaxWaiting = 4096;

  void AnswerNow(HostPort& host, const registry::OpenBundle& question);

  StartQueue queue_{kMaxWaiting};
  const PublishedState& published_;
  BundleSource& source_;
  base::Log& log_;
};

}  // namespace caravel::daemon
