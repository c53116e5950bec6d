#pragma once

#include <v8.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "registry/bundle.h"
#include "runtime/js/scope.h"

namespace caravel::runtime {

// The CommonJS modules of one Worker: each is a function that is called once,
// when it is first required or imported, with `exports`, `require`, `module`,
// `__filename` and `__dirname`. One that threw is called again by the next
// require(), as in Node; one that is required again while it runs gives what it
// has exported so far.
// Source: Node's documentation, "Modules: CommonJS modules"; Workers
// documentation, "Bundling", rules of type CommonJS.
//
// Threads: the one that is in the isolate.
class CommonJsModules {
 public:
  using Compile = std::function<v8::MaybeLocal<v8::Function>(
      js::Scope&, v8::LocalVector<v8::String>& parameters)>;

  // module.exports of that module. `compile` makes its function, where it has
  // to be run. Empty: V8 holds the exception.
  v8::MaybeLocal<v8::Value> Exports(js::Scope& scope, std::string_view name,
                                    const Compile& compile);

  // The functions of those that have been run, by name.
  const std::map<std::string, v8::Global<v8::Function>, std::less<>>&
  functions() const {
    return functions_;
  }

 private:
  v8::MaybeLocal<v8::Object> NewModule(js::Scope& scope, std::string_view name);
  bool Run(js::Scope& scope, std::string_view name,
           v8::Local<v8::Object> module, const Compile& compile);
  // Called by script as require(id); data is the name of who calls.
  static void Require(const v8::FunctionCallbackInfo<v8::Value>& info);

  // The objects `module` of those that run or have run.
  std::map<std::string, v8::Global<v8::Object>, std::less<>> modules_;
  std::map<std::string, v8::Global<v8::Function>, std::less<>> functions_;
};

}  // namespace caravel::runtime
