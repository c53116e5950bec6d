#pragma once

#include <v8.h>

#include "runtime/js/function.h"

namespace caravel::runtime {

// Node's internal bindings `async_context_frame` and `task_queue`: the frame
// that travels with continuations, and the queue of process.nextTick().
//
// A frame is V8's continuation-preserved embedder data. The platform keeps the
// invocation there, as a number; Node keeps a Map there. So a Map is marked
// with the invocation that it was set in (IsolateState::Current), and where no
// Map was set, JS finds `undefined` while the number stays.
struct NodeAsyncBinding {
  static v8::Local<v8::Value> GetFrame(js::Scope& scope);
  static v8::MaybeLocal<v8::Value> SetFrame(js::Scope& scope,
                                            v8::Local<v8::Value> frame);

  // From here on `callback` runs after each call into JS that left ticks.
  // Gives the words where JS says whether there are any.
  static v8::Local<v8::Value> SetTickCallback(js::Scope& scope,
                                              v8::Local<v8::Function> callback);
  static void RunMicrotasks(js::Scope& scope);
  static void EnqueueMicrotask(js::Scope& scope,
                               v8::Local<v8::Function> callback);

  static constexpr auto Js() {
    return js::Functions(js::Function("getFrame", &GetFrame),
                         js::Function("setFrame", &SetFrame),
                         js::Function("setTickCallback", &SetTickCallback),
                         js::Function("runMicrotasks", &RunMicrotasks),
                         js::Function("enqueueMicrotask", &EnqueueMicrotask));
  }
};

}  // namespace caravel::runtime
