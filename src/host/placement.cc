#include "host/placement.h"

#include <functional>
#include <string_view>

namespace caravel::host {

size_t HomeShard(const registry::WorkerId& worker, size_t shards) {
  return std::hash<std::string_view>()(worker.value) % shards;
}

bool PassedOn::Count(base::SteadyTime now, const HomeLoad& load) {
  if (now - second_begin_ >= std::chrono::seconds(1)) {
    second_begin_ = now;
    count_ = 0;
    told_ = false;
  }
  ++count_;
  if (told_ || (count_ < kBusy && load.unanswered < kUnanswered &&
                load.untaken_for < kUntaken)) {
    return false;
  }
  told_ = true;
  return true;
}

bool PassedOn::IsStale(base::SteadyTime now) const {
  return now - second_begin_ > std::chrono::seconds(10);
}

}  // namespace caravel::host
