#include "runtime/ops/platform_ops.h"

#include <array>

#include "registry/compatibility.h"
#include "runtime/code_recorder.h"
#include "runtime/isolate_state.h"

namespace caravel::runtime {
namespace {

// With the module's code cache, if it has one and V8 takes it.
v8::MaybeLocal<v8::Script> CompileLazy(js::Scope& scope, std::string_view name,
                                       v8::Local<v8::String> source,
                                       std::string_view code_cache) {
  const v8::ScriptOrigin origin(
      js::NewString(scope, fmt::format("caravel:{}", name)));
  // The cache belongs to the engine; V8 only reads it.
  auto* cached = code_cache.empty()
                     ? nullptr
                     : new v8::ScriptCompiler::CachedData(
                           reinterpret_cast<const uint8_t*>(code_cache.data()),
                           static_cast<int>(code_cache.size()),
                           v8::ScriptCompiler::CachedData::BufferNotOwned);
  v8::ScriptCompiler::Source script_source(source, origin, cached);
  return v8::ScriptCompiler::Compile(
      scope.context(), &script_source,
      cached == nullptr ? v8::ScriptCompiler::kNoCompileOptions
                        : v8::ScriptCompiler::kConsumeCodeCache);
}

}  // namespace

InvocationId PlatformOps::CurrentInvocation(js::Scope& scope) {
  return scope.state().Current(scope);
}

v8::MaybeLocal<v8::Function> FunctionOf(js::Scope& scope,
                                        v8::Local<v8::Script> script) {
  v8::Local<v8::Value> value;
  if (!script->Run(scope.context()).ToLocal(&value)) return {};
  CARAVEL_CHECK(value->IsFunction());
  return value.As<v8::Function>();
}

v8::MaybeLocal<v8::Value> PlatformOps::LoadLazy(js::Scope& scope,
                                                std::string name) {
  IsolateState& state = scope.state();
  const auto loaded = state.lazy_exports.find(name);
  if (loaded != state.lazy_exports.end()) {
    return loaded->second.Get(scope.isolate());
  }
  const Engine::LazyModule* module = state.engine().FindLazy(name);
  CARAVEL_CHECK(module != nullptr, name);
  v8::Local<v8::Script> script;
  v8::Local<v8::Function> function;
  if (!CompileLazy(scope, name, js::NewString(scope, module->source),
                   module->code_cache)
           .ToLocal(&script) ||
      !FunctionOf(scope, script).ToLocal(&function)) {
    return {};
  }
  if (CodeRecorder* recorder = state.engine().recorder()) {
    recorder->OnLazy(scope, name, script);
  }
  const auto native = state.native.Get(scope.isolate());
  const auto dispatch = state.dispatch.Get(scope.isolate());
  v8::Local<v8::Value> lazy;
  v8::Local<v8::Value> internals;
  v8::Local<v8::Value> exports;
  if (!native->Get(scope.context(), scope.Name("loadLazy")).ToLocal(&lazy) ||
      !dispatch->Get(scope.context(), scope.Name("internals"))
           .ToLocal(&internals)) {
    return {};
  }
  std::array<v8::Local<v8::Value>, 4> arguments = {
      native, scope.context()->Global(), lazy, internals};
  if (!function
           ->Call(scope.context(), v8::Undefined(scope.isolate()),
                  static_cast<int>(arguments.size()), arguments.data())
           .ToLocal(&exports)) {
    return {};
  }
  state.lazy_exports[name].Reset(scope.isolate(), exports);
  return exports;
}

std::vector<std::string> PlatformOps::CompatibilityFlags(js::Scope& scope) {
  std::vector<std::string> flags;
  for (const registry::CompatibilityFlag& flag :
       registry::CompatibilityFlags()) {
    flags.emplace_back(flag.enable);
    flags.emplace_back(scope.state().compatibility.IsOn(flag.enable) ? "on"
                                                                     : "");
  }
  return flags;
}

}  // namespace caravel::runtime
