#pragma once

#include <v8.h>

#include <cstddef>
#include <memory>
#include <unordered_map>

#include "runtime/js/scope.h"

namespace caravel::runtime {

// The memories of WebAssembly in one isolate. V8 counts what they have when
// they are made, and not what they grow to, by a call or by an instruction: so
// each is noted as it is made, and looked at from time to time.
//
// Memories come from two places: the constructor WebAssembly.Memory and
// instances, whose modules export all that they define (wasm_module.h). Watch()
// replaces what makes these.
//
// Threads: the one that is in the isolate.
class WasmMemories {
 public:
  // Has script find a WebAssembly whose makers note what they make.
  // Requires: no code of the Worker has run.
  void Watch(js::Scope& scope);

  // Of those that have not been collected, as large as they are.
  size_t bytes();

  // Drops all that refers to V8. Requires: the isolate is locked.
  void Clear() { get_exports_.Reset(); }

 private:
  static void MakeMemory(const v8::FunctionCallbackInfo<v8::Value>& info);
  static void MakeInstance(const v8::FunctionCallbackInfo<v8::Value>& info);
  static void Instantiate(const v8::FunctionCallbackInfo<v8::Value>& info);
  static void NoteInstantiated(const v8::FunctionCallbackInfo<v8::Value>& info);

  void Note(v8::Local<v8::Value> memory);
  // Notes the memories of an instance and then has it start: its start function
  // may grow them, and may let others have what keeps them, though it fails.
  // False when V8 holds an exception.
  bool Start(js::Scope& scope, v8::Local<v8::Value> instance);

  std::unordered_map<const v8::BackingStore*, std::weak_ptr<v8::BackingStore>>
      stores_;
  // The getter `exports` of instances.
  v8::Global<v8::Function> get_exports_;
};

// Whether script sees in it a constructor that the platform watches.
bool IsPlatformProxy(js::Scope& scope, v8::Local<v8::Proxy> proxy);

}  // namespace caravel::runtime
