// Tests: isolate_services_test.cc.
#include "runtime/ops/service_binding.h"

#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/utf8.h"
#include "runtime/isolate_state.h"
#include "runtime/js/allocate.h"
#include "runtime/ops/fetch_ops.h"
#include "runtime/ops/log_ops.h"
#include "runtime/ops/node/async_binding.h"
#include "runtime/ops/serializer_delegate.h"

namespace caravel::runtime {
namespace {

// In front of a message: its length without these four bytes, and that of the
// descriptions, which stand before the value. The least byte first.
constexpr size_t kLengthBytes = 4;
constexpr size_t kHeadBytes = 2 * kLengthBytes;
constexpr size_t kMostMethodName = 128;

// Of each of the two parts.
constexpr size_t kRoom = ServiceBinding::kMostMessage + kHeadBytes;
constexpr std::string_view kTooLarge =
    "Serialized RPC arguments or return values are limited to 32MiB.";

void PutLength(uint8_t* at, size_t length) {
  for (size_t i = 0; i < kLengthBytes; ++i) {
    at[i] = static_cast<uint8_t>(length >> (8 * i));
  }
}

size_t LengthAt(std::string_view bytes) {
  size_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) {
    length |= size_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  }
  return length;
}

struct FreeMessage {
  void operator()(uint8_t* bytes) const { std::free(bytes); }
};
using OwnedMessage = std::unique_ptr<uint8_t, FreeMessage>;

// V8's questions while it writes a message. What it does not write itself
// stands in the value as the number of its description.
class MessageWriter final : public SerializerDelegate {
 public:
  MessageWriter(js::Scope& scope, v8::Local<v8::Function> describe,
                v8::Local<v8::Function> refuse)
      : SerializerDelegate(scope, refuse, kRoom, kTooLarge),
        describe_(describe) {}
  // Requires: called once, before anything else.
  void set_serializer(v8::ValueSerializer* writer) { writer_ = writer; }
  // Those of all that it met, in their order.
  v8::Local<v8::Array> Descriptions() const {
    v8::LocalVector<v8::Value> all(scope_.isolate());
    for (const auto& each : descriptions_) {
      all.push_back(each.Get(scope_.isolate()));
    }
    return v8::Array::New(scope_.isolate(), all.data(), all.size());
  }
  bool has_descriptions() const { return !descriptions_.empty(); }

  bool HasCustomHostObject(v8::Isolate*) override { return true; }

  // Asked once of each object, just before it is written.
  v8::Maybe<bool> IsHostObject(v8::Isolate* isolate,
                               v8::Local<v8::Object> object) override {
    const v8::Local<v8::Value> prototype = object->GetPrototypeV2();
    if (object->InternalFieldCount() == 0 && IsPlain(prototype)) {
      return v8::Just(false);
    }
    v8::Local<v8::Value> description;
    if (!Ask(describe_, object).ToLocal(&description)) {
      return v8::Nothing<bool>();
    }
    if (!description->IsObject()) return v8::Just(false);
    descriptions_.emplace_back(isolate, description);
    return v8::Just(true);
  }
  v8::Maybe<bool> WriteHostObject(v8::Isolate*,
                                  v8::Local<v8::Object>) override {
    writer_->WriteUint32(static_cast<uint32_t>(descriptions_.size() - 1));
    return v8::Just(true);
  }

 private:
  const v8::Local<v8::Function> describe_;
  v8::ValueSerializer* writer_ = nullptr;
  // Not Locals: V8 opens handle scopes of its own while it walks.
  std::vector<v8::Global<v8::Value>> descriptions_;
};

// Gives the objects that were made of the descriptions: no script may run while
// V8 reads.
class MessageReader final : public v8::ValueDeserializer::Delegate {
 public:
  MessageReader(js::Scope& scope, v8::Local<v8::Array> objects)
      : scope_(scope), objects_(objects) {}
  void set_deserializer(v8::ValueDeserializer* reader) { reader_ = reader; }

  v8::MaybeLocal<v8::Object> ReadHostObject(v8::Isolate*) override {
    uint32_t index = 0;
    v8::Local<v8::Value> object;
    if (objects_.IsEmpty() || !reader_->ReadUint32(&index) ||
        index >= objects_->Length() ||
        !objects_->Get(scope_.context(), index).ToLocal(&object) ||
        !object->IsObject()) {
      js::ThrowTypeError(scope_, "a message of RPC cannot be read");
      return {};
    }
    return object.As<v8::Object>();
  }

 private:
  js::Scope& scope_;
  const v8::Local<v8::Array> objects_;
  v8::ValueDeserializer* reader_ = nullptr;
};

v8::MaybeLocal<v8::Value> ReadValue(js::Scope& scope, std::string_view bytes,
                                    v8::Local<v8::Array> objects) {
  MessageReader delegate(scope, objects);
  v8::ValueDeserializer reader(scope.isolate(),
                               reinterpret_cast<const uint8_t*>(bytes.data()),
                               bytes.size(), &delegate);
  delegate.set_deserializer(&reader);
  if (!reader.ReadHeader(scope.context()).FromMaybe(false)) return {};
  return reader.ReadValue(scope.context());
}

// An exchange of which both sides are bytes that follow. False: an exception
// was thrown.
bool BeginCall(js::Scope& scope, InvocationId id, v8::Local<v8::Value> via,
               StartFetch& ask) {
  if (TakeSubrequest(scope, id) == nullptr) return false;
  if (!ReadService(scope, via, ask.service)) return false;
  CARAVEL_CHECK(ask.service != nullptr);
  ask.body_follows = true;
  return true;
}

v8::MaybeLocal<v8::Value> Begun(js::Scope& scope, FetchId fetch) {
  if (fetch == 0) return {};
  return v8::Integer::New(scope.isolate(), fetch).As<v8::Value>();
}

}  // namespace

v8::MaybeLocal<v8::Value> ServiceBinding::Call(
    js::Scope& scope, InvocationId id, v8::Local<v8::Value> via,
    std::string method, js::BytesView message, v8::Local<v8::Value> asker) {
  StartFetch ask;
  if (!BeginCall(scope, id, via, ask)) return {};
  ask.service->rpc = true;
  // For the log alone.
  ask.service->method = base::Utf8Prefix(method, kMostMethodName);
  ask.service->message = message.bytes;
  ask.method = "POST";
  return Begun(scope, BeginFetch(scope, id, std::move(ask), asker));
}

v8::MaybeLocal<v8::Value> ServiceBinding::Connect(js::Scope& scope,
                                                  InvocationId id,
                                                  v8::Local<v8::Value> via,
                                                  std::string address,
                                                  v8::Local<v8::Value> asker) {
  StartFetch ask;
  if (!BeginCall(scope, id, via, ask)) return {};
  ask.service->connect = std::move(address);
  ask.method = "CONNECT";
  return Begun(scope, BeginFetch(scope, id, std::move(ask), asker));
}

v8::Local<v8::Value> ServiceBinding::Storages(js::Scope& scope) {
  const v8::Local<v8::Value> storages = StoragesOf(scope);
  return storages.IsEmpty() ? v8::Undefined(scope.isolate()).As<v8::Value>()
                            : storages;
}

v8::MaybeLocal<v8::Value> ServiceBinding::RunWith(
    js::Scope& scope, v8::Local<v8::Value> storages,
    v8::Local<v8::Function> call) {
  v8::Isolate* isolate = scope.isolate();
  const v8::Local<v8::Data> before =
      isolate->GetContinuationPreservedEmbedderDataV2();
  SetStorages(scope, scope.state().Current(scope), storages);
  const v8::MaybeLocal<v8::Value> result =
      call->Call(scope.context(), v8::Undefined(isolate), 0, nullptr);
  isolate->SetContinuationPreservedEmbedderDataV2(before);
  return result;
}

void ServiceBinding::Threw(js::Scope& scope, InvocationId id, std::string name,
                           std::string message, std::string stack) {
  Invocation* invocation = scope.state().FindInvocation(id);
  if (invocation == nullptr) return;
  invocation->Event().outcome = "exception";
  LogOps::ReportException(scope, std::move(name), std::move(message),
                          std::move(stack));
}

v8::Local<v8::Value> ServiceBinding::Detail(js::Scope& scope,
                                            v8::Local<v8::Value> value) {
  v8::Local<v8::String> detail;
  const v8::TryCatch caught(scope.isolate());
  return value->ToDetailString(scope.context()).ToLocal(&detail)
             ? detail
             : js::NewString(scope, "");
}

v8::MaybeLocal<v8::Value> ServiceBinding::Encode(
    js::Scope& scope, v8::Local<v8::Value> value,
    v8::Local<v8::Function> describe, v8::Local<v8::Function> refuse) {
  MessageWriter delegate(scope, describe, refuse);
  v8::ValueSerializer writer(scope.isolate(), &delegate);
  delegate.set_serializer(&writer);
  constexpr std::array<uint8_t, kHeadBytes> kNoHead = {};
  writer.WriteRawBytes(kNoHead.data(), kNoHead.size());
  writer.WriteHeader();
  if (!writer.WriteValue(scope.context(), value).FromMaybe(false)) return {};
  auto [bytes, size] = writer.Release();
  const OwnedMessage owned(bytes);
  size_t described = 0;
  OwnedMessage list_bytes;
  if (delegate.has_descriptions()) {
    SerializerDelegate of_list(scope, refuse, kRoom, kTooLarge);
    v8::ValueSerializer list(scope.isolate(), &of_list);
    list.WriteHeader();
    if (!list.WriteValue(scope.context(), delegate.Descriptions())
             .FromMaybe(false)) {
      return {};
    }
    const auto written = list.Release();
    list_bytes.reset(written.first);
    described = written.second;
  }
  if (size + described - kHeadBytes > kMostMessage) {
    js::Throw(
        scope,
        Error(ErrorCode::kUnavailable,
              fmt::format("Serialized RPC arguments or return values are "
                          "limited to 32MiB, but the size of this value was: "
                          "{} bytes.",
                          size + described - kHeadBytes)));
    return {};
  }
  std::string joined;
  if (described > 0) {
    joined.reserve(size + described);
    joined.append(kHeadBytes, '\0');
    joined.append(reinterpret_cast<const char*>(list_bytes.get()), described);
    joined.append(reinterpret_cast<const char*>(bytes) + kHeadBytes,
                  size - kHeadBytes);
    bytes = reinterpret_cast<uint8_t*>(joined.data());
    size = joined.size();
  }
  PutLength(bytes, size - kLengthBytes);
  PutLength(bytes + kLengthBytes, described);
  v8::Local<v8::ArrayBuffer> buffer;
  if (!js::NewBuffer(scope, {reinterpret_cast<const char*>(bytes), size})
           .ToLocal(&buffer)) {
    return {};
  }
  return v8::Uint8Array::New(buffer, 0, size).As<v8::Value>();
}

v8::MaybeLocal<v8::Value> ServiceBinding::Decode(
    js::Scope& scope, js::BytesView bytes, v8::Local<v8::Function> revive) {
  std::string_view message = bytes.bytes;
  const size_t described =
      message.size() < kLengthBytes ? message.size() : LengthAt(message);
  message.remove_prefix(std::min(message.size(), kLengthBytes));
  if (described > message.size()) {
    js::ThrowTypeError(scope, "a message of RPC cannot be read");
    return {};
  }
  v8::Local<v8::Array> objects;
  if (described > 0) {
    v8::Local<v8::Value> list;
    v8::Local<v8::Value> revived;
    if (!ReadValue(scope, message.substr(0, described), {}).ToLocal(&list) ||
        !revive->Call(scope.context(), v8::Undefined(scope.isolate()), 1, &list)
             .ToLocal(&revived)) {
      return {};
    }
    CARAVEL_CHECK(revived->IsArray());
    objects = revived.As<v8::Array>();
  }
  return ReadValue(scope, message.substr(described), objects);
}

bool ReadService(js::Scope& scope, v8::Local<v8::Value> via,
                 std::shared_ptr<ServiceCall>& call) {
  if (!via->IsArray()) return true;
  IsolateState& state = scope.state();
  std::array<v8::Local<v8::Value>, 4> parts;
  for (uint32_t i = 0; i < parts.size(); ++i) {
    if (!via.As<v8::Array>()->Get(scope.context(), i).ToLocal(&parts[i])) {
      return false;
    }
  }
  auto made = std::make_shared<ServiceCall>();
  const int32_t number =
      parts[0]->IsInt32() ? parts[0].As<v8::Int32>()->Value() : -1;
  if (number >= 0) {
    if (static_cast<size_t>(number) >= state.services.size()) {
      js::ThrowTypeError(scope, "a service binding that is not there");
      return false;
    }
    const BoundService& service = state.services[static_cast<size_t>(number)];
    made->worker = service.worker;
    made->entrypoint = service.entrypoint;
    made->props = service.props;
  } else {
    if (parts[1]->IsString()) {
      made->entrypoint = js::ToUtf8(scope, parts[1].As<v8::String>());
    }
    js::BytesView props;
    if (parts[2]->IsObject()) {
      if (!js::FromJs(scope, parts[2], {"service", 3}, props)) return false;
      made->props = props.bytes;
    }
  }
  if (parts[3]->IsString()) {
    made->cf = js::ToUtf8(scope, parts[3].As<v8::String>());
  }
  const Invocation* caller = state.FindInvocation(state.Current(scope));
  made->depth = 1 + (caller == nullptr || caller->service == nullptr
                         ? 0
                         : caller->service->depth);
  if (made->depth >= ServiceCall::kMostDepth) {
    js::Throw(scope,
              Error(ErrorCode::kUnavailable,
                    fmt::format("Subrequest depth limit exceeded: Workers call "
                                "one another at most {} deep.",
                                ServiceCall::kMostDepth)));
    return false;
  }
  call = std::move(made);
  return true;
}

v8::Local<v8::Value> ReadProps(js::Scope& scope, std::string_view props) {
  v8::Local<v8::Value> value;
  v8::TryCatch caught(scope.isolate());
  if (props.starts_with('\xFF')) {
    if (ReadValue(scope, props, {}).ToLocal(&value) && value->IsObject()) {
      return value;
    }
  } else if (!props.empty() &&
             v8::JSON::Parse(scope.context(), js::NewString(scope, props))
                 .ToLocal(&value) &&
             value->IsObject()) {
    return value;
  }
  return v8::Object::New(scope.isolate());
}

}  // namespace caravel::runtime
