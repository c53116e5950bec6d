// Tests: isolate_services_test.cc.
#include "runtime/ops/serializer_delegate.h"

#include <cstdlib>

#include "runtime/js/convert.h"

namespace caravel::runtime {
namespace {

// V8 asks for twice what it has, and a little more.
constexpr size_t kGrowth = 2;
constexpr size_t kSlack = 1024;

}  // namespace

SerializerDelegate::SerializerDelegate(js::Scope& scope,
                                       v8::Local<v8::Function> refuse,
                                       size_t limit, std::string_view too_large)
    : scope_(scope),
      refuse_(refuse),
      plain_(v8::Object::New(scope.isolate())->GetPrototypeV2()),
      most_(kGrowth * limit + kSlack),
      too_large_(too_large) {}

void SerializerDelegate::ThrowDataCloneError(v8::Local<v8::String> message) {
  v8::Local<v8::Value> argument = message;
  if (exceeded_) argument = js::NewString(scope_, too_large_);
  v8::Local<v8::Value> error;
  if (refuse_
          ->Call(scope_.context(), v8::Undefined(scope_.isolate()), 1,
                 &argument)
          .ToLocal(&error)) {
    scope_.isolate()->ThrowException(error);
  }
}

void SerializerDelegate::ThrowDataCloneError(std::string_view message) {
  ThrowDataCloneError(js::NewString(scope_, message));
}

void* SerializerDelegate::ReallocateBufferMemory(void* old, size_t size,
                                                 size_t* actual) {
  if (size > most_) {
    exceeded_ = true;
    return nullptr;
  }
  *actual = size;
  return std::realloc(old, size);
}

void SerializerDelegate::FreeBufferMemory(void* bytes) { std::free(bytes); }

v8::MaybeLocal<v8::Value> SerializerDelegate::Ask(
    v8::Local<v8::Function> function, v8::Local<v8::Object> object) {
  v8::Local<v8::Value> argument = object;
  return function->Call(scope_.context(), v8::Undefined(scope_.isolate()), 1,
                        &argument);
}

}  // namespace caravel::runtime
