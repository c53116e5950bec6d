#include "runtime/common_js.h"

#include <fmt/format.h>

#include <array>

#include "runtime/isolate_state.h"
#include "runtime/js/convert.h"
#include "runtime/module_map.h"

namespace caravel::runtime {
namespace {

// Where the module lies for its own code: "lib/a.js" is "/lib/a.js".
std::string PathOf(std::string_view name) {
  while (name.starts_with("./")) name.remove_prefix(2);
  return fmt::format("{}{}", name.starts_with('/') ? "" : "/", name);
}

std::string_view FolderOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

}  // namespace

v8::MaybeLocal<v8::Value> CommonJsModules::Exports(js::Scope& scope,
                                                   std::string_view name,
                                                   const Compile& compile) {
  v8::Local<v8::Object> module;
  const auto known = modules_.find(name);
  if (known != modules_.end()) {
    module = known->second.Get(scope.isolate());
  } else {
    if (!NewModule(scope, name).ToLocal(&module)) return {};
    modules_[std::string(name)].Reset(scope.isolate(), module);
    if (!Run(scope, name, module, compile)) {
      modules_.erase(std::string(name));
      return {};
    }
  }
  return module->Get(scope.context(), scope.Name("exports"));
}

v8::MaybeLocal<v8::Object> CommonJsModules::NewModule(js::Scope& scope,
                                                      std::string_view name) {
  const v8::Local<v8::Object> module = v8::Object::New(scope.isolate());
  const auto set = [&](std::string_view key, v8::Local<v8::Value> value) {
    return module->CreateDataProperty(scope.context(), scope.Name(key), value)
        .FromMaybe(false);
  };
  if (!set("path", js::NewString(scope, PathOf(name))) ||
      !set("exports", v8::Object::New(scope.isolate()))) {
    return {};
  }
  return module;
}

bool CommonJsModules::Run(js::Scope& scope, std::string_view name,
                          v8::Local<v8::Object> module,
                          const Compile& compile) {
  v8::LocalVector<v8::String> parameters(scope.isolate());
  for (const std::string_view parameter :
       {"exports", "require", "module", "__filename", "__dirname"}) {
    parameters.push_back(scope.Name(parameter));
  }
  v8::Local<v8::Value> exports;
  v8::Local<v8::Function> require;
  v8::Local<v8::Function> function;
  v8::Local<v8::Value> result;
  if (!compile(scope, parameters).ToLocal(&function) ||
      !module->Get(scope.context(), scope.Name("exports")).ToLocal(&exports) ||
      !v8::Function::New(scope.context(), &Require, js::NewString(scope, name),
                         1, v8::ConstructorBehavior::kThrow)
           .ToLocal(&require)) {
    return false;
  }
  require->SetName(scope.Name("require"));
  functions_[std::string(name)].Reset(scope.isolate(), function);
  const std::string path = PathOf(name);
  std::array<v8::Local<v8::Value>, 5> arguments = {
      exports, require, module, js::NewString(scope, path),
      js::NewString(scope, FolderOf(path))};
  return function
      ->Call(scope.context(), v8::Undefined(scope.isolate()),
             static_cast<int>(arguments.size()), arguments.data())
      .ToLocal(&result);
}

void CommonJsModules::Require(const v8::FunctionCallbackInfo<v8::Value>& info) {
  js::Scope scope(info.GetIsolate());
  if (info.Length() == 0 || !info[0]->IsString()) {
    js::ThrowTypeError(scope, "require(): the id must be a string");
    return;
  }
  const auto id = info[0].As<v8::String>();
  if (id->Length() > kMostSpecifierLength) {
    js::ThrowTypeError(scope,
                       fmt::format("require(): the id has {} characters, and "
                                   "may have {}",
                                   id->Length(), kMostSpecifierLength));
    return;
  }
  v8::Local<v8::Value> exports;
  if (scope.state()
          .modules
          ->RequireFrom(scope, js::ToUtf8(scope, id),
                        js::ToUtf8(scope, info.Data().As<v8::String>()))
          .ToLocal(&exports)) {
    info.GetReturnValue().Set(exports);
  }
}

}  // namespace caravel::runtime
