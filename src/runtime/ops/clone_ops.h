#pragma once

#include <v8.h>

#include <vector>

#include "runtime/js/error.h"
#include "runtime/js/function.h"
#include "runtime/js/scope.h"

namespace caravel::runtime {

// HTML, section 2.7.3 to 2.7.6: structured clone with transfer, for ECMAScript
// values and ArrayBuffers. What cannot be cloned (functions, symbols, native
// objects, a transferred buffer that is detached or named twice) throws an
// Error whose name is "DataCloneError"; the TypeScript side makes a
// DOMException of it. What a getter throws is passed on.
//
// Threads: the one that is in the isolate.
struct CloneOps {
  // `transfer`: an array of ArrayBuffers, which are detached when all else went
  // well.
  static js::Result<v8::Value> StructuredClone(js::Scope& scope,
                                               v8::Local<v8::Value> value,
                                               v8::Local<v8::Array> transfer);

  static constexpr auto Js() {
    return js::Functions(js::Function("structuredClone", &StructuredClone));
  }
};

}  // namespace caravel::runtime
