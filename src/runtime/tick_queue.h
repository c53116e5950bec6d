#pragma once

#include <v8.h>

#include <array>
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
  // As JS sees them, a Uint8Array: [0] there are ticks, [1] unused (Node's word
  // for rejections), [2] how many modules of the library are being loaded.
  v8::Local<v8::Value> Words(js::Scope& scope);
  void SetCallback(js::Scope& scope, v8::Local<v8::Function> callback);

  // Runs all that is due. Requires of the callback: it catches what a tick
  // throws, and leaves no tick unless the isolate is being terminated.
  void RunAll(js::Scope& scope);
  bool running() const { return running_; }

  // Whether a call that was ended just now was ended inside Node's library: its
  // queue and its modules are then in no state to go on with.
  bool interrupted() const {
    return words_ != nullptr && ((*words_)[0] != 0 || (*words_)[2] != 0);
  }

  void Clear();

 private:
  using WordArray = std::array<uint8_t, 4>;
  bool HasTicks() const { return words_ != nullptr && (*words_)[0] != 0; }

  std::shared_ptr<WordArray> words_;  // JS writes to them
  v8::Global<v8::Uint8Array> array_;
  v8::Global<v8::Function> callback_;
  bool running_ = false;
};

}  // namespace caravel::runtime
