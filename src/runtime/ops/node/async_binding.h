#pragma once

#include <v8.h>

#include <optional>

#include "runtime/js/function.h"

namespace caravel::runtime {

// Node's internal bindings `async_context_frame` and `task_queue`: the frame
// that travels with continuations, and the queue of process.nextTick().
//
// A frame is V8's continuation-preserved embedder data. The platform keeps the
// invocation there, as a number; Node keeps a Map of storages there. Where a
// Map was set, an array of both stands there, which JS never sees: it gets and
// sets the Map, and the invocation stays what it is. So what was bound to
// storages in one invocation runs in another as that one's.
struct NodeAsyncBinding {
  // V8's own functions that get and set that data, in an object: those that its
  // compiler knows. They are for Node's library alone.
  static v8::Local<v8::Value> ContinuationData(js::Scope& scope);
  // The running code goes on as that of another invocation, with its storages.
  static void EnterInvocation(js::Scope& scope, int32_t invocation);

  // The words by which Node's library tells of its state
  // (runtime/tick_queue.h).
  static v8::Local<v8::Value> Words(js::Scope& scope);
  // From here on `callback` runs after each call into JS that left ticks.
  static void SetTickCallback(js::Scope& scope,
                              v8::Local<v8::Function> callback);
  // Does nothing but in that callback: elsewhere a module may be under
  // evaluation, and a microtask would enter it.
  static void RunMicrotasks(js::Scope& scope);
  static void EnqueueMicrotask(js::Scope& scope,
                               v8::Local<v8::Function> callback);

  // V8 calls these for each promise of script and of the platform's own from
  // here on: that it is made (with its parent), before and after a reaction of
  // it, and that it is settled (runtime/promise_hooks.h). What is no function
  // is not called. Requires of them: they throw nothing, and tell script of
  // none of the platform's.
  static void SetPromiseHooks(js::Scope& scope, v8::Local<v8::Value> init,
                              v8::Local<v8::Value> before,
                              v8::Local<v8::Value> after,
                              v8::Local<v8::Value> settled);

  // Whether the platform called the function that asks, itself one of the
  // platform's, V8's builtins between them left aside; else script did, Node's
  // library too. None where nobody did: the engine calls for itself.
  static std::optional<bool> CalledByPlatform(js::Scope& scope);

  static constexpr auto Js() {
    return js::Functions(js::Function("continuationData", &ContinuationData),
                         js::Function("enterInvocation", &EnterInvocation),
                         js::Function("words", &Words),
                         js::Function("setTickCallback", &SetTickCallback),
                         js::Function("runMicrotasks", &RunMicrotasks),
                         js::Function("enqueueMicrotask", &EnqueueMicrotask),
                         js::Function("setPromiseHooks", &SetPromiseHooks),
                         js::Function("calledByPlatform", &CalledByPlatform));
  }
};

// The Map of storages that travels with the running code; empty: there is none.
v8::Local<v8::Value> StoragesOf(js::Scope& scope);
// The running code goes on as that of `invocation`, with those storages.
void SetStorages(js::Scope& scope, int32_t invocation,
                 v8::Local<v8::Value> storages);

}  // namespace caravel::runtime
