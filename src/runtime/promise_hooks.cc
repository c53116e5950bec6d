#include "runtime/promise_hooks.h"

#include <algorithm>
#include <cstddef>

#include "runtime/isolate_state.h"

namespace caravel::runtime {

void PromiseHooks::Set(js::Scope& scope, const Functions& functions) {
  for (size_t i = 0; i < functions.size(); ++i) {
    functions_[i].Reset(scope.isolate(), functions[i]);
  }
  any_ = std::ranges::any_of(
      functions, [](const auto& function) { return !function.IsEmpty(); });
  Install(scope);
}

void PromiseHooks::Clear() {
  for (auto& function : functions_) function.Reset();
  any_ = false;
}

void PromiseHooks::Install(js::Scope& scope) const {
  Functions functions;
  for (size_t i = 0; i < functions.size(); ++i) {
    functions[i] = functions_[i].Get(scope.isolate());
  }
  scope.context()->SetPromiseHooks(functions[0], functions[1], functions[2],
                                   functions[3]);
}

PromiseHooks::Pause::Pause(js::Scope& scope) : scope_(scope) {
  if (scope.state().promise_hooks.any_) {
    scope.context()->SetPromiseHooks({}, {}, {}, {});
  }
}

PromiseHooks::Pause::~Pause() {
  const PromiseHooks& hooks = scope_.state().promise_hooks;
  if (hooks.any_) hooks.Install(scope_);
}

v8::MaybeLocal<v8::Promise::Resolver> NewResolver(js::Scope& scope) {
  const PromiseHooks::Pause pause(scope);
  return v8::Promise::Resolver::New(scope.context());
}

}  // namespace caravel::runtime
