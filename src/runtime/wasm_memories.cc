// A replaced constructor is a Proxy of V8's with a `construct` trap: name,
// length, prototype and `instanceof` are those of the original.
//
// Tests: wasm_memories_test.cc, isolate_wasm_limits_test.cc.
#include "runtime/wasm_memories.h"

#include <array>
#include <cstdint>
#include <string_view>

#include "runtime/isolate_state.h"
#include "runtime/js/error.h"
#include "runtime/wasm_module.h"

namespace caravel::runtime {
namespace {

v8::Local<v8::Object> MemberOf(js::Scope& scope, v8::Local<v8::Object> object,
                               std::string_view name) {
  return object->Get(scope.context(), scope.Name(name))
      .ToLocalChecked()
      .As<v8::Object>();
}

void DefineMember(js::Scope& scope, v8::Local<v8::Object> object,
                  std::string_view name, v8::Local<v8::Value> value,
                  v8::PropertyAttribute attributes) {
  object
      ->DefineOwnProperty(scope.context(), scope.Name(name), value, attributes)
      .Check();
}

v8::Local<v8::Function> NewWasmFunction(js::Scope& scope,
                                        v8::FunctionCallback callback,
                                        v8::Local<v8::Value> data, int length) {
  return v8::Function::New(scope.context(), callback, data, length,
                           v8::ConstructorBehavior::kThrow)
      .ToLocalChecked();
}

v8::Local<v8::Private> ProxyMark(js::Scope& scope) {
  return v8::Private::ForApi(scope.isolate(), scope.Name("platform proxy"));
}

void ReplaceConstructor(js::Scope& scope, v8::Local<v8::Object> wasm,
                        std::string_view name, v8::FunctionCallback trap) {
  const v8::Local<v8::Object> original = MemberOf(scope, wasm, name);
  // Without a prototype, where script could define more traps.
  std::array<v8::Local<v8::Name>, 1> names = {scope.Name("construct")};
  std::array<v8::Local<v8::Value>, 1> traps = {
      NewWasmFunction(scope, trap, v8::Local<v8::Value>(), 3)};
  const auto handler =
      v8::Object::New(scope.isolate(), v8::Null(scope.isolate()), names.data(),
                      traps.data(), names.size());
  handler
      ->SetPrivate(scope.context(), ProxyMark(scope), v8::True(scope.isolate()))
      .Check();
  const auto proxy =
      v8::Proxy::New(scope.context(), original, handler).ToLocalChecked();
  DefineMember(scope, wasm, name, proxy, v8::DontEnum);
  DefineMember(scope, MemberOf(scope, original, "prototype"), "constructor",
               proxy, v8::DontEnum);
}

// What the original makes, in a trap (original, arguments, newTarget).
v8::MaybeLocal<v8::Object> Construct(
    js::Scope& scope, const v8::FunctionCallbackInfo<v8::Value>& info) {
  if (!info[0]->IsFunction() || !info[1]->IsArray() || !info[2]->IsObject()) {
    js::ThrowTypeError(scope, "Illegal invocation");
    return {};
  }
  const auto given = info[1].As<v8::Array>();
  v8::LocalVector<v8::Value> arguments(scope.isolate());
  for (uint32_t i = 0; i < given->Length(); ++i) {
    v8::Local<v8::Value> argument;
    if (!given->Get(scope.context(), i).ToLocal(&argument)) return {};
    arguments.push_back(argument);
  }
  v8::Local<v8::Value> made;
  v8::Local<v8::Value> prototype;
  if (!info[0]
           .As<v8::Object>()
           ->CallAsConstructor(scope.context(),
                               static_cast<int>(arguments.size()),
                               arguments.data())
           .ToLocal(&made) ||
      !info[2]
           .As<v8::Object>()
           ->Get(scope.context(), scope.Name("prototype"))
           .ToLocal(&prototype)) {
    return {};
  }
  const auto object = made.As<v8::Object>();
  // Of a class that extends the original.
  if (prototype->IsObject() &&
      !object->SetPrototypeV2(scope.context(), prototype).FromMaybe(false)) {
    return {};
  }
  return object;
}

}  // namespace

bool IsPlatformProxy(js::Scope& scope, v8::Local<v8::Proxy> proxy) {
  const v8::Local<v8::Value> handler = proxy->GetHandler();
  return handler->IsObject() &&
         handler.As<v8::Object>()
             ->HasPrivate(scope.context(), ProxyMark(scope))
             .FromMaybe(false);
}

void WasmMemories::Watch(js::Scope& scope) {
  const auto wasm = MemberOf(scope, scope.context()->Global(), "WebAssembly");
  const auto prototype =
      MemberOf(scope, MemberOf(scope, wasm, "Instance"), "prototype");
  const auto exports =
      prototype
          ->GetOwnPropertyDescriptor(scope.context(), scope.Name("exports"))
          .ToLocalChecked()
          .As<v8::Object>();
  get_exports_.Reset(scope.isolate(),
                     MemberOf(scope, exports, "get").As<v8::Function>());
  ReplaceConstructor(scope, wasm, "Memory", &MakeMemory);
  ReplaceConstructor(scope, wasm, "Instance", &MakeInstance);
  const v8::Local<v8::Function> instantiate = NewWasmFunction(
      scope, &Instantiate, MemberOf(scope, wasm, "instantiate"), 1);
  instantiate->SetName(scope.Name("instantiate"));
  DefineMember(scope, wasm, "instantiate", instantiate, v8::None);
}

size_t WasmMemories::bytes() {
  size_t sum = 0;
  std::erase_if(stores_, [&sum](const auto& entry) {
    const std::shared_ptr<v8::BackingStore> store = entry.second.lock();
    if (store == nullptr) return true;
    sum += store->ByteLength();
    return false;
  });
  return sum;
}

void WasmMemories::MakeMemory(const v8::FunctionCallbackInfo<v8::Value>& info) {
  js::Scope scope(info.GetIsolate());
  v8::Local<v8::Object> memory;
  if (!Construct(scope, info).ToLocal(&memory)) return;
  scope.state().wasm_memories.Note(memory);
  info.GetReturnValue().Set(memory);
}

void WasmMemories::MakeInstance(
    const v8::FunctionCallbackInfo<v8::Value>& info) {
  js::Scope scope(info.GetIsolate());
  v8::Local<v8::Object> instance;
  if (!Construct(scope, info).ToLocal(&instance) ||
      !scope.state().wasm_memories.Start(scope, instance)) {
    return;
  }
  info.GetReturnValue().Set(instance);
}

// Of a module, with a promise of its instance. Bytes are refused anyway.
void WasmMemories::Instantiate(
    const v8::FunctionCallbackInfo<v8::Value>& info) {
  js::Scope scope(info.GetIsolate());
  std::array<v8::Local<v8::Value>, 2> arguments = {info[0], info[1]};
  v8::Local<v8::Value> result;
  v8::Local<v8::Promise> noted;
  if (!info.Data()
           .As<v8::Function>()
           ->Call(scope.context(), info.This(), info.Length() < 2 ? 1 : 2,
                  arguments.data())
           .ToLocal(&result) ||
      !result.As<v8::Promise>()
           ->Then(scope.context(), NewWasmFunction(scope, &NoteInstantiated,
                                                   v8::Local<v8::Value>(), 1))
           .ToLocal(&noted)) {
    return;
  }
  info.GetReturnValue().Set(noted);
}

void WasmMemories::NoteInstantiated(
    const v8::FunctionCallbackInfo<v8::Value>& info) {
  js::Scope scope(info.GetIsolate());
  if (scope.state().wasm_memories.Start(scope, info[0])) {
    info.GetReturnValue().Set(info[0]);
  }
}

void WasmMemories::Note(v8::Local<v8::Value> memory) {
  if (!memory->IsWasmMemoryObject()) return;
  const v8::Local<v8::Value> buffer =
      memory.As<v8::WasmMemoryObject>()->Buffer();
  const std::shared_ptr<v8::BackingStore> store =
      buffer->IsSharedArrayBuffer()
          ? buffer.As<v8::SharedArrayBuffer>()->GetBackingStore()
          : buffer.As<v8::ArrayBuffer>()->GetBackingStore();
  stores_[store.get()] = store;
}

bool WasmMemories::Start(js::Scope& scope, v8::Local<v8::Value> instance) {
  v8::Local<v8::Value> got;
  v8::Local<v8::Array> names;
  if (!get_exports_.Get(scope.isolate())
           ->Call(scope.context(), instance, 0, nullptr)
           .ToLocal(&got) ||
      !got.As<v8::Object>()
           ->GetOwnPropertyNames(scope.context())
           .ToLocal(&names)) {
    return false;
  }
  for (uint32_t i = 0; i < names->Length(); ++i) {
    v8::Local<v8::Value> name;
    v8::Local<v8::Value> value;
    if (!names->Get(scope.context(), i).ToLocal(&name) ||
        !got.As<v8::Object>()->Get(scope.context(), name).ToLocal(&value)) {
      return false;
    }
    Note(value);
  }
  v8::Local<v8::Value> start;
  if (!got.As<v8::Object>()
           ->Get(scope.context(), scope.Name(kWasmStart))
           .ToLocal(&start)) {
    return false;
  }
  return !start->IsFunction() ||
         !start.As<v8::Function>()
              ->Call(scope.context(), v8::Undefined(scope.isolate()), 0,
                     nullptr)
              .IsEmpty();
}

}  // namespace caravel::runtime
