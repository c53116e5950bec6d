#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "runtime/run_guard.h"

namespace caravel::host {

// Who drives a shard, and how another thread takes over while a turn of JS runs
// too long (docs/architecture.md, "Takeover").
//
// A driver owns a shard for one epoch. It may lose the shard only between
// BeginTurn() and EndTurn(); one compare-and-set on the word decides between
// the turn's end and the takeover. So who comes back from a turn and finds the
// epoch gone has touched nothing that the next driver touches, and may only
// post what the turn made.
class Seat {
 public:
  using Epoch = uint64_t;

  Epoch epoch() const { return word_.load(std::memory_order_acquire) >> 1; }

  // By the driver. Requires: it drives `epoch` and is in no turn.
  void BeginTurn(Epoch epoch) {
    word_.store(epoch << 1 | 1, std::memory_order_release);
  }
  // False: another thread has taken over; the caller must let go of the shard.
  [[nodiscard]] bool EndTurn(Epoch epoch) {
    uint64_t word = epoch << 1 | 1;
    return word_.compare_exchange_strong(word, epoch << 1,
                                         std::memory_order_acq_rel);
  }

  // By any thread: the epoch to drive from now on, if a turn of `seen` runs.
  std::optional<Epoch> TakeOver(Epoch seen) {
    uint64_t word = seen << 1 | 1;
    if (!word_.compare_exchange_strong(word, (seen + 1) << 1,
                                       std::memory_order_acq_rel)) {
      return std::nullopt;
    }
    return seen + 1;
  }

 private:
  std::atomic<uint64_t> word_{1 << 1};  // epoch, and whether a turn runs
};

// A turn, with everything that it touches: the isolate, what has arrived, what
// comes of it. Owned by the driver while it runs, else by the shard.
class Turn {
 public:
  virtual ~Turn() = default;
  virtual void Run(runtime::RunGuard& guard) = 0;
};

// What is driven. Threads: the driving one, but for PostFinished.
class Drivable {
 public:
  virtual ~Drivable() = default;
  // Waits for something to do and collects it; false: stop driving.
  virtual bool BeginRound() = 0;
  // The next turn that can run; none, and the round is over.
  virtual std::unique_ptr<Turn> NextTurn() = 0;
  virtual void Finished(std::unique_ptr<Turn> turn) = 0;
  virtual void EndRound() = 0;
  // From a thread that has lost the seat: has Finished() called by the driver.
  virtual void PostFinished(std::unique_ptr<Turn> turn) = 0;
};

// Drives `shard` until it stops or the seat is lost; the calling thread is then
// free. Nothing but these three references lives across a turn.
void Drive(Seat& seat, Seat::Epoch epoch, Drivable& shard,
           runtime::RunGuard& guard);

}  // namespace caravel::host
