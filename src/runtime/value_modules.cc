#include "runtime/value_modules.h"

#include "base/check.h"
#include "runtime/isolate_state.h"
#include "runtime/js/convert.h"
#include "runtime/synthetic_modules.h"

namespace caravel::runtime {

v8::MaybeLocal<v8::Module> MakeValueModule(
    js::Scope& scope, const registry::Bundle::ModuleView& module) {
  v8::Local<v8::Value> value;
  switch (module.type) {
    case registry::ModuleType::kText:
      value = js::NewString(scope, module.content);
      break;
    case registry::ModuleType::kData:
      value = js::ToJs(scope, js::NewBytes{std::string(module.content)});
      break;
    case registry::ModuleType::kJson:
      if (!v8::JSON::Parse(scope.context(),
                           js::NewString(scope, module.content))
               .ToLocal(&value)) {
        return {};
      }
      break;
    case registry::ModuleType::kWasm: {
      v8::Local<v8::WasmModuleObject> wasm;
      if (!v8::WasmModuleObject::Compile(
               scope.isolate(),
               {reinterpret_cast<const uint8_t*>(module.content.data()),
                module.content.size()})
               .ToLocal(&wasm)) {
        return {};
      }
      value = wasm;
      break;
    }
    case registry::ModuleType::kEsModule:
    case registry::ModuleType::kSourceMap:
      CARAVEL_CHECK(false, static_cast<int>(module.type));
  }
  return scope.state().synthetic_modules->Make(scope, module.name,
                                               {{"default", value}});
}

}  // namespace caravel::runtime
