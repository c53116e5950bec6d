#pragma once

#include <v8.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "registry/bundle.h"
#include "registry/published.h"
#include "runtime/inbox.h"
#include "runtime/outbox.h"
#include "runtime/run_guard.h"

namespace caravel::runtime {

class Engine;

// What became of loading a bundle.
struct Loaded {
  std::string error;                  // empty: the Worker can take requests
  std::vector<std::string> handlers;  // "fetch", …
  std::vector<std::string> exports;   // names of its other exports
  uint64_t startup_us = 0;            // CPU time
};

// A V8 isolate with one context. It is made from the snapshot ahead of time, is
// given to one version of a Worker by Load(), and then runs turns.
//
// Threads: one at a time, which need not be the same: each call that goes into
// V8 takes its lock. Who calls brings the guard of its thread, through which a
// monitor ends calls into JS that use too much CPU time.
class Isolate {
 public:
  // `engine` and `clock` outlive the isolate. `wake` is called, on any thread,
  // when V8 has work that needs a turn.
  static std::unique_ptr<Isolate> Create(const Engine& engine,
                                         const base::Clock& clock);
  ~Isolate();
  Isolate(const Isolate&) = delete;
  Isolate& operator=(const Isolate&) = delete;

  void SetWake(std::function<void()> wake);

  // Compiles the bundle's modules, evaluates the main one, and makes `env`.
  // `code_cache` may be empty, or one that CodeCache() made of the same bundle.
  // Start-up may use kStartupLimit of CPU time.
  // Requires: first call on this isolate.
  Loaded Load(std::shared_ptr<const registry::Bundle> bundle,
              const registry::Version& version, std::string_view code_cache,
              RunGuard& guard);

  // V8's code cache for the loaded modules. Requires: Load() succeeded.
  std::string CodeCache();

  // Bytes of this Worker that wait outside until clients and origins take them:
  // they count against its memory limit, from the next turn on.
  void SetWaitingBytes(size_t bytes);

  // Hands JS everything in `inbox`, which is empty afterwards, runs microtasks,
  // and appends what JS asked for to `outbox`. Requires: Load() succeeded, or
  // nothing is in `inbox`.
  void Turn(Inbox& inbox, Outbox& outbox, RunGuard& guard);

  // Empties an outbox of this isolate that has been carried out, and keeps some
  // of the memory of its answers for those to come. Between turns; needs no
  // lock.
  void TakeBack(Outbox& outbox);

  // Gives back what the isolate has of memory and does not use, which takes
  // some milliseconds: for one that rests after it was busy.
  void Shrink();

  // True once the isolate can serve no further request (it ran out of memory,
  // of its heap or of what counts beside that): all its invocations have ended.
  bool condemned() const;
  // Invocations that have not ended.
  size_t running() const;

  // What the isolate holds: V8's heap and array buffers as of its last turn,
  // and what TakeBack() has kept.
  size_t memory_bytes() const;

 private:
  class Impl;
  explicit Isolate(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// CPU time that start-up may take before the checker refuses the bundle.
inline constexpr std::chrono::milliseconds kStartupLimit{1000};

}  // namespace caravel::runtime
