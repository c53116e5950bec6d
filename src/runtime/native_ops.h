#pragma once

#include <v8.h>

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/js/scope.h"

namespace caravel::runtime {

// The object `native` that the platform's TypeScript is given: all Ops structs
// of runtime/ops, listed once in native_ops.cc.
//
// Requires: the isolate belongs to a snapshot creator.
v8::Local<v8::Object> MakeNativeObject(js::Scope& scope);

// Addresses of them, in a fixed order: what a snapshot refers to.
std::vector<intptr_t> NativeReferences();

// TypeScript of what is bound: `interface Bound` with a member a line for each
// op. tools/test/native_types.ts holds runtime/web/native.ts against it.
std::string NativeDeclarations();

}  // namespace caravel::runtime
