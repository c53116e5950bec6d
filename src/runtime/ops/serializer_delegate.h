#pragma once

#include <v8.h>

#include <cstddef>
#include <string_view>

#include "runtime/js/scope.h"

namespace caravel::runtime {

// What all that is written with V8's serializer has in common: errors are made
// by script's side, and the bytes have a bound, whatever V8 repeats.
//
// Threads: the one that is in the isolate. Lives on the stack, in one scope of
// handles.
class SerializerDelegate : public v8::ValueSerializer::Delegate {
 public:
  // `refuse` makes what is thrown, of a message. Values of `limit` bytes are
  // sure to be written, and none that is twice as long; `too_large` says so.
  SerializerDelegate(js::Scope& scope, v8::Local<v8::Function> refuse,
                     size_t limit, std::string_view too_large);

  void ThrowDataCloneError(v8::Local<v8::String> message) override;
  void ThrowDataCloneError(std::string_view message);

  void* ReallocateBufferMemory(void* old, size_t size, size_t* actual) override;
  void FreeBufferMemory(void* bytes) override;

 protected:
  // What `function` says of `object`; empty when it threw.
  v8::MaybeLocal<v8::Value> Ask(v8::Local<v8::Function> function,
                                v8::Local<v8::Object> object);
  bool IsPlain(v8::Local<v8::Value> prototype) const {
    return prototype == plain_;
  }

  js::Scope& scope_;

 private:
  const v8::Local<v8::Function> refuse_;
  const v8::Local<v8::Value> plain_;  // Object.prototype
  const size_t most_;                 // that V8 may ask for
  const std::string_view too_large_;
  bool exceeded_ = false;
};

}  // namespace caravel::runtime
