#pragma once

#include <v8.h>

#include "runtime/js/error.h"
#include "runtime/js/function.h"
#include "runtime/js/scope.h"

namespace caravel::runtime {

// HTML, section 2.7.3 to 2.7.6: structured clone with transfer, within one
// isolate. ECMAScript values are walked here; TypeScript knows the platform
// objects. What cannot be cloned (functions, symbols, native objects, a
// transferred buffer that is detached or named twice) is refused. What a getter
// throws is passed on. A SharedArrayBuffer comes out as another one of the same
// memory: no other isolate can be given it.
//
// Threads: the one that is in the isolate.
struct CloneOps {
  // `transfer`: an array of ArrayBuffers, which are detached when all else went
  // well. `clone` is asked of each object that has a prototype other than
  // Object.prototype, or (`of_all`) of each: for its copy when it is a platform
  // object, else for null. `refuse` makes what is thrown, of a message.
  static js::Result<v8::Value> StructuredClone(js::Scope& scope,
                                               v8::Local<v8::Value> value,
                                               v8::Local<v8::Array> transfer,
                                               v8::Local<v8::Function> clone,
                                               bool of_all,
                                               v8::Local<v8::Function> refuse);

  static constexpr auto Js() {
    return js::Functions(js::Function("structuredClone", &StructuredClone));
  }
};

}  // namespace caravel::runtime
