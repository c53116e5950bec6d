#pragma once

#include <v8.h>

#include <cstdint>
#include <memory>

#include "runtime/js/scope.h"

namespace caravel::runtime {

// What runs after a call into JS: its microtasks and, where the Worker uses
// Node's process.nextTick(), the ticks, which go first. Node's library keeps
// the queue itself (internal/process/task_queues); here are the words by which
// it says that there are ticks, and the callback that runs them.
//
// Source: Node's documentation, "The Node.js event loop".
// Threads: the one that is in the isolate.
class TickQueue {
 public:
  // The words as JS sees them: a Uint8Array of two elements.
  v8::Local<v8::Value> Start(js::Scope& scope,
                             v8::Local<v8::Function> callback);

  // Runs all that is due. Requires of the callback: it catches what a tick
  // throws, and leaves no tick unless the isolate is being terminated.
  void RunAll(js::Scope& scope);

  void Clear();

 private:
  bool HasTicks() const { return words_ != nullptr && words_[0] != 0; }

  std::shared_ptr<v8::BackingStore> memory_;
  const uint8_t* words_ = nullptr;  // in memory_
  v8::Global<v8::Function> callback_;
};

}  // namespace caravel::runtime
