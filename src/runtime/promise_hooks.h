#pragma once

#include <v8.h>

#include <array>

#include "runtime/js/scope.h"

namespace caravel::runtime {

// The functions that V8 calls for each promise of the isolate, where Node's
// library asks for them (promiseHooks of node:v8, async_hooks). They are
// script, which may do anything: so native code makes and settles its promises
// by NewResolver(), and by Settle() and Reject() of isolate_state.h, of which
// they are not told.
//
// Threads: the one that is in the isolate.
class PromiseHooks {
 public:
  // That a promise is made, before and after a reaction, that it is settled.
  using Functions = std::array<v8::Local<v8::Function>, 4>;

  // Those that are empty are not called.
  void Set(js::Scope& scope, const Functions& functions);
  void Clear();

  // While it lives no hook is called. Requires: no other lives.
  class Pause {
   public:
    explicit Pause(js::Scope& scope);
    ~Pause();
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    js::Scope& scope_;
  };

 private:
  void Install(js::Scope& scope) const;

  std::array<v8::Global<v8::Function>, 4> functions_;
  bool any_ = false;
};

// Empty only when the isolate is being terminated.
v8::MaybeLocal<v8::Promise::Resolver> NewResolver(js::Scope& scope);

}  // namespace caravel::runtime
