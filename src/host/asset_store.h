#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/mutex.h"
#include "base/result.h"
#include "host/asset_site.h"
#include "registry/published.h"

namespace caravel::host {

// Who opens assets for this host: caraveld. Threads: any; `done` is called on
// another, or from within.
class AssetOpener {
 public:
  using Done = std::function<void(Result<base::Fd>)>;

  virtual ~AssetOpener() = default;
  virtual void OpenAssets(registry::WorkerId worker,
                          registry::VersionId version, Done done) = 0;
  virtual void OpenAsset(registry::WorkerId worker, registry::VersionId version,
                         uint32_t index, registry::AssetCoding coding,
                         Done done) = 0;
};

// The content of an asset in one coding: in memory where it is small, else the
// file that holds it. Immutable.
struct AssetContent {
  uint64_t size = 0;
  std::string bytes;                     // all of it, unless there is a file
  std::shared_ptr<const base::Fd> file;  // nullptr: it is in `bytes`
};

// The sites and contents that the shards of a host have asked for, the least
// recently used dropped where they are too many. A content is there once for
// all versions that have it, by its digest: caraveld computed that.
//
// Threads: any.
class AssetStore {
 public:
  using Site = std::shared_ptr<const AssetSite>;
  using Content = std::shared_ptr<const AssetContent>;

  // Contents up to this size are kept in memory.
  static constexpr uint64_t kLargestInMemory = 64 << 10;

  struct Limits {
    size_t sites = 256;
    size_t bytes = 64 << 20;  // of contents in memory
    size_t files = 256;
  };

  // `opener` outlives the store.
  AssetStore(AssetOpener& opener, Limits limits)
      : opener_(opener), limits_(limits) {}

  // Requires: the version has assets.
  void OpenSite(const registry::WorkerId& worker,
                const registry::Version& version,
                std::function<void(Result<Site>)> done);

  // nullptr when it is not here.
  Content Find(std::string_view digest) CARAVEL_EXCLUDES(mutex_);
  // The content of `site`'s asset `index` in that coding, which it has.
  void OpenContent(const registry::WorkerId& worker,
                   const registry::VersionId& version, const Site& site,
                   uint32_t index, registry::AssetCoding coding,
                   std::function<void(Result<Content>)> done);

 private:
  struct Entry {
    std::string digest;
    Content content;
  };
  using Entries = std::list<Entry>;  // the most recently used first

  void Keep(std::string digest, const Content& content)
      CARAVEL_EXCLUDES(mutex_);
  void DropOldest(Entries& entries) CARAVEL_REQUIRES(mutex_);

  AssetOpener& opener_;
  const Limits limits_;
  base::Mutex mutex_;
  std::list<std::pair<std::string, Site>> sites_ CARAVEL_GUARDED_BY(mutex_);
  Entries in_memory_ CARAVEL_GUARDED_BY(mutex_);
  Entries files_ CARAVEL_GUARDED_BY(mutex_);
  boost::unordered_flat_map<std::string_view, Entries::iterator> contents_
      CARAVEL_GUARDED_BY(mutex_);  // keys lie in the entries
  size_t bytes_ CARAVEL_GUARDED_BY(mutex_) = 0;
};

}  // namespace caravel::host
