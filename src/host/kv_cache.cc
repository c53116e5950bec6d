// What is dropped is freed without the lock, which all shards share.
#include "host/kv_cache.h"

#include <algorithm>

namespace caravel::host {
namespace {

// Of an entry beside its texts: nodes of two trees and of a list.
constexpr size_t kOverhead = 256;

size_t BytesOf(const registry::KvPlace& place,
               const registry::KvAnswer& answer) {
  const registry::KvItem& item = answer.items.front();
  return kOverhead + place.space.size() + place.key.size() + item.value.size() +
         (item.metadata ? item.metadata->size() : 0);
}

}  // namespace

bool KvCache::IsLeased() const {
  return clock_.Steady().time_since_epoch().count() <
         lease_ns_.load(std::memory_order_acquire);
}

KvCache::Answer KvCache::Find(std::string_view space, std::string_view key) {
  if (!IsLeased()) return nullptr;
  const base::MutexLock lock(mutex_);
  const auto found = entries_.find(NameView(space, key));
  if (found == entries_.end()) return nullptr;
  const registry::KvItem& item = found->second.answer->items.front();
  // In seconds: what a Worker chose may be beyond the clock's nanoseconds.
  if (item.expiration &&
      *item.expiration <= std::chrono::duration_cast<std::chrono::seconds>(
                              clock_.Wall().time_since_epoch())
                              .count()) {
    return nullptr;
  }
  std::list<const Name*>& order = found->second.account->second.order;
  order.splice(order.end(), order, found->second.place);
  return found->second.answer;
}

void KvCache::Keep(std::string_view account, const registry::KvPlace& place,
                   Answer answer) {
  const size_t bytes = BytesOf(place, *answer);
  if (bytes > limits_.entry) return;
  std::vector<Answer> dropped;
  const base::MutexLock lock(mutex_);
  const auto before = entries_.find(NameView(place.space, place.key));
  if (before != entries_.end()) Remove(before, dropped);
  auto owner = accounts_.find(account);
  if (owner == accounts_.end()) {
    owner = accounts_.emplace(account, Account()).first;
  }
  const auto entry =
      entries_.emplace(Name(place.space, place.key), Entry()).first;
  owner->second.order.push_back(&entry->first);
  owner->second.bytes += bytes;
  bytes_ += bytes;
  entry->second = {.answer = std::move(answer),
                   .bytes = bytes,
                   .account = owner,
                   .place = std::prev(owner->second.order.end())};
  MakeRoom(dropped);
}

void KvCache::MakeRoom(std::vector<Answer>& dropped) {
  while (bytes_ > limits_.bytes) {
    const auto most = std::max_element(accounts_.begin(), accounts_.end(),
                                       [](const auto& a, const auto& b) {
                                         return a.second.bytes < b.second.bytes;
                                       });
    Remove(entries_.find(*most->second.order.front()), dropped);
  }
}

void KvCache::Remove(Entries::iterator entry, std::vector<Answer>& dropped) {
  const Accounts::iterator account = entry->second.account;
  account->second.order.erase(entry->second.place);
  account->second.bytes -= entry->second.bytes;
  bytes_ -= entry->second.bytes;
  dropped.push_back(std::move(entry->second.answer));
  entries_.erase(entry);
  if (account->second.order.empty()) accounts_.erase(account);
}

void KvCache::Drop(const std::vector<registry::KvPlace>& places) {
  std::vector<Answer> dropped;
  const base::MutexLock lock(mutex_);
  for (const registry::KvPlace& place : places) {
    if (place.key.empty()) {
      DropSpace(place.space, dropped);
      continue;
    }
    const auto found = entries_.find(NameView(place.space, place.key));
    if (found != entries_.end()) Remove(found, dropped);
  }
}

void KvCache::DropSpace(std::string_view space, std::vector<Answer>& dropped) {
  auto entry = entries_.lower_bound(NameView(space, ""));
  while (entry != entries_.end() && entry->first.first == space) {
    Remove(entry++, dropped);
  }
}

void KvCache::DropAll() {
  Entries entries;
  const base::MutexLock lock(mutex_);
  entries.swap(entries_);
  accounts_.clear();
  bytes_ = 0;
}

size_t KvCache::bytes() const {
  const base::MutexLock lock(mutex_);
  return bytes_;
}

}  // namespace caravel::host
