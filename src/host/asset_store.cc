#include "host/asset_store.h"

#include <algorithm>
#include <utility>

#include "registry/compatibility.h"

namespace caravel::host {
namespace {

Result<AssetStore::Site> ReadSite(const base::Fd& file,
                                  AssetSite::Traits traits) {
  CARAVEL_TRY(registry::AssetList list, registry::AssetList::Map(file));
  return std::make_shared<const AssetSite>(std::move(list), traits);
}

Result<AssetStore::Content> ReadContent(base::Fd file, uint64_t size) {
  auto content = std::make_shared<AssetContent>();
  content->size = size;
  if (size > AssetStore::kLargestInMemory) {
    content->file = std::make_shared<const base::Fd>(std::move(file));
    return AssetStore::Content(std::move(content));
  }
  CARAVEL_TRY(content->bytes,
              base::ReadWholeFile(file, AssetStore::kLargestInMemory));
  if (content->bytes.size() != size) {
    return Error(ErrorCode::kInternal, "the asset's file has another size");
  }
  return AssetStore::Content(std::move(content));
}

}  // namespace

void AssetStore::OpenSite(const registry::WorkerId& worker,
                          const registry::Version& version,
                          std::function<void(Result<Site>)> done) {
  // The same list serves differently under another date, or without code.
  const std::string& key = version.id.value;
  {
    const base::MutexLock lock(mutex_);
    const auto known =
        std::ranges::find(sites_, key, &std::pair<std::string, Site>::first);
    if (known != sites_.end()) {
      sites_.splice(sites_.begin(), sites_, known);
      return done(known->second);
    }
  }
  const AssetSite::Traits traits = {
      .has_code = !version.bundle_digest.empty(),
      .navigation_first =
          registry::Compatibility::OfPublished(version.compatibility_date,
                                               version.compatibility_flags)
              .IsOn("assets_navigation_prefers_asset_serving")};
  opener_.OpenAssets(
      worker, version.id,
      [this, key, traits, done = std::move(done)](Result<base::Fd> opened) {
        Result<Site> site = opened ? ReadSite(*opened, traits)
                                   : Result<Site>(std::move(opened).error());
        if (site) {
          const base::MutexLock lock(mutex_);
          sites_.emplace_front(key, *site);
          if (sites_.size() > limits_.sites) sites_.pop_back();
        }
        done(std::move(site));
      });
}

AssetStore::Content AssetStore::Find(std::string_view digest) {
  const base::MutexLock lock(mutex_);
  const auto found = contents_.find(digest);
  if (found == contents_.end()) return nullptr;
  const Entries::iterator entry = found->second;
  Entries& entries = entry->content->file == nullptr ? in_memory_ : files_;
  entries.splice(entries.begin(), entries, entry);
  return entry->content;
}

void AssetStore::OpenContent(const registry::WorkerId& worker,
                             const registry::VersionId& version,
                             const Site& site, uint32_t index,
                             registry::AssetCoding coding,
                             std::function<void(Result<Content>)> done) {
  const registry::AssetList::View asset = site->list().At(index);
  const auto form = static_cast<size_t>(coding);
  opener_.OpenAsset(worker, version, index, coding,
                    [this, digest = std::string(asset.digests[form]),
                     size = asset.sizes[form],
                     done = std::move(done)](Result<base::Fd> opened) {
                      Result<Content> content =
                          opened ? ReadContent(std::move(*opened), size)
                                 : Result<Content>(std::move(opened).error());
                      if (content) Keep(digest, *content);
                      done(std::move(content));
                    });
}

void AssetStore::Keep(std::string digest, const Content& content) {
  const base::MutexLock lock(mutex_);
  if (contents_.contains(digest)) return;  // another shard asked too
  Entries& entries = content->file == nullptr ? in_memory_ : files_;
  entries.push_front({std::move(digest), content});
  contents_.emplace(entries.front().digest, entries.begin());
  bytes_ += content->bytes.size();
  while (bytes_ > limits_.bytes && in_memory_.size() > 1) {
    DropOldest(in_memory_);
  }
  while (files_.size() > limits_.files) DropOldest(files_);
}

void AssetStore::DropOldest(Entries& entries) {
  const Entry& oldest = entries.back();
  bytes_ -= oldest.content->bytes.size();
  contents_.erase(oldest.digest);
  entries.pop_back();
}

}  // namespace caravel::host
