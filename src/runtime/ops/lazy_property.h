#pragma once

#include <v8.h>

#include <cstdint>

#include "runtime/js/function.h"

namespace caravel::runtime {

// Data properties whose value is made when it is first read: to script each
// looks as any data property does (a descriptor shows the value, and so makes
// it; an assignment replaces it, and makes nothing). An interface of the
// platform thereby has the attributes that Web IDL §3.7 asks before it is used,
// too.
struct LazyProperty {
  // `maker`: the name of a lazy module that exports the value under the
  // property's name, or a function that gets the name and answers the value.
  // The function is called again when it threw, and on each read while the
  // property cannot be written, so that it answers the same each time; the
  // snapshot holds names only.
  static void Define(js::Scope& scope, v8::Local<v8::Object> target,
                     v8::Local<v8::String> name, v8::Local<v8::Value> maker,
                     bool enumerable);

  static constexpr auto Js() {
    return js::Functions(js::Function("defineLazy", &Define));
  }
};

// What a snapshot with such properties refers to, beside Js().
intptr_t LazyPropertyReference();

}  // namespace caravel::runtime
