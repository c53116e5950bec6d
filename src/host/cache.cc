#include "host/cache.h"

#include <algorithm>
#include <iterator>

namespace caravel::host {
namespace {

// Of the nodes of lists and trees, for one answer.
constexpr size_t kBytesOfEntry = 512;

std::string PlaceOf(const Cache::Key& key) {
  return key.cache + '\n' + key.url;
}

// What a string holds beside itself.
size_t HeldBy(const std::string& text) {
  static const size_t inside = std::string().capacity();
  return text.capacity() > inside ? text.capacity() + 1 : 0;
}

// Whether all values of a field, as one, are `value`.
bool Has(const net::Headers& headers, std::string_view name,
         std::string_view value) {
  bool first = true;
  for (size_t i = 0; i < headers.size(); ++i) {
    const net::Headers::Field field = headers[i];
    if (!net::EqualsIgnoringCase(field.name, name)) continue;
    for (const std::string_view part :
         {std::string_view(first ? "" : ", "), field.value}) {
      if (!value.starts_with(part)) return false;
      value.remove_prefix(part.size());
    }
    first = false;
  }
  return value.empty();
}

bool VariesTooMuch(const CachedAnswer& answer) {
  size_t bytes = 0;
  for (const auto& [name, value] : answer.varies) {
    bytes += name.size() + value.size();
  }
  return answer.varies.size() > Cache::kMostVaryNames ||
         bytes > Cache::kMostVaryBytes;
}

}  // namespace

size_t CachedAnswer::bytes() const {
  size_t total = sizeof *this + HeldBy(reason) + headers.held() + HeldBy(body) +
                 varies.capacity() * sizeof varies[0];
  for (const auto& [name, value] : varies) {
    total += HeldBy(name) + HeldBy(value);
  }
  return total;
}

Cache::Account& Cache::AccountOf(const std::string& name) {
  const auto [found, added] = accounts_.try_emplace(name);
  if (added) found->second.name = &found->first;
  return found->second;
}

Cache::Spot Cache::Find(const Key& key, std::string_view place) {
  const auto account = accounts_.find(key.account);
  if (account == accounts_.end()) return {};
  const auto found = account->second.places.find(place);
  if (found == account->second.places.end()) return {};
  return {&account->second, &found->second};
}

std::vector<std::shared_ptr<const CachedAnswer>> Cache::VariantsOf(
    const Key& key, std::string_view place) {
  std::vector<std::shared_ptr<const CachedAnswer>> variants;
  const base::MutexLock lock(mutex_);
  const Spot spot = Find(key, place);
  if (spot.variants == nullptr) return variants;
  for (const Entries::iterator entry : *spot.variants) {
    variants.push_back(entry->answer);
  }
  return variants;
}

Cache::Found Cache::Match(const Key& key, const net::Headers& request,
                          Stale stale) {
  // All shards share the lock: what depends on the request is done without it.
  const std::string place = PlaceOf(key);
  const auto variants = VariantsOf(key, place);
  const auto match =
      std::find_if(variants.rbegin(), variants.rend(), [&](const auto& answer) {
        return std::ranges::all_of(answer->varies, [&](const auto& vary) {
          return Has(request, vary.first, vary.second);
        });
      });
  if (match == variants.rend()) return nullptr;
  const bool is_given = (*match)->expires > clock_.Wall() ||
                        (stale == Stale::kGiven && (*match)->has_validator());

  Entries freed;
  const base::MutexLock lock(mutex_);
  const Spot spot = Find(key, place);
  if (spot.variants == nullptr) return nullptr;
  const auto kept = std::ranges::find(
      *spot.variants, *match,
      [](const Entries::iterator& each) { return each->answer; });
  if (kept == spot.variants->end()) return nullptr;
  const Entries::iterator entry = *kept;
  Account& account = *spot.account;
  if (!is_given) {
    Drop(entry, freed);
    Forget(account);
    return nullptr;
  }
  if (entry->users == 0) {
    if (account.bytes_in_use + entry->bytes > limits_.bytes / 2 ||
        bytes_in_use_ + entry->bytes > limits_.bytes / 4 * 3) {
      return nullptr;
    }
    BeginChange(account);
    account.in_use.splice(account.in_use.begin(), account.idle, entry);
    account.bytes_in_use += entry->bytes;
    bytes_in_use_ += entry->bytes;
    EndChange(account);
  }
  ++entry->users;
  return Found(entry->answer.get(), GivenBack(this, entry));
}

void Cache::GiveBack(Entries::iterator entry) {
  Entries freed;
  const base::MutexLock lock(mutex_);
  if (--entry->users > 0) return;
  Account& account = *entry->account;
  BeginChange(account);
  account.bytes_in_use -= entry->bytes;
  bytes_in_use_ -= entry->bytes;
  if (entry->kept) {
    account.idle.splice(account.idle.begin(), account.in_use, entry);
  } else {
    account.bytes -= entry->bytes;
    bytes_ -= entry->bytes;
    freed.splice(freed.begin(), account.in_use, entry);
  }
  EndChange(account);
  Forget(account);
}

bool Cache::Put(const Key& key, std::shared_ptr<const CachedAnswer> answer) {
  if (VariesTooMuch(*answer)) return false;
  const std::string place = PlaceOf(key);
  const size_t bytes = answer->bytes() + place.size() + kBytesOfEntry;
  Entries freed;
  Entries added;
  added.push_back({.account = nullptr,
                   .place = {},
                   .answer = std::move(answer),
                   .bytes = bytes});
  const Entries::iterator entry = added.begin();

  const base::MutexLock lock(mutex_);
  Account& account = AccountOf(key.account);
  if (const Spot spot = Find(key, place); spot.variants != nullptr) {
    const auto same = std::ranges::find_if(
        *spot.variants, [&](const Entries::iterator& each) {
          return each->answer->varies == entry->answer->varies;
        });
    if (same != spot.variants->end()) {
      Drop(*same, freed);
    } else if (spot.variants->size() >= kMostVariants) {
      Drop(spot.variants->front(), freed);
    }
  }
  if (!MakeRoom(account, bytes, freed)) {
    Forget(account);
    return false;
  }
  BeginChange(account);
  account.bytes += bytes;
  bytes_ += bytes;
  account.idle.splice(account.idle.begin(), added);
  EndChange(account);
  entry->account = &account;
  entry->place = account.places.try_emplace(place).first;
  entry->place->second.push_back(entry);
  return true;
}

bool Cache::Delete(const Key& key) {
  const std::string place = PlaceOf(key);
  const base::WallTime now = clock_.Wall();
  Entries freed;
  const base::MutexLock lock(mutex_);
  const Spot spot = Find(key, place);
  if (spot.variants == nullptr) return false;
  bool fresh = false;
  for (const Entries::iterator entry : Variants(*spot.variants)) {
    fresh |= entry->answer->expires > now;
    Drop(entry, freed);
  }
  Forget(*spot.account);
  return fresh;
}

void Cache::Drop(Entries::iterator entry, Entries& freed) {
  Account& account = *entry->account;
  std::erase(entry->place->second, entry);
  if (entry->place->second.empty()) account.places.erase(entry->place);
  entry->kept = false;
  if (entry->users > 0) return;
  BeginChange(account);
  account.bytes -= entry->bytes;
  bytes_ -= entry->bytes;
  freed.splice(freed.begin(), account.idle, entry);
  EndChange(account);
}

bool Cache::MakeRoom(Account& account, size_t bytes, Entries& freed) {
  if (bytes > limits_.bytes) return false;
  while (bytes_ + bytes > limits_.bytes) {
    // The account that asks is judged with what it asks for.
    Account* most = &account;
    if (!by_bytes_.empty() &&
        by_bytes_.rbegin()->first > account.bytes + bytes) {
      most = by_bytes_.rbegin()->second;
    }
    if (most->idle.empty()) return false;
    Drop(std::prev(most->idle.end()), freed);
    if (most != &account) Forget(*most);
  }
  return true;
}

void Cache::BeginChange(Account& account) {
  if (!account.idle.empty()) by_bytes_.erase({account.bytes, &account});
}

void Cache::EndChange(Account& account) {
  if (!account.idle.empty()) by_bytes_.emplace(account.bytes, &account);
}

void Cache::Forget(Account& account) {
  if (account.idle.empty() && account.in_use.empty() && account.arriving == 0) {
    accounts_.erase(accounts_.find(*account.name));
  }
}

bool Cache::Reserve(const std::string& account, size_t bytes) {
  const base::MutexLock lock(mutex_);
  Account& of = AccountOf(account);
  // Half for one, so that it leaves room for others.
  if (bytes > limits_.arriving - arriving_ ||
      of.arriving + bytes > limits_.arriving / 2) {
    Forget(of);
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
  Forget(found->second);
}

size_t Cache::bytes() const {
  const base::MutexLock lock(mutex_);
  return bytes_;
}

}  // namespace caravel::host
