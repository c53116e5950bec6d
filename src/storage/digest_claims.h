#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace caravel::storage {

// Keeps those apart, digest by digest, who store a blob that something is about
// to refer to, and who remove it because nothing does.
//
// Threads: any, but a Use or a Removal belongs to one.
class DigestClaims {
 public:
  // While it lives none of the blobs is removed. Waits for removals that have
  // begun, and for nobody else.
  class Use {
   public:
    Use(DigestClaims& claims, std::vector<std::string> digests)
        : claims_(claims), digests_(std::move(digests)) {
      claims_.BeginUse(digests_);
    }
    ~Use() { claims_.EndUse(digests_); }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    DigestClaims& claims_;
    const std::vector<std::string> digests_;
  };

  // While it lives, and may(), nobody uses the blob.
  class Removal {
   public:
    Removal(DigestClaims& claims, std::string digest)
        : claims_(claims),
          digest_(std::move(digest)),
          may_(claims_.TryRemoval(digest_)) {}
    ~Removal() {
      if (may_) claims_.EndRemoval(digest_);
    }
    Removal(const Removal&) = delete;
    Removal& operator=(const Removal&) = delete;

    // False: somebody uses the blob, or removes it already.
    bool may() const { return may_; }

   private:
    DigestClaims& claims_;
    const std::string digest_;
    const bool may_;
  };

 private:
  void BeginUse(const std::vector<std::string>& digests)
      CARAVEL_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    for (const std::string& digest : digests) {
      while (removed_.contains(digest)) changed_.Wait(mutex_);
      ++used_[digest];
    }
  }
  void EndUse(const std::vector<std::string>& digests)
      CARAVEL_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    for (const std::string& digest : digests) {
      const auto used = used_.find(digest);
      if (--used->second == 0) used_.erase(used);
    }
  }
  bool TryRemoval(const std::string& digest) CARAVEL_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    return !used_.contains(digest) && removed_.insert(digest).second;
  }
  void EndRemoval(const std::string& digest) CARAVEL_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    removed_.erase(digest);
    changed_.NotifyAll();
  }

  base::Mutex mutex_;
  base::CondVar changed_;
  std::map<std::string, size_t> used_ CARAVEL_GUARDED_BY(mutex_);
  std::set<std::string> removed_ CARAVEL_GUARDED_BY(mutex_);
};

}  // namespace caravel::storage
