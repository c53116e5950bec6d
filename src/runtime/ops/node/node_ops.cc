#include "runtime/ops/node/node_ops.h"

#include <span>

#include "runtime/code_recorder.h"
#include "runtime/isolate_state.h"
#include "runtime/js/convert.h"
#include "runtime/ops/node/async_binding.h"
#include "runtime/ops/node/buffer_binding.h"
#include "runtime/ops/node/crypto/crypto_binding.h"
#include "runtime/ops/node/files_binding.h"
#include "runtime/ops/node/http_binding.h"
#include "runtime/ops/node/modules_binding.h"
#include "runtime/ops/node/types_binding.h"
#include "runtime/ops/node/util_binding.h"
#include "runtime/ops/node/zlib_binding.h"

namespace caravel::runtime {
namespace {

constexpr std::string_view kParameters[] = {"exports",         "require",
                                            "module",          "process",
                                            "internalBinding", "primordials"};
constexpr std::string_view kContextParameters[] = {
    "exports", "primordials", "privateSymbols", "perIsolateSymbols"};

// A module's source where the library has it mapped, which outlives all
// isolates. V8 owns the resource.
class LibrarySource final : public v8::String::ExternalOneByteStringResource {
 public:
  explicit LibrarySource(std::string_view text) : text_(text) {}
  const char* data() const override { return text_.data(); }
  size_t length() const override { return text_.size(); }

 private:
  std::string_view text_;
};

template <typename Binding>
v8::Local<v8::Value> Make(js::Scope& scope) {
  const auto made = v8::Object::New(scope.isolate());
  js::Install<Binding>(scope, made);
  return made;
}

struct NamedBinding {
  std::string_view name;
  v8::Local<v8::Value> (*make)(js::Scope& scope);
};
constexpr NamedBinding kBindings[] = {
    {"async", &Make<NodeAsyncBinding>},
    {"buffer", &Make<NodeBufferBinding>},
    {"crypto", &Make<NodeCryptoBinding>},
    {"files", &Make<NodeFilesBinding>},
    {"http", &Make<NodeHttpBinding>},
    {"modules", &Make<NodeModulesBinding>},
    {"types", &Make<NodeTypesBinding>},
    {"util", &Make<NodeUtilBinding>},
    {"zlib", &Make<NodeZlibBinding>},
};

}  // namespace

v8::MaybeLocal<v8::Function> CompileNodeModule(
    js::Scope& scope, std::string_view id, const NodeLibrary::Module& module,
    v8::ScriptCompiler::CompileOptions options) {
  v8::Local<v8::String> source;
  if (!v8::String::NewExternalOneByte(scope.isolate(),
                                      new LibrarySource(module.source))
           .ToLocal(&source)) {
    return {};
  }
  const bool for_context = id.starts_with("internal/per_context/");
  const std::span<const std::string_view> names =
      for_context ? std::span<const std::string_view>(kContextParameters)
                  : std::span<const std::string_view>(kParameters);
  v8::LocalVector<v8::String> parameters(scope.isolate());
  for (const std::string_view name : names) {
    parameters.push_back(scope.Name(name));
  }
  // The cache belongs to the library; V8 only reads it.
  v8::ScriptCompiler::CachedData* cached = nullptr;
  if (!module.code_cache.empty()) {
    cached = new v8::ScriptCompiler::CachedData(
        reinterpret_cast<const uint8_t*>(module.code_cache.data()),
        static_cast<int>(module.code_cache.size()),
        v8::ScriptCompiler::CachedData::BufferNotOwned);
    options = v8::ScriptCompiler::kConsumeCodeCache;
  }
  const v8::ScriptOrigin origin(
      js::NewString(scope, fmt::format("node:{}", id)));
  v8::ScriptCompiler::Source text(source, origin, cached);
  return v8::ScriptCompiler::CompileFunction(
      scope.context(), &text, parameters.size(), parameters.data(), 0, nullptr,
      options);
}

v8::MaybeLocal<v8::Value> NodeOps::NodeCompile(js::Scope& scope,
                                               std::string id) {
  const NodeLibrary::Module* module =
      scope.state().engine().node_library().Find(id);
  if (module == nullptr) return v8::Null(scope.isolate());
  v8::Local<v8::Function> function;
  if (!CompileNodeModule(scope, id, *module).ToLocal(&function)) return {};
  if (CodeRecorder* recorder = scope.state().engine().recorder()) {
    recorder->OnNode(scope, id, function);
  }
  return function;
}

std::vector<std::string> NodeOps::NodeModules(js::Scope& scope) {
  const std::vector<std::string_view> ids =
      scope.state().engine().node_library().Ids();
  return {ids.begin(), ids.end()};
}

v8::MaybeLocal<v8::Value> NodeOps::NodeBinding(js::Scope& scope,
                                               std::string name) {
  for (const NamedBinding& binding : kBindings) {
    if (binding.name == name) return binding.make(scope);
  }
  return v8::Null(scope.isolate());
}

}  // namespace caravel::runtime
