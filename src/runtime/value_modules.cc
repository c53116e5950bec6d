#include "runtime/value_modules.h"

#include "base/check.h"
#include "runtime/isolate_state.h"
#include "runtime/js/convert.h"
#include "runtime/synthetic_modules.h"
#include "runtime/wasm_module.h"

namespace caravel::runtime {

namespace {

v8::MaybeLocal<v8::WasmModuleObject> CompileWasm(
    js::Scope& scope, const registry::Bundle::ModuleView& module) {
  const auto compile = [&](std::string_view bytes) {
    return v8::WasmModuleObject::Compile(
        scope.isolate(),
        {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  };
  v8::Local<v8::WasmModuleObject> compiled;
  if (!compile(module.content).ToLocal(&compiled)) return {};
  const Result<std::string> exporting = ExportMemories(module.content);
  if (!exporting) {
    js::ThrowTypeError(scope, fmt::format("\"{}\": {}", module.name,
                                          exporting.error().message()));
    return {};
  }
  return exporting->empty() ? compiled : compile(*exporting);
}

// By the platform's own script, which a limit can end.
v8::MaybeLocal<v8::Value> ParseJson(js::Scope& scope, std::string_view json) {
  const auto dispatch = scope.state().dispatch.Get(scope.isolate());
  v8::Local<v8::Value> parse;
  v8::Local<v8::Value> text = js::NewString(scope, json);
  if (!dispatch->Get(scope.context(), scope.Name("parseJson"))
           .ToLocal(&parse)) {
    return {};
  }
  return parse.As<v8::Function>()->Call(scope.context(), dispatch, 1, &text);
}

}  // namespace

v8::MaybeLocal<v8::Value> ValueOf(js::Scope& scope,
                                  const registry::Bundle::ModuleView& module) {
  switch (module.type) {
    case registry::ModuleType::kText:
      return js::NewString(scope, module.content);
    case registry::ModuleType::kData:
      return js::ToJs(scope, js::NewBytes{std::string(module.content)});
    case registry::ModuleType::kJson:
      return ParseJson(scope, module.content);
    case registry::ModuleType::kWasm:
      return CompileWasm(scope, module);
    case registry::ModuleType::kCommonJs:
    case registry::ModuleType::kEsModule:
    case registry::ModuleType::kScript:
    case registry::ModuleType::kSourceMap:
      CARAVEL_CHECK(false, static_cast<int>(module.type));
  }
  return {};
}

v8::MaybeLocal<v8::Module> MakeValueModule(
    js::Scope& scope, const registry::Bundle::ModuleView& module) {
  v8::Local<v8::Value> value;
  if (!ValueOf(scope, module).ToLocal(&value)) return {};
  return scope.state().synthetic_modules->Make(scope, module.name,
                                               {{"default", value}});
}

}  // namespace caravel::runtime
