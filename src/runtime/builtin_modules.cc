#include "runtime/builtin_modules.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <string>
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
  bool of_node = false;  // only for Workers that have Node's modules
};

constexpr std::array kBuiltinMakers = {
    BuiltinMaker{"cloudflare:node", "cloudflareNode", true},
    BuiltinMaker{"cloudflare:sockets", "cloudflareSockets"},
    BuiltinMaker{"cloudflare:workers", "cloudflareWorkers"},
};

const BuiltinMaker* FindBuiltinMaker(std::string_view specifier) {
  const auto* maker = std::find_if(
      kBuiltinMakers.begin(), kBuiltinMakers.end(),
      [&](const BuiltinMaker& known) { return known.specifier == specifier; });
  return maker == kBuiltinMakers.end() ? nullptr : maker;
}

// The object's own enumerable members with names; false: V8 holds the
// exception.
bool MembersOf(js::Scope& scope, v8::Local<v8::Object> object,
               SyntheticModules::Exports& members) {
  v8::Local<v8::Array> keys;
  if (!object
           ->GetOwnPropertyNames(scope.context(),
                                 static_cast<v8::PropertyFilter>(
                                     v8::PropertyFilter::ONLY_ENUMERABLE |
                                     v8::PropertyFilter::SKIP_SYMBOLS),
                                 v8::KeyConversionMode::kConvertToString)
           .ToLocal(&keys)) {
    return false;
  }
  std::set<std::string, std::less<>> seen;
  for (uint32_t i = 0; i < keys->Length(); ++i) {
    v8::Local<v8::Value> key;
    v8::Local<v8::Value> value;
    if (!keys->Get(scope.context(), i).ToLocal(&key) ||
        !object->Get(scope.context(), key).ToLocal(&value)) {
      return false;
    }
    // Names that differ in lone surrogates alone are one in UTF-8, and V8 ends
    // the process over two exports of a name.
    std::string name = js::ToUtf8(scope, key.As<v8::String>());
    if (seen.insert(name).second) members.emplace_back(std::move(name), value);
  }
  return true;
}

}  // namespace

bool IsBuiltinModule(std::string_view specifier, bool node) {
  const BuiltinMaker* maker = FindBuiltinMaker(specifier);
  return maker != nullptr && (node || !maker->of_node);
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
  SyntheticModules::Exports exports;
  if (!MembersOf(scope, exported.As<v8::Object>(), exports)) return {};
  return scope.state().synthetic_modules->Make(scope, specifier,
                                               std::move(exports));
}

v8::MaybeLocal<v8::Module> MakeNodeModule(js::Scope& scope,
                                          std::string_view specifier) {
  const auto dispatch = scope.state().dispatch.Get(scope.isolate());
  v8::Local<v8::Value> load;
  v8::Local<v8::Value> exported;
  v8::Local<v8::Value> name = js::NewString(scope, specifier);
  if (!dispatch->Get(scope.context(), scope.Name("nodeModule"))
           .ToLocal(&load) ||
      !load.As<v8::Function>()
           ->Call(scope.context(), dispatch, 1, &name)
           .ToLocal(&exported) ||
      !exported->IsObject()) {
    return {};
  }
  // As Node has it: the members by their names, the whole as the default.
  SyntheticModules::Exports exports;
  if (!MembersOf(scope, exported.As<v8::Object>(), exports)) return {};
  std::erase_if(exports, [](const auto& e) { return e.first == "default"; });
  exports.emplace_back("default", exported);
  return scope.state().synthetic_modules->Make(scope, specifier,
                                               std::move(exports));
}

}  // namespace caravel::runtime
