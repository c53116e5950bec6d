#include "net/fair_shares.h"

#include <algorithm>

#include "base/check.h"

namespace caravel::net {

bool FairShares::TryTake(const std::string& owner) {
  const auto known = owners_.find(owner);
  if (known == owners_.end()) {
    if (!MayTake(0)) return false;
  } else if (!known->second.waiting.empty() || !MayTake(known->second.held)) {
    return false;
  }
  Take(owner);
  return true;
}

void FairShares::Take(const std::string& owner) {
  ++owners_[owner].held;
  --free_;
}

void FairShares::Release(const std::string& owner) {
  Owner& holder = owners_.at(owner);
  CARAVEL_CHECK(holder.held > 0, owner);
  --holder.held;
  ++free_;
  DropIfUnused(owner);
}

void FairShares::Wait(const std::string& owner, uint64_t number) {
  std::set<uint64_t>& waiting = owners_[owner].waiting;
  if (waiting.empty()) turns_.push_back(owner);
  CARAVEL_CHECK(waiting.empty() || *waiting.rbegin() < number, number);
  waiting.insert(waiting.end(), number);
}

void FairShares::StopWaiting(const std::string& owner, uint64_t number) {
  const auto known = owners_.find(owner);
  if (known == owners_.end()) return;
  if (known->second.waiting.erase(number) == 0) return;
  if (known->second.waiting.empty()) turns_.remove(owner);
  DropIfUnused(owner);
}

std::optional<uint64_t> FairShares::TakeNext() {
  const auto next = std::find_if(
      turns_.begin(), turns_.end(),
      [this](const auto& name) { return MayTake(owners_.at(name).held); });
  if (next == turns_.end()) return std::nullopt;
  Owner& owner = owners_.at(*next);
  const uint64_t number = *owner.waiting.begin();
  owner.waiting.erase(owner.waiting.begin());
  Take(*next);
  if (owner.waiting.empty()) {
    turns_.erase(next);
  } else {
    turns_.splice(turns_.end(), turns_, next);
  }
  return number;
}

size_t FairShares::held_by(const std::string& owner) const {
  const auto known = owners_.find(owner);
  return known == owners_.end() ? 0 : known->second.held;
}

void FairShares::DropIfUnused(const std::string& name) {
  const auto known = owners_.find(name);
  if (known->second.held == 0 && known->second.waiting.empty()) {
    owners_.erase(known);
  }
}

}  // namespace caravel::net
