#include "runtime/source_maps.h"

#include <utility>

#include "runtime/js/convert.h"

namespace caravel::runtime {

const SourceMap* SourceMaps::Find(js::Scope& scope, std::string_view module) {
  const registry::Bundle::ModuleView* file =
      bundle_->Find(std::string(module) + ".map");
  if (file == nullptr) return nullptr;
  const auto [known, is_new] = maps_.try_emplace(file);
  std::unique_ptr<SourceMap>& map = known->second;
  if (!is_new) return map.get();
  const v8::TryCatch ignore(scope.isolate());
  v8::Local<v8::Value> parsed;
  v8::Local<v8::Value> mappings;
  v8::Local<v8::Value> sources;
  if (!v8::JSON::Parse(scope.context(), js::NewString(scope, file->content))
           .ToLocal(&parsed) ||
      !parsed->IsObject() ||
      !parsed.As<v8::Object>()
           ->Get(scope.context(), scope.Name("mappings"))
           .ToLocal(&mappings) ||
      !parsed.As<v8::Object>()
           ->Get(scope.context(), scope.Name("sources"))
           .ToLocal(&sources) ||
      !mappings->IsString() || !sources->IsArray()) {
    return nullptr;
  }
  std::vector<std::string> names;
  if (!js::FromJs(scope, sources, {"source map", 1}, names)) return nullptr;
  map = std::make_unique<SourceMap>(
      js::ToUtf8(scope, mappings.As<v8::String>()), std::move(names));
  return map.get();
}

}  // namespace caravel::runtime
