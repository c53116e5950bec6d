#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

namespace caravel::net {

// Divides a number of places among owners who do not know each other, so that
// none of them can take them all. An owner gets another place while it holds
// fewer than are free: alone it comes to half of them, with others in the end
// to 1/(owners + 1) each. Who holds none finds one, or gets the first that is
// given back. (The rule is known from the buffers of switches: Choudhury and
// Hahne, "Dynamic queue length thresholds", 1998.)
//
// Who may not go on waits under a number of its own: in order within an owner,
// and owners in turn.
//
// Threads: one at a time.
class FairShares {
 public:
  explicit FairShares(size_t places) : free_(places) {}

  // False: `owner` has its share, or others of it wait.
  [[nodiscard]] bool TryTake(const std::string& owner);
  // Whether or not it has its share, for what must not wait.
  void Take(const std::string& owner);
  // Gives back a place that was taken.
  void Release(const std::string& owner);

  // Requires: `number` is above all that wait.
  void Wait(const std::string& owner, uint64_t number);
  // No effect on a number that does not wait.
  void StopWaiting(const std::string& owner, uint64_t number);
  // The next that waits and may go on; it has its place then.
  std::optional<uint64_t> TakeNext();

  size_t held_by(const std::string& owner) const;

 private:
  struct Owner {
    size_t held = 0;
    std::set<uint64_t> waiting;  // an empty one costs no memory
  };
  bool MayTake(size_t held) const {
    return free_ > 0 && held < static_cast<size_t>(free_);
  }
  void DropIfUnused(const std::string& name);

  int64_t free_;  // below 0 when more were taken than there are
  std::unordered_map<std::string, Owner> owners_;  // who hold or wait
  std::list<std::string> turns_;  // who wait, whose turn it is first
};

}  // namespace caravel::net
