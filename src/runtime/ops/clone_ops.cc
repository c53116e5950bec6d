#include "runtime/ops/clone_ops.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

#include "runtime/isolate_state.h"
#include "runtime/js/convert.h"
#include "runtime/memory_account.h"
#include "runtime/ops/serializer_delegate.h"

namespace caravel::runtime {
namespace {

// Of the Worker's limit, beside what its buffers have.
size_t MemoryLeft(js::Scope& scope) {
  const IsolateState& state = scope.state();
  const size_t used = state.memory == nullptr ? 0 : state.memory->used();
  return state.limits.memory_bytes - std::min(used, state.limits.memory_bytes);
}

// V8's questions while it writes and reads. What it cannot carry (copies of
// platform objects, shared buffers) is kept in lists, and numbered in the
// bytes.
class CloneDelegate final : public SerializerDelegate,
                            public v8::ValueDeserializer::Delegate {
 public:
  CloneDelegate(js::Scope& scope, v8::Local<v8::Function> clone, bool of_all,
                v8::Local<v8::Function> refuse)
      : SerializerDelegate(scope, refuse, MemoryLeft(scope),
                           "Data cannot be cloned: it is larger than the "
                           "memory that the Worker has left."),
        clone_(clone),
        of_all_(of_all) {}

  // Requires of both: called once, before anything else.
  void set_serializer(v8::ValueSerializer* writer) { writer_ = writer; }
  void set_deserializer(v8::ValueDeserializer* reader) { reader_ = reader; }

  bool HasCustomHostObject(v8::Isolate*) override { return true; }

  // Asked once of each object, just before it is written: so the copy that says
  // yes is the one that WriteHostObject writes.
  v8::Maybe<bool> IsHostObject(v8::Isolate*,
                               v8::Local<v8::Object> object) override {
    copy_.Clear();
    if (object->InternalFieldCount() > 0) return v8::Just(true);
    const v8::Local<v8::Value> prototype = object->GetPrototypeV2();
    if (!of_all_ && (IsPlain(prototype) || prototype->IsNull())) {
      return v8::Just(false);
    }
    v8::Local<v8::Value> copy;
    if (!Ask(clone_, object).ToLocal(&copy)) return v8::Nothing<bool>();
    if (!copy->IsObject()) return v8::Just(false);
    copy_ = copy.As<v8::Object>();
    return v8::Just(true);
  }

  v8::Maybe<bool> WriteHostObject(v8::Isolate*,
                                  v8::Local<v8::Object> object) override {
    if (copy_.IsEmpty()) {
      Refuse(object);
      return v8::Nothing<bool>();
    }
    writer_->WriteUint32(static_cast<uint32_t>(copies_.size()));
    copies_.emplace_back(scope_.isolate(), copy_);
    return v8::Just(true);
  }
  v8::MaybeLocal<v8::Object> ReadHostObject(v8::Isolate* isolate) override {
    uint32_t index = 0;
    CARAVEL_CHECK(reader_->ReadUint32(&index) && index < copies_.size());
    return copies_[index].Get(isolate);
  }

  v8::Maybe<uint32_t> GetSharedArrayBufferId(
      v8::Isolate*, v8::Local<v8::SharedArrayBuffer> buffer) override {
    shared_.push_back(buffer->GetBackingStore());
    return v8::Just(static_cast<uint32_t>(shared_.size() - 1));
  }
  v8::MaybeLocal<v8::SharedArrayBuffer> GetSharedArrayBufferFromId(
      v8::Isolate* isolate, uint32_t id) override {
    return v8::SharedArrayBuffer::New(isolate, shared_.at(id));
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
    ThrowDataCloneError(fmt::format("#<{}> could not be cloned.", name));
  }

  const v8::Local<v8::Function> clone_;
  const bool of_all_;
  v8::ValueSerializer* writer_ = nullptr;
  v8::ValueDeserializer* reader_ = nullptr;
  v8::Local<v8::Object> copy_;
  // Not Locals: V8 opens handle scopes of its own while it walks.
  std::vector<v8::Global<v8::Object>> copies_;
  std::vector<std::shared_ptr<v8::BackingStore>> shared_;
};

struct FreeBytes {
  void operator()(uint8_t* bytes) const { std::free(bytes); }
};

using Buffers = v8::LocalVector<v8::ArrayBuffer>;

// False with the exception thrown when the list is not one of distinct, living
// ArrayBuffers.
bool ReadTransferList(js::Scope& scope, CloneDelegate& delegate,
                      v8::Local<v8::Array> transfer, Buffers& buffers) {
  for (uint32_t i = 0; i < transfer->Length(); ++i) {
    v8::Local<v8::Value> item;
    if (!transfer->Get(scope.context(), i).ToLocal(&item)) return false;
    if (!item->IsArrayBuffer()) {
      delegate.ThrowDataCloneError(fmt::format(
          "Value at index {} of the transfer list cannot be transferred", i));
      return false;
    }
    const auto buffer = item.As<v8::ArrayBuffer>();
    for (const auto& other : buffers) {
      if (other != buffer) continue;
      delegate.ThrowDataCloneError(fmt::format(
          "ArrayBuffer at index {} of the transfer list is in it already", i));
      return false;
    }
    buffers.push_back(buffer);
  }
  return true;
}

// Asked after serialization too: a getter may have detached one.
bool CheckTransferable(CloneDelegate& delegate, const Buffers& buffers) {
  for (const auto& buffer : buffers) {
    if (!buffer->WasDetached() && buffer->IsDetachable()) continue;
    delegate.ThrowDataCloneError(
        "An ArrayBuffer is detached and cannot be transferred");
    return false;
  }
  return true;
}

}  // namespace

js::Result<v8::Value> CloneOps::StructuredClone(
    js::Scope& scope, v8::Local<v8::Value> value, v8::Local<v8::Array> transfer,
    v8::Local<v8::Function> clone, bool of_all,
    v8::Local<v8::Function> refuse) {
  v8::Isolate* isolate = scope.isolate();
  CloneDelegate delegate(scope, clone, of_all, refuse);
  Buffers buffers(isolate);
  if (!ReadTransferList(scope, delegate, transfer, buffers) ||
      !CheckTransferable(delegate, buffers)) {
    return {};
  }

  v8::ValueSerializer serializer(isolate, &delegate);
  delegate.set_serializer(&serializer);
  serializer.WriteHeader();
  for (uint32_t i = 0; i < buffers.size(); ++i) {
    serializer.TransferArrayBuffer(i, buffers[i]);
  }
  if (serializer.WriteValue(scope.context(), value).IsNothing() ||
      !CheckTransferable(delegate, buffers)) {
    return {};
  }
  const auto [bytes, size] = serializer.Release();
  const std::unique_ptr<uint8_t, FreeBytes> owned(bytes);

  v8::ValueDeserializer deserializer(isolate, bytes, size, &delegate);
  delegate.set_deserializer(&deserializer);
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
