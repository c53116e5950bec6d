#pragma once

#include <string>
#include <utility>

#include "base/mutex.h"
#include "storage/blobs.h"

namespace caravel::storage {

// For tests: passes calls on to `blobs`, and holds up who has stored the blob
// of one digest, or is about to remove it. Threads: any.
class HeldBlobs final : public Blobs {
 public:
  explicit HeldBlobs(Blobs& blobs) : blobs_(blobs) {}
  ~HeldBlobs() override { Hold(""); }

  // Empty: none is held up.
  void Hold(std::string digest) {
    const base::MutexLock lock(mutex_);
    held_ = std::move(digest);
    changed_.NotifyAll();
  }
  // Until somebody is held up.
  void WaitForOne() {
    const base::MutexLock lock(mutex_);
    while (!waits_) changed_.Wait(mutex_);
  }

  Result<std::string> Put(std::string_view bytes) override {
    auto digest = blobs_.Put(bytes);
    if (digest) Pass(*digest);
    return digest;
  }
  Result<base::Fd> Open(std::string_view digest) override {
    return blobs_.Open(digest);
  }
  Result<bool> Exists(std::string_view digest) override {
    return blobs_.Exists(digest);
  }
  Status Remove(std::string_view digest) override {
    Pass(digest);
    return blobs_.Remove(digest);
  }
  Status Verify(std::string_view digest) override {
    return blobs_.Verify(digest);
  }
  Status PutBeside(std::string_view digest, std::string_view name,
                   std::string_view bytes) override {
    return blobs_.PutBeside(digest, name, bytes);
  }
  Result<base::Fd> OpenBeside(std::string_view digest,
                              std::string_view name) override {
    return blobs_.OpenBeside(digest, name);
  }

 private:
  void Pass(std::string_view digest) {
    const base::MutexLock lock(mutex_);
    while (held_ == digest) {
      waits_ = true;
      changed_.NotifyAll();
      changed_.Wait(mutex_);
    }
    waits_ = false;
  }

  Blobs& blobs_;
  base::Mutex mutex_;
  base::CondVar changed_;
  std::string held_ CARAVEL_GUARDED_BY(mutex_);
  bool waits_ CARAVEL_GUARDED_BY(mutex_) = false;
};

}  // namespace caravel::storage
