#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "registry/published.h"

// On which shards a Worker has isolates (docs/decisions/home_shards.md): the
// first one on its home; a shard that passes many requests on gets one itself.
namespace caravel::host {

// The same for every shard of a process, whatever they have loaded.
size_t HomeShard(const registry::WorkerId& worker, size_t shards);

// What a home has to do of what one shard has passed on to it, of any Worker.
struct HomeLoad {
  size_t unanswered = 0;  // an answer that has begun holds nobody up
  // How long it has not come round to the oldest that lies in its mailbox: it
  // is in a turn of that length. Who waits for an origin there is not in a
  // turn.
  base::SteadyTime::duration untaken_for{};
};

// The requests for one version that one shard has passed on to its home.
class PassedOn {
 public:
  // So many within a second make the version worth an isolate on the shard that
  // passes them on; so does a home that one of its Workers keeps from the
  // others: so many wait for an answer of it, or one has not been taken for so
  // long.
  static constexpr uint32_t kBusy = 32;
  static constexpr size_t kUnanswered = 16;
  static constexpr std::chrono::milliseconds kUntaken{30};

  // Another one, to a home with that `load`. True when the version is worth an
  // isolate; not again within the same second.
  bool Count(base::SteadyTime now, const HomeLoad& load);

  // Nothing was passed on for a while: the count is worth nothing.
  bool IsStale(base::SteadyTime now) const;

 private:
  base::SteadyTime second_begin_{};
  uint32_t count_ = 0;
  bool told_ = false;
};

// What a shard has of a version.
enum class Presence : unsigned char {
  kNone,
  kLoading,  // an isolate that is not ready to answer
  kLoaded,
};

enum class Route : unsigned char {
  kHere,
  kHome,
  kHomeAndLoad,  // to the home, and an isolate is to be loaded here
};

// Where the shard sends a request for a version. `worth_isolate` is what
// Count() says of it. Until an isolate here is loaded the home goes on
// answering.
constexpr Route ChooseRoute(bool is_home, Presence presence,
                            bool worth_isolate) {
  if (is_home || presence == Presence::kLoaded) return Route::kHere;
  return worth_isolate && presence == Presence::kNone ? Route::kHomeAndLoad
                                                      : Route::kHome;
}

}  // namespace caravel::host
