#pragma once

#include <v8.h>

#include "runtime/js/function.h"

namespace caravel::runtime {

// Node's internal binding `types`: what kind of object a value is, whatever its
// prototype says. Source: Node's documentation, "util.types".
struct NodeTypesBinding {
  template <bool (v8::Value::*Is)() const>
  static bool Test(js::Scope&, v8::Local<v8::Value> value) {
    return ((**value).*Is)();
  }
  static bool IsAnyArrayBuffer(js::Scope&, v8::Local<v8::Value> value) {
    return value->IsArrayBuffer() || value->IsSharedArrayBuffer();
  }
  static bool IsBoxedPrimitive(js::Scope&, v8::Local<v8::Value> value) {
    return value->IsNumberObject() || value->IsStringObject() ||
           value->IsBooleanObject() || value->IsBigIntObject() ||
           value->IsSymbolObject();
  }

  static constexpr auto Js() {
    using V = v8::Value;
    return js::Functions(
        js::Function("isArgumentsObject", &Test<&V::IsArgumentsObject>),
        js::Function("isArrayBuffer", &Test<&V::IsArrayBuffer>),
        js::Function("isAsyncFunction", &Test<&V::IsAsyncFunction>),
        js::Function("isBigIntObject", &Test<&V::IsBigIntObject>),
        js::Function("isBooleanObject", &Test<&V::IsBooleanObject>),
        js::Function("isDate", &Test<&V::IsDate>),
        js::Function("isExternal", &Test<&V::IsExternal>),
        js::Function("isGeneratorFunction", &Test<&V::IsGeneratorFunction>),
        js::Function("isGeneratorObject", &Test<&V::IsGeneratorObject>),
        js::Function("isMap", &Test<&V::IsMap>),
        js::Function("isMapIterator", &Test<&V::IsMapIterator>),
        js::Function("isModuleNamespaceObject",
                     &Test<&V::IsModuleNamespaceObject>),
        js::Function("isNativeError", &Test<&V::IsNativeError>),
        js::Function("isNumberObject", &Test<&V::IsNumberObject>),
        js::Function("isPromise", &Test<&V::IsPromise>),
        js::Function("isProxy", &Test<&V::IsProxy>),
        js::Function("isRegExp", &Test<&V::IsRegExp>),
        js::Function("isSet", &Test<&V::IsSet>),
        js::Function("isSetIterator", &Test<&V::IsSetIterator>),
        js::Function("isSharedArrayBuffer", &Test<&V::IsSharedArrayBuffer>),
        js::Function("isStringObject", &Test<&V::IsStringObject>),
        js::Function("isSymbolObject", &Test<&V::IsSymbolObject>),
        js::Function("isWeakMap", &Test<&V::IsWeakMap>),
        js::Function("isWeakSet", &Test<&V::IsWeakSet>),
        js::Function("isAnyArrayBuffer", &IsAnyArrayBuffer),
        js::Function("isBoxedPrimitive", &IsBoxedPrimitive));
  }
};

}  // namespace caravel::runtime
