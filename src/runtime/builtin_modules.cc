#include "runtime/builtin_modules.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "runtime/isolate_state.h"
#include "runtime/js/convert.h"
#include "runtime/synthetic_modules.h"

namespace caravel::runtime {
namespace {

// What makes a module's exports, from the Worker's bindings: a function of the
// snapshot's dispatch object (runtime/web/dispatch.ts).
struct BuiltinMaker {
  std::string_view specifier;
  std::string_view function;
};

constexpr std::array kBuiltinMakers = {
    BuiltinMaker{"cloudflare:workers", "cloudflareWorkers"},
};

const BuiltinMaker* FindBuiltinMaker(std::string_view specifier) {
  const auto* maker = std::find_if(
      kBuiltinMakers.begin(), kBuiltinMakers.end(),
      [&](const BuiltinMaker& known) { return known.specifier == specifier; });
  return maker == kBuiltinMakers.end() ? nullptr : maker;
}

}  // namespace

bool IsBuiltinModule(std::string_view specifier) {
  return FindBuiltinMaker(specifier) != nullptr;
}

v8::MaybeLocal<v8::Module> MakeBuiltinModule(js::Scope& scope,
                                             std::string_view specifier) {
  const BuiltinMaker* maker = FindBuiltinMaker(specifier);
  CARAVEL_CHECK(maker != nullptr, specifier);
  const auto dispatch = scope.state().dispatch.Get(scope.isolate());
  v8::Local<v8::Value> make;
  v8::Local<v8::Value> exported;
  v8::Local<v8::Value> env = scope.state().env.Get(scope.isolate());
  if (!dispatch->Get(scope.context(), scope.Name(maker->function))
           .ToLocal(&make) ||
      !make.As<v8::Function>()
           ->Call(scope.context(), dispatch, 1, &env)
           .ToLocal(&exported)) {
    return {};
  }
  const auto object = exported.As<v8::Object>();
  v8::Local<v8::Array> keys;
  if (!object->GetOwnPropertyNames(scope.context()).ToLocal(&keys)) return {};
  SyntheticModules::Exports exports;
  for (uint32_t i = 0; i < keys->Length(); ++i) {
    v8::Local<v8::Value> key;
    v8::Local<v8::Value> value;
    if (!keys->Get(scope.context(), i).ToLocal(&key) ||
        !object->Get(scope.context(), key).ToLocal(&value)) {
      return {};
    }
    exports.emplace_back(js::ToUtf8(scope, key.As<v8::String>()), value);
  }
  return scope.state().synthetic_modules->Make(scope, specifier,
                                               std::move(exports));
}

}  // namespace caravel::runtime
