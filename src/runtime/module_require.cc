// require() of modules of the bundle, which Node's createRequire() gives.
#include <algorithm>
#include <unordered_map>

#include "runtime/js/convert.h"
#include "runtime/module_map.h"

namespace caravel::runtime {

ModuleMap::RequiredModule ModuleMap::Require(
    js::Scope& scope, const registry::Bundle::ModuleView& view) {
  // Imports of Node's modules run code of the Worker's, which may come here
  // while V8 links.
  if (linking_) return {Required::kInCycle, {}};
  v8::Local<v8::Module> module;
  if (!Load(scope, view).ToLocal(&module) || !Link(scope, module)) {
    return {Required::kFailed, {}};
  }
  if (module->IsGraphAsync()) return {Required::kAsync, {}};
  if (IsInEvaluation(scope, module)) return {Required::kInCycle, {}};
  v8::Local<v8::Value> evaluation;
  if (!Evaluate(scope, module).ToLocal(&evaluation)) {
    return {Required::kFailed, {}};
  }
  const auto promise = evaluation.As<v8::Promise>();
  if (promise->State() == v8::Promise::kRejected) {
    promise->MarkAsHandled();
    scope.isolate()->ThrowException(promise->Result());
    return {Required::kFailed, {}};
  }
  if (promise->State() == v8::Promise::kPending) return {Required::kAsync, {}};
  return {Required::kDone, module->GetModuleNamespace().As<v8::Object>()};
}

bool ModuleMap::IsInEvaluation(js::Scope& scope, v8::Local<v8::Module> module) {
  v8::LocalVector<v8::Module> open(scope.isolate());
  open.push_back(module);
  v8::LocalVector<v8::Module> seen(scope.isolate());
  std::unordered_multimap<int, size_t> by_hash;  // in `seen`
  const auto is_new = [&](v8::Local<v8::Module> found) {
    const auto [begin, end] = by_hash.equal_range(found->GetIdentityHash());
    if (std::any_of(begin, end, [&](const auto& entry) {
          return seen[entry.second] == found;
        })) {
      return false;
    }
    by_hash.emplace(found->GetIdentityHash(), seen.size());
    seen.push_back(found);
    return true;
  };
  while (!open.empty()) {
    const v8::Local<v8::Module> next = open.back();
    open.pop_back();
    if (!is_new(next)) continue;
    if (next->GetStatus() == v8::Module::kEvaluating) return true;
    if (next->IsSyntheticModule() ||
        next->GetStatus() > v8::Module::kEvaluating) {
      continue;
    }
    const v8::Local<v8::FixedArray> requests = next->GetModuleRequests();
    const std::string name = NameOf(scope, next);
    for (int i = 0; i < requests->Length(); ++i) {
      const auto request = requests->Get(i).As<v8::ModuleRequest>();
      v8::Local<v8::Module> imported;
      // Linked: each is known, and found without running anything.
      if (Resolve(scope, js::ToUtf8(scope, request->GetSpecifier()),
                  {.name = name, .module = next, .call = {}})
              .ToLocal(&imported)) {
        open.push_back(imported);
      }
    }
  }
  return false;
}

}  // namespace caravel::runtime
