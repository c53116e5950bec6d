// Not Object::SetLazyDataProperty: with that V8 itself puts the value in the
// property's place after the getter, and ends the process when script has
// changed the property meanwhile (it runs when a module that loads meets a
// getter on Object.prototype). Here the getter assigns, as script might, which
// V8 takes for a native data property as the order to make it a plain one.
//
// Test: lazy_property_test.cc.
#include "runtime/ops/lazy_property.h"

#include "runtime/ops/platform_ops.h"

namespace caravel::runtime {
namespace {

js::Result<v8::Value> Make(js::Scope& scope, v8::Local<v8::Value> maker,
                           v8::Local<v8::Value> name) {
  if (maker->IsFunction()) {
    return maker.As<v8::Function>()->Call(
        scope.context(), v8::Undefined(scope.isolate()), 1, &name);
  }
  const v8::String::Utf8Value module(scope.isolate(), maker);
  v8::Local<v8::Value> exports;
  if (!PlatformOps::LoadLazy(scope, {*module, module.length()})
           .ToLocal(&exports)) {
    return {};
  }
  return exports.As<v8::Object>()->Get(scope.context(), name);
}

void GetLazily(v8::Local<v8::Name> name,
               const v8::PropertyCallbackInfo<v8::Value>& info) {
  js::Scope scope(info.GetIsolate());
  v8::Local<v8::Value> value;
  if (!Make(scope, info.Data(), name).ToLocal(&value)) return;
  // False where script has frozen the object: then each read comes here.
  if (info.HolderV2()->Set(scope.context(), name, value).IsNothing()) return;
  info.GetReturnValue().Set(value);
}

}  // namespace

void LazyProperty::Define(js::Scope& scope, v8::Local<v8::Object> target,
                          v8::Local<v8::String> name,
                          v8::Local<v8::Value> maker, bool enumerable) {
  // Nothing: V8 holds an exception, which the caller gets.
  static_cast<void>(target->SetNativeDataProperty(
      scope.context(), name, &GetLazily, nullptr, maker,
      enumerable ? v8::None : v8::DontEnum));
}

intptr_t LazyPropertyReference() {
  return reinterpret_cast<intptr_t>(&GetLazily);
}

}  // namespace caravel::runtime
