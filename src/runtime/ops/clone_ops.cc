#include "runtime/ops/clone_ops.h"

#include <cstdlib>
#include <memory>

#include "runtime/js/convert.h"

namespace caravel::runtime {
namespace {

void ThrowDataCloneError(js::Scope& scope, v8::Local<v8::String> message) {
  const auto error = v8::Exception::Error(message).As<v8::Object>();
  // Only a termination makes this fail, and then no exception is seen.
  (void)error->DefineOwnProperty(scope.context(), scope.Name("name"),
                                 scope.Name("DataCloneError"), v8::DontEnum);
  scope.isolate()->ThrowException(error);
}

class CloneDelegate final : public v8::ValueSerializer::Delegate {
 public:
  explicit CloneDelegate(js::Scope& scope) : scope_(scope) {}

  void ThrowDataCloneError(v8::Local<v8::String> message) override {
    runtime::ThrowDataCloneError(scope_, message);
  }
  v8::Maybe<bool> WriteHostObject(v8::Isolate*,
                                  v8::Local<v8::Object> object) override {
    Refuse(object);
    return v8::Nothing<bool>();
  }
  v8::Maybe<uint32_t> GetSharedArrayBufferId(
      v8::Isolate*, v8::Local<v8::SharedArrayBuffer> buffer) override {
    Refuse(buffer);
    return v8::Nothing<uint32_t>();
  }
  v8::Maybe<uint32_t> GetWasmModuleTransferId(
      v8::Isolate*, v8::Local<v8::WasmModuleObject> module) override {
    Refuse(module);
    return v8::Nothing<uint32_t>();
  }

 private:
  // As V8 says it of a function.
  void Refuse(v8::Local<v8::Object> object) {
    const std::string name = js::ToUtf8(scope_, object->GetConstructorName());
    ThrowDataCloneError(
        js::NewString(scope_, fmt::format("#<{}> could not be cloned.", name)));
  }

  js::Scope& scope_;
};

struct FreeBytes {
  void operator()(uint8_t* bytes) const { std::free(bytes); }
};

using Buffers = v8::LocalVector<v8::ArrayBuffer>;

// False with the exception thrown when the list is not one of distinct, living
// ArrayBuffers.
bool ReadTransferList(js::Scope& scope, v8::Local<v8::Array> transfer,
                      Buffers& buffers) {
  for (uint32_t i = 0; i < transfer->Length(); ++i) {
    v8::Local<v8::Value> item;
    if (!transfer->Get(scope.context(), i).ToLocal(&item)) return false;
    if (!item->IsArrayBuffer()) {
      ThrowDataCloneError(
          scope, js::NewString(scope, fmt::format("Value at index {} of the "
                                                  "transfer list cannot be "
                                                  "transferred",
                                                  i)));
      return false;
    }
    const auto buffer = item.As<v8::ArrayBuffer>();
    for (const auto& other : buffers) {
      if (other != buffer) continue;
      ThrowDataCloneError(
          scope, js::NewString(scope, fmt::format("ArrayBuffer at index {} of "
                                                  "the transfer list is in it "
                                                  "already",
                                                  i)));
      return false;
    }
    buffers.push_back(buffer);
  }
  return true;
}

// Asked after serialization too: a getter may have detached one.
bool CheckTransferable(js::Scope& scope, const Buffers& buffers) {
  for (const auto& buffer : buffers) {
    if (!buffer->WasDetached() && buffer->IsDetachable()) continue;
    ThrowDataCloneError(
        scope, js::NewString(scope,
                             "An ArrayBuffer is detached and cannot be "
                             "transferred"));
    return false;
  }
  return true;
}

}  // namespace

js::Result<v8::Value> CloneOps::StructuredClone(js::Scope& scope,
                                                v8::Local<v8::Value> value,
                                                v8::Local<v8::Array> transfer) {
  v8::Isolate* isolate = scope.isolate();
  Buffers buffers(isolate);
  if (!ReadTransferList(scope, transfer, buffers) ||
      !CheckTransferable(scope, buffers)) {
    return {};
  }

  CloneDelegate delegate(scope);
  v8::ValueSerializer serializer(isolate, &delegate);
  serializer.WriteHeader();
  for (uint32_t i = 0; i < buffers.size(); ++i) {
    serializer.TransferArrayBuffer(i, buffers[i]);
  }
  if (serializer.WriteValue(scope.context(), value).IsNothing() ||
      !CheckTransferable(scope, buffers)) {
    return {};
  }
  const auto [bytes, size] = serializer.Release();
  const std::unique_ptr<uint8_t, FreeBytes> owned(bytes);

  v8::ValueDeserializer deserializer(isolate, bytes, size);
  for (uint32_t i = 0; i < buffers.size(); ++i) {
    std::shared_ptr<v8::BackingStore> store = buffers[i]->GetBackingStore();
    if (buffers[i]->Detach(v8::Local<v8::Value>()).IsNothing()) return {};
    deserializer.TransferArrayBuffer(
        i, v8::ArrayBuffer::New(isolate, std::move(store)));
  }
  if (deserializer.ReadHeader(scope.context()).IsNothing()) return {};
  return deserializer.ReadValue(scope.context());
}

}  // namespace caravel::runtime
