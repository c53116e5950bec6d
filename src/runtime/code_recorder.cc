#include "runtime/code_recorder.h"

#include <memory>

namespace caravel::runtime {

std::string BytesOf(const v8::ScriptCompiler::CachedData& cache) {
  return {reinterpret_cast<const char*>(cache.data),
          static_cast<size_t>(cache.length)};
}

void CodeRecorder::OnPlatform(js::Scope& scope, v8::Local<v8::Script> script) {
  isolate_ = scope.isolate();
  platform_.Reset(isolate_, script);
}

void CodeRecorder::OnLazy(js::Scope& scope, std::string_view name,
                          v8::Local<v8::Script> script) {
  isolate_ = scope.isolate();
  lazy_[std::string(name)].Reset(isolate_, script->GetUnboundScript());
}

void CodeRecorder::OnNode(js::Scope& scope, std::string_view id,
                          v8::Local<v8::Function> function) {
  isolate_ = scope.isolate();
  node_[std::string(id)].Reset(isolate_, function);
}

CodeCaches CodeRecorder::Take() {
  CodeCaches caches;
  if (isolate_ == nullptr) return caches;
  const v8::Locker locker(isolate_);
  const v8::Isolate::Scope isolate_scope(isolate_);
  const v8::HandleScope handles(isolate_);
  if (!platform_.IsEmpty()) {
    caches.called =
        platform_.Get(isolate_)->GetCompileHintsCollector()->GetCompileHints(
            isolate_);
  }
  using Cache = std::unique_ptr<v8::ScriptCompiler::CachedData>;
  for (const auto& [name, script] : lazy_) {
    caches.lazy[name] = BytesOf(
        *Cache(v8::ScriptCompiler::CreateCodeCache(script.Get(isolate_))));
  }
  for (const auto& [id, function] : node_) {
    caches.node[id] =
        BytesOf(*Cache(v8::ScriptCompiler::CreateCodeCacheForFunction(
            function.Get(isolate_))));
  }
  platform_.Reset();
  lazy_.clear();
  node_.clear();
  return caches;
}

}  // namespace caravel::runtime
