#include "runtime/module_map.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/codec.h"
#include "runtime/builtin_modules.h"
#include "runtime/isolate_state.h"
#include "runtime/js/convert.h"
#include "runtime/not_built.h"
#include "runtime/promise_hooks.h"
#include "runtime/stack_text.h"
#include "runtime/value_modules.h"

namespace caravel::runtime {
namespace {

// A module's source where the mapped bundle has it. V8 owns the resource.
class MappedSource final : public v8::String::ExternalOneByteStringResource {
 public:
  MappedSource(std::shared_ptr<const registry::Bundle> bundle,
               std::string_view text)
      : bundle_(std::move(bundle)), text_(text) {}
  const char* data() const override { return text_.data(); }
  size_t length() const override { return text_.size(); }

 private:
  std::shared_ptr<const registry::Bundle> bundle_;
  std::string_view text_;
};

bool IsAsciiText(std::string_view text) {
  unsigned char seen = 0;
  for (const char c : text) seen |= static_cast<unsigned char>(c);
  return seen < 0x80;
}

// Joins a relative specifier to the folder of the module that names it, and
// folds "." and "..".
std::string JoinPath(std::string_view referrer, std::string_view specifier) {
  std::vector<std::string_view> parts;
  const auto push_all = [&parts](std::string_view path) {
    while (!path.empty()) {
      const size_t slash = path.find('/');
      const std::string_view part = path.substr(0, slash);
      path = slash == std::string_view::npos ? "" : path.substr(slash + 1);
      if (part.empty() || part == ".") continue;
      if (part == ".." && !parts.empty()) {
        parts.pop_back();
      } else if (part != "..") {
        parts.push_back(part);
      }
    }
  };
  const size_t slash = referrer.rfind('/');
  if (slash != std::string_view::npos) push_all(referrer.substr(0, slash));
  push_all(specifier);
  std::string path;
  for (const std::string_view part : parts) {
    if (!path.empty()) path += '/';
    path += part;
  }
  return path;
}

v8::ScriptCompiler::CompileOptions OptionsFor(
    const v8::ScriptCompiler::Source& source) {
  return source.GetCachedData() == nullptr
             ? v8::ScriptCompiler::kNoCompileOptions
             : v8::ScriptCompiler::kConsumeCodeCache;
}

v8::ScriptCompiler::CachedData* CreateCache(v8::Local<v8::Function> function) {
  return v8::ScriptCompiler::CreateCodeCacheForFunction(function);
}

template <typename Code>
v8::ScriptCompiler::CachedData* CreateCache(v8::Local<Code> code) {
  return v8::ScriptCompiler::CreateCodeCache(code);
}

v8::MaybeLocal<v8::Module> RefuseImport(js::Scope& scope,
                                        std::string_view specifier,
                                        std::string_view referrer, bool node) {
  const bool has_scheme = specifier.starts_with("node:");
  const bool of_node =
      scope.state().engine().node_library().Find(
          has_scheme ? specifier.substr(5) : specifier) != nullptr;
  const bool builtin =
      specifier.starts_with("cloudflare:") || ((has_scheme || node) && of_node);
  if (!node && ((has_scheme && of_node) || IsBuiltinModule(specifier, true))) {
    js::ThrowTypeError(
        scope, fmt::format("\"{}\" imports \"{}\", a module of Node: add the "
                           "compatibility flag nodejs_compat, or take a "
                           "compatibility date from 2026-08-04 on",
                           referrer, specifier));
    return {};
  }
  js::ThrowTypeError(
      scope,
      builtin ? fmt::format(
                    "\"{}\" imports \"{}\", which Caravel does not have yet: "
                    "remove the import, or bundle a replacement for it",
                    referrer, specifier)
              : fmt::format("No such module \"{}\", imported from \"{}\"",
                            specifier, referrer));
  return {};
}

}  // namespace

ModuleMap::ModuleMap(std::shared_ptr<const registry::Bundle> bundle,
                     std::string_view code_cache, bool has_node)
    : bundle_(std::move(bundle)), has_node_(has_node), source_maps_(bundle_) {
  using Caches = std::map<std::string, std::string>;
  // A cache that cannot be read is no loss but of time.
  Result<Caches> caches = base::Decode<Caches>(code_cache);
  if (caches) code_caches_.insert(caches->begin(), caches->end());
}

v8::MaybeLocal<v8::Promise> ModuleMap::Start(js::Scope& scope) {
  const registry::Bundle::ModuleView* main =
      bundle_->Find(bundle_->main_module());
  CARAVEL_CHECK(main != nullptr, bundle_->main_module());
  v8::Local<v8::Module> module;
  v8::Local<v8::Value> promise;
  if (!Load(scope, *main).ToLocal(&module) || !Link(scope, module) ||
      !Evaluate(scope, module).ToLocal(&promise)) {
    return {};
  }
  return promise.As<v8::Promise>();
}

bool ModuleMap::RunScript(js::Scope& scope) {
  v8::ScriptCompiler::Source source =
      SourceFor(scope, *bundle_->Find(bundle_->main_module()));
  v8::Local<v8::UnboundScript> script;
  v8::Local<v8::Value> result;
  if (!v8::ScriptCompiler::CompileUnboundScript(scope.isolate(), &source,
                                                OptionsFor(source))
           .ToLocal(&script)) {
    return false;
  }
  script_.Reset(scope.isolate(), script);
  return script->BindToCurrentContext()->Run(scope.context()).ToLocal(&result);
}

v8::Local<v8::Object> ModuleMap::MainNamespace(js::Scope& scope) const {
  const auto entry = entries_.find(bundle_->main_module());
  CARAVEL_CHECK(entry != entries_.end());
  return entry->second.module.Get(scope.isolate())
      ->GetModuleNamespace()
      .As<v8::Object>();
}

std::string ModuleMap::MainSource(js::Scope& scope) {
  const std::string_view name = bundle_->main_module();
  const SourceMap* map = source_maps_.Find(scope, name);
  return std::string(
      map == nullptr || map->last_source().empty() ? name : map->last_source());
}

v8::MaybeLocal<v8::Promise> ModuleMap::Import(js::Scope& scope,
                                              v8::Local<v8::String> specifier,
                                              std::string_view referrer) {
  v8::Local<v8::Promise::Resolver> resolver;
  if (!NewResolver(scope).ToLocal(&resolver)) {
    return {};
  }
  if (specifier->Length() > kMostSpecifierLength) {
    const auto error = v8::Exception::TypeError(js::NewString(
        scope, fmt::format("import(): the specifier has {} characters, and may "
                           "have {}",
                           specifier->Length(), kMostSpecifierLength)));
    if (resolver->Reject(scope.context(), error).IsNothing()) return {};
    return resolver->GetPromise();
  }
  // Not here and now: the module, or one that it imports, may be under
  // evaluation on this very stack, and V8 ends the process when it is evaluated
  // again.
  const Place call = PlaceOfCall(scope, referrer);
  std::array<v8::Local<v8::Value>, 5> request = {
      specifier, js::NewString(scope, referrer), resolver,
      v8::Integer::New(scope.isolate(), call.line),
      v8::Integer::New(scope.isolate(), call.column)};
  v8::Local<v8::Function> import;
  if (!v8::Function::New(
           scope.context(), &ImportInMicrotask,
           v8::Array::New(scope.isolate(), request.data(), request.size()), 0,
           v8::ConstructorBehavior::kThrow)
           .ToLocal(&import)) {
    return {};
  }
  scope.context()->GetMicrotaskQueue()->EnqueueMicrotask(scope.isolate(),
                                                         import);
  return resolver->GetPromise();
}

void ModuleMap::ImportInMicrotask(
    const v8::FunctionCallbackInfo<v8::Value>& info) {
  js::Scope scope(info.GetIsolate());
  const auto request = info.Data().As<v8::Array>();
  v8::Local<v8::Value> specifier;
  v8::Local<v8::Value> referrer;
  v8::Local<v8::Value> resolver_value;
  v8::Local<v8::Value> line;
  v8::Local<v8::Value> column;
  if (!request->Get(scope.context(), 0).ToLocal(&specifier) ||
      !request->Get(scope.context(), 1).ToLocal(&referrer) ||
      !request->Get(scope.context(), 2).ToLocal(&resolver_value) ||
      !request->Get(scope.context(), 3).ToLocal(&line) ||
      !request->Get(scope.context(), 4).ToLocal(&column)) {
    return;
  }
  const std::string name = js::ToUtf8(scope, referrer.As<v8::String>());
  const Place call = {line.As<v8::Int32>()->Value(),
                      column.As<v8::Int32>()->Value()};
  const auto resolver = resolver_value.As<v8::Promise::Resolver>();
  v8::TryCatch caught(scope.isolate());
  v8::Local<v8::Promise> imported;
  if (scope.state()
          .modules
          ->ImportNow(scope, js::ToUtf8(scope, specifier.As<v8::String>()),
                      {.name = name, .module = {}, .call = call})
          .ToLocal(&imported)) {
    (void)resolver->Resolve(scope.context(), imported);
  } else if (caught.CanContinue()) {
    (void)resolver->Reject(scope.context(), caught.Exception());
  } else {
    caught.ReThrow();
  }
}

v8::MaybeLocal<v8::Promise> ModuleMap::ImportNow(js::Scope& scope,
                                                 std::string_view specifier,
                                                 const Importer& importer) {
  v8::Local<v8::Module> module;
  v8::Local<v8::Value> evaluation;
  v8::Local<v8::Function> give_namespace;
  if (!Resolve(scope, specifier, importer).ToLocal(&module) ||
      !Link(scope, module) || !Evaluate(scope, module).ToLocal(&evaluation) ||
      // Resolves with the namespace once the evaluation, which may wait, is
      // done.
      !v8::Function::New(
           scope.context(),
           [](const v8::FunctionCallbackInfo<v8::Value>& info) {
             info.GetReturnValue().Set(info.Data());
           },
           module->GetModuleNamespace(), 0, v8::ConstructorBehavior::kThrow)
           .ToLocal(&give_namespace)) {
    return {};
  }
  return evaluation.As<v8::Promise>()->Then(scope.context(), give_namespace);
}

const registry::Bundle::ModuleView* ModuleMap::Find(
    std::string_view specifier, std::string_view referrer) const {
  const registry::Bundle::ModuleView* module = bundle_->Find(specifier);
  if (module == nullptr &&
      (specifier.starts_with("./") || specifier.starts_with("../"))) {
    const std::string path = JoinPath(referrer, specifier);
    module = bundle_->Find(path);
    if (module == nullptr) module = bundle_->Find("./" + path);
  }
  const bool is_importable = module != nullptr &&
                             module->type != registry::ModuleType::kSourceMap &&
                             module->type != registry::ModuleType::kScript;
  return is_importable ? module : nullptr;
}

v8::MaybeLocal<v8::Value> ModuleMap::Evaluate(js::Scope& scope,
                                              v8::Local<v8::Module> module) {
  const v8::MaybeLocal<v8::Value> evaluation =
      module->Evaluate(scope.context());
  if (scope.isolate()->IsExecutionTerminating()) interrupted_ = true;
  return evaluation;
}

bool ModuleMap::Link(js::Scope& scope, v8::Local<v8::Module> module) {
  if (module->GetStatus() != v8::Module::kUninstantiated) return true;
  const bool outer = std::exchange(linking_, true);
  const bool linked =
      module->InstantiateModule(scope.context(), &ResolveCallback)
          .FromMaybe(false);
  linking_ = outer;
  return linked;
}

v8::MaybeLocal<v8::Module> ModuleMap::Resolve(js::Scope& scope,
                                              std::string_view specifier,
                                              const Importer& importer) {
  if (const auto* module = Find(specifier, importer.name); module != nullptr) {
    return Load(scope, *module);
  }
  if (IsBuiltinModule(specifier, has_node_))
    return LoadBuiltin(scope, specifier);
  if (has_node_) {
    v8::TryCatch caught(scope.isolate());
    v8::Local<v8::Module> loaded;
    if (LoadNodeModule(scope, specifier).ToLocal(&loaded)) return loaded;
    if (caught.HasCaught()) {
      caught.ReThrow();
      return {};
    }
  }
  refused_node_module_ |= MayBeNodeModule(specifier);
  return RefuseImport(scope, specifier, SourceOf(scope, specifier, importer),
                      has_node_);
}

std::string ModuleMap::SourceOf(js::Scope& scope, std::string_view specifier,
                                const Importer& importer) {
  const SourceMap* map = source_maps_.Find(scope, importer.name);
  const Place place =
      map == nullptr ? Place() : PlaceOf(scope, specifier, importer);
  if (place.line > 0) {
    const auto origin = map->Find(static_cast<uint32_t>(place.line),
                                  static_cast<uint32_t>(place.column));
    if (origin) return fmt::format("{}:{}", origin->source, origin->line);
  }
  return std::string(importer.name);
}

ModuleMap::Place ModuleMap::PlaceOfCall(js::Scope& scope,
                                        std::string_view module) {
  const v8::Local<v8::StackTrace> stack =
      v8::StackTrace::CurrentStackTrace(scope.isolate(), 1);
  if (stack->GetFrameCount() == 0) return {};
  const v8::Local<v8::StackFrame> caller = stack->GetFrame(scope.isolate(), 0);
  const v8::Local<v8::String> script = caller->GetScriptName();
  if (script.IsEmpty() || js::ToUtf8(scope, script) != module) return {};
  return {caller->GetLineNumber(), caller->GetColumn()};
}

ModuleMap::Place ModuleMap::PlaceOf(js::Scope& scope,
                                    std::string_view specifier,
                                    const Importer& importer) {
  if (importer.module.IsEmpty()) return importer.call;
  const v8::Local<v8::FixedArray> requests =
      importer.module->GetModuleRequests();
  for (int i = 0; i < requests->Length(); ++i) {
    const auto request = requests->Get(i).As<v8::ModuleRequest>();
    if (js::ToUtf8(scope, request->GetSpecifier()) != specifier) continue;
    v8::Location place =
        importer.module->SourceOffsetToLocation(request->GetSourceOffset());
    return {place.GetLineNumber() + 1, place.GetColumnNumber() + 1};
  }
  return {};
}

v8::MaybeLocal<v8::Module> ModuleMap::Load(
    js::Scope& scope, const registry::Bundle::ModuleView& module) {
  const auto known = entries_.find(module.name);
  if (known != entries_.end()) return known->second.module.Get(scope.isolate());
  v8::Local<v8::Module> loaded;
  const auto load = [&]() -> v8::MaybeLocal<v8::Module> {
    switch (module.type) {
      case registry::ModuleType::kEsModule:
        return LoadEsModule(scope, module);
      case registry::ModuleType::kCommonJs:
        return LoadCommonJs(scope, std::string(module.name));
      default:
        return MakeValueModule(scope, module);
    }
  };
  const v8::MaybeLocal<v8::Module> result = load();
  if (!result.ToLocal(&loaded)) return {};
  Entry& entry = entries_[std::string(module.name)];
  entry.module.Reset(scope.isolate(), loaded);
  if (module.type == registry::ModuleType::kEsModule) {
    entry.unbound.Reset(scope.isolate(), loaded->GetUnboundModuleScript());
  }
  names_.emplace(loaded->GetIdentityHash(),
                 std::pair(v8::Global<v8::Module>(scope.isolate(), loaded),
                           std::string(module.name)));
  return loaded;
}

v8::ScriptCompiler::Source ModuleMap::SourceFor(
    js::Scope& scope, const registry::Bundle::ModuleView& module) const {
  v8::Local<v8::String> source;
  if (!IsAsciiText(module.content) ||
      !v8::String::NewExternalOneByte(scope.isolate(),
                                      new MappedSource(bundle_, module.content))
           .ToLocal(&source)) {
    source = js::NewString(scope, module.content);
  }
  const v8::ScriptOrigin origin(js::NewString(scope, module.name), 0, 0, false,
                                -1, v8::Local<v8::Value>(), false, false,
                                module.type == registry::ModuleType::kEsModule);
  const auto cache = code_caches_.find(module.name);
  auto* cached =
      cache == code_caches_.end()
          ? nullptr
          : new v8::ScriptCompiler::CachedData(
                reinterpret_cast<const uint8_t*>(cache->second.data()),
                static_cast<int>(cache->second.size()),
                v8::ScriptCompiler::CachedData::BufferNotOwned);
  return v8::ScriptCompiler::Source(source, origin, cached);
}

v8::MaybeLocal<v8::Module> ModuleMap::LoadEsModule(
    js::Scope& scope, const registry::Bundle::ModuleView& module) {
  v8::ScriptCompiler::Source source = SourceFor(scope, module);
  return v8::ScriptCompiler::CompileModule(scope.isolate(), &source,
                                           OptionsFor(source));
}

v8::MaybeLocal<v8::Function> ModuleMap::CompileCommonJs(
    js::Scope& scope, const registry::Bundle::ModuleView& module,
    v8::LocalVector<v8::String>& parameters) {
  v8::ScriptCompiler::Source source = SourceFor(scope, module);
  return v8::ScriptCompiler::CompileFunction(
      scope.context(), &source, parameters.size(), parameters.data(), 0,
      nullptr, OptionsFor(source));
}

v8::MaybeLocal<v8::Module> ModuleMap::LoadBuiltin(js::Scope& scope,
                                                  std::string_view specifier) {
  const auto known = entries_.find(specifier);
  if (known != entries_.end()) return known->second.module.Get(scope.isolate());
  v8::Local<v8::Module> module;
  if (!MakeBuiltinModule(scope, specifier).ToLocal(&module)) return {};
  entries_[std::string(specifier)].module.Reset(scope.isolate(), module);
  return module;
}

v8::MaybeLocal<v8::Module> ModuleMap::LoadNodeModule(
    js::Scope& scope, std::string_view specifier) {
  const auto known = entries_.find(specifier);
  if (known != entries_.end()) return known->second.module.Get(scope.isolate());
  v8::Local<v8::Module> module;
  if (!MakeNodeModule(scope, specifier).ToLocal(&module)) return {};
  entries_[std::string(specifier)].module.Reset(scope.isolate(), module);
  return module;
}

std::string ModuleMap::NameOf(js::Scope&, v8::Local<v8::Module> module) const {
  const auto [begin, end] = names_.equal_range(module->GetIdentityHash());
  for (auto name = begin; name != end; ++name) {
    if (name->second.first == module) return name->second.second;
  }
  return {};
}

v8::MaybeLocal<v8::Module> ModuleMap::ResolveCallback(
    v8::Local<v8::Context>, v8::Local<v8::String> specifier,
    v8::Local<v8::FixedArray>, v8::Local<v8::Module> referrer) {
  js::Scope scope(v8::Isolate::GetCurrent());
  ModuleMap& map = *scope.state().modules;
  const std::string name = map.NameOf(scope, referrer);
  return map.Resolve(scope, js::ToUtf8(scope, specifier),
                     {.name = name, .module = referrer, .call = {}});
}

std::string ModuleMap::Rewrite(js::Scope& scope, std::string_view stack) {
  return RewriteStack(stack, [&](std::string_view module) {
    return source_maps_.Find(scope, module);
  });
}

std::string ModuleMap::MakeCodeCache(js::Scope& scope) {
  std::map<std::string, std::string> caches;
  const auto add = [&caches](std::string_view name, const auto& code) {
    const std::unique_ptr<v8::ScriptCompiler::CachedData> cache(
        CreateCache(code));
    if (cache == nullptr) return;
    caches.emplace(name, std::string(reinterpret_cast<const char*>(cache->data),
                                     static_cast<size_t>(cache->length)));
  };
  for (const auto& [name, entry] : entries_) {
    if (!entry.unbound.IsEmpty()) {
      add(name, entry.unbound.Get(scope.isolate()));
    }
  }
  for (const auto& [name, function] : common_js_.functions()) {
    add(name, function.Get(scope.isolate()));
  }
  if (!script_.IsEmpty()) {
    add(bundle_->main_module(), script_.Get(scope.isolate()));
  }
  return base::Encode(caches);
}

}  // namespace caravel::runtime
