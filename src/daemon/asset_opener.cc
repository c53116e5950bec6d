#include "daemon/asset_opener.h"

#include <algorithm>

#include "base/hex.h"

namespace caravel::daemon {

Result<base::Fd> AssetOpener::Open(const std::string& list, const Wish& wish) {
  if (!wish) return blobs_.Open(list);
  CARAVEL_TRY(const List known, ListOf(list));
  const auto form = static_cast<size_t>(wish->coding);
  if (wish->index >= known->size() || !known->At(wish->index).has[form]) {
    return Error(ErrorCode::kDenied,
                 fmt::format("list {} has no asset {} in coding {}", list,
                             wish->index, form));
  }
  return blobs_.Open(base::ToHex(known->At(wish->index).digests[form]));
}

AssetOpener::List AssetOpener::Remembered(const std::string& digest) {
  const base::MutexLock lock(mutex_);
  const auto known =
      std::ranges::find(lists_, digest, &std::pair<std::string, List>::first);
  if (known == lists_.end()) return nullptr;
  lists_.splice(lists_.begin(), lists_, known);
  return known->second;
}

Result<AssetOpener::List> AssetOpener::ListOf(const std::string& digest) {
  if (List known = Remembered(digest)) return known;
  CARAVEL_TRY(const base::Fd file, blobs_.Open(digest));
  CARAVEL_TRY(registry::AssetList list, registry::AssetList::Map(file));
  auto read = std::make_shared<const registry::AssetList>(std::move(list));
  const base::MutexLock lock(mutex_);
  // Another thread may have read the same one.
  std::erase_if(lists_, [&](const auto& each) { return each.first == digest; });
  lists_.emplace_front(digest, read);
  if (lists_.size() > kMostLists) lists_.pop_back();
  return read;
}

}  // namespace caravel::daemon
