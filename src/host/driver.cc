#include "host/driver.h"

#include <utility>

namespace caravel::host {

void Drive(Seat& seat, Seat::Epoch epoch, Drivable& shard,
           runtime::RunGuard& guard) {
  while (shard.BeginRound()) {
    while (std::unique_ptr<Turn> turn = shard.NextTurn()) {
      seat.BeginTurn(epoch);
      turn->Run(guard);
      if (!seat.EndTurn(epoch)) {
        shard.PostFinished(std::move(turn));
        return;
      }
      shard.Finished(std::move(turn));
    }
    shard.EndRound();
  }
}

}  // namespace caravel::host
