#include "host/cache.h"

#include <algorithm>

namespace caravel::host {
namespace {

// Of the lists and maps, for one answer.
constexpr size_t kBytesOfEntry = 512;

std::string PlaceOf(const Cache::Key& key) {
  return key.cache + '\n' + key.url;
}

// All values of a field, as one.
std::string ValueOf(const net::Headers& headers, std::string_view name) {
  std::string value;
  for (size_t i = 0; i < headers.size(); ++i) {
    if (!net::EqualsIgnoringCase(headers[i].name, name)) continue;
    if (!value.empty()) value += ", ";
    value += headers[i].value;
  }
  return value;
}

}  // namespace

size_t CachedAnswer::bytes() const {
  size_t total = sizeof *this + reason.size() + headers.bytes() + body.size();
  for (const auto& [name, value] : varies) total += name.size() + value.size();
  return total;
}

size_t Cache::SizeOf(const Entry& entry) {
  return entry.answer->bytes() + 2 * entry.place.size() + kBytesOfEntry;
}

std::vector<std::shared_ptr<const CachedAnswer>> Cache::VariantsOf(
    const Key& key) const {
  std::vector<std::shared_ptr<const CachedAnswer>> variants;
  const base::MutexLock lock(mutex_);
  const auto account = accounts_.find(key.account);
  if (account == accounts_.end()) return variants;
  const auto place = account->second.by_place.find(PlaceOf(key));
  if (place == account->second.by_place.end()) return variants;
  for (const Entries::iterator entry : place->second) {
    variants.push_back(entry->answer);
  }
  return variants;
}

std::shared_ptr<const CachedAnswer> Cache::Match(const Key& key,
                                                 const net::Headers& request) {
  // All shards share the lock: what depends on the request is done without it.
  const auto variants = VariantsOf(key);
  const auto found = std::ranges::find_if(variants, [&](const auto& answer) {
    return std::ranges::all_of(answer->varies, [&](const auto& vary) {
      return ValueOf(request, vary.first) == vary.second;
    });
  });
  if (found == variants.end()) return nullptr;
  const auto& answer = *found;
  const bool fresh = answer->expires > clock_.Wall();

  const base::MutexLock lock(mutex_);
  const auto account = accounts_.find(key.account);
  if (account == accounts_.end()) return nullptr;
  const auto place = account->second.by_place.find(PlaceOf(key));
  if (place == account->second.by_place.end()) return nullptr;
  const auto kept = std::ranges::find(
      place->second, answer,
      [](const Entries::iterator& entry) { return entry->answer; });
  if (kept == place->second.end()) return fresh ? answer : nullptr;
  if (!fresh) {
    Drop(account->second, *kept);
    Forget(key.account);
    return nullptr;
  }
  Entries& entries = account->second.entries;
  entries.splice(entries.begin(), entries, *kept);
  return answer;
}

void Cache::Put(const Key& key, std::shared_ptr<const CachedAnswer> answer) {
  if (answer->varies.size() > kMostVaryNames) return;
  const base::MutexLock lock(mutex_);
  Account& account = accounts_[key.account];
  const std::string place = PlaceOf(key);
  if (const auto found = account.by_place.find(place);
      found != account.by_place.end()) {
    const auto same = std::ranges::find_if(
        found->second, [&](const Entries::iterator& entry) {
          return entry->answer->varies == answer->varies;
        });
    if (same != found->second.end()) {
      Drop(account, *same);
    } else if (found->second.size() >= kMostVariants) {
      Drop(account, found->second.front());
    }
  }
  account.entries.push_front({place, std::move(answer)});
  account.by_place[place].push_back(account.entries.begin());
  account.bytes += SizeOf(account.entries.front());
  bytes_ += SizeOf(account.entries.front());
  MakeRoom();
}

bool Cache::Delete(const Key& key) {
  const base::MutexLock lock(mutex_);
  const auto account = accounts_.find(key.account);
  if (account == accounts_.end()) return false;
  const auto place = account->second.by_place.find(PlaceOf(key));
  if (place == account->second.by_place.end()) return false;
  const base::WallTime now = clock_.Wall();
  bool fresh = false;
  for (const Entries::iterator entry : std::vector(place->second)) {
    fresh |= entry->answer->expires > now;
    Drop(account->second, entry);
  }
  Forget(key.account);
  return fresh;
}

void Cache::Drop(Account& account, Entries::iterator entry) {
  account.bytes -= SizeOf(*entry);
  bytes_ -= SizeOf(*entry);
  const auto place = account.by_place.find(entry->place);
  std::erase(place->second, entry);
  if (place->second.empty()) account.by_place.erase(place);
  account.entries.erase(entry);
}

void Cache::MakeRoom() {
  while (bytes_ > limits_.bytes) {
    const auto most = std::ranges::max_element(
        accounts_, {}, [](const auto& each) { return each.second.bytes; });
    if (most->second.entries.empty()) return;
    Drop(most->second, std::prev(most->second.entries.end()));
    Forget(std::string(most->first));
  }
}

void Cache::Forget(const std::string& account) {
  const auto found = accounts_.find(account);
  if (found == accounts_.end()) return;
  if (found->second.entries.empty() && found->second.arriving == 0) {
    accounts_.erase(found);
  }
}

bool Cache::Reserve(const std::string& account, size_t bytes) {
  const base::MutexLock lock(mutex_);
  Account& of = accounts_[account];
  // Half for one, so that it leaves room for others.
  if (arriving_ + bytes > limits_.arriving ||
      of.arriving + bytes > limits_.arriving / 2) {
    Forget(account);
    return false;
  }
  of.arriving += bytes;
  arriving_ += bytes;
  return true;
}

void Cache::Release(const std::string& account, size_t bytes) {
  const base::MutexLock lock(mutex_);
  const auto found = accounts_.find(account);
  if (found == accounts_.end()) return;
  found->second.arriving -= bytes;
  arriving_ -= bytes;
  Forget(account);
}

size_t Cache::bytes() const {
  const base::MutexLock lock(mutex_);
  return bytes_;
}

}  // namespace caravel::host
