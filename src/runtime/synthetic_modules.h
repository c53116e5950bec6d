#pragma once

#include <v8.h>

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/js/scope.h"

namespace caravel::runtime {

// The modules of an isolate whose exports are values that are known when they
// are made, or one that is made when V8 evaluates them, instead of code. Part
// of IsolateState, where V8 finds them.
// Source: ECMAScript, "Synthetic Module Records".
//
// Threads: the one that is in the isolate.
class SyntheticModules {
 public:
  using Exports = std::vector<std::pair<std::string, v8::Local<v8::Value>>>;

  // `name` is what stack traces show.
  v8::Local<v8::Module> Make(js::Scope& scope, std::string_view name,
                             Exports exports);

  // With a default export alone, which `evaluate` gives, once; empty: V8 holds
  // the exception.
  using Evaluation = std::function<v8::MaybeLocal<v8::Value>(js::Scope&)>;
  v8::Local<v8::Module> MakeLate(js::Scope& scope, std::string_view name,
                                 Evaluation evaluate);

 private:
  struct Kept {
    v8::Global<v8::Module> module;
    std::vector<std::pair<std::string, v8::Global<v8::Value>>> values;
    Evaluation evaluate = {};
  };
  v8::Local<v8::Module> Create(js::Scope& scope, std::string_view name,
                               v8::LocalVector<v8::String>& exports, Kept kept);
  Kept* Find(v8::Local<v8::Module> module);
  static v8::MaybeLocal<v8::Value> Evaluate(v8::Local<v8::Context> context,
                                            v8::Local<v8::Module> module);

  std::unordered_multimap<int, Kept> modules_;  // by identity hash
};

}  // namespace caravel::runtime
