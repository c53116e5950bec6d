#include "runtime/js/class.h"

#include "runtime/isolate_state.h"

namespace caravel::js {
namespace {

constexpr int kObjectField = 0;

void RefuseConstruction(const v8::FunctionCallbackInfo<v8::Value>& info) {
  Scope scope(info.GetIsolate());
  ThrowTypeError(scope, "Illegal constructor");
}

}  // namespace

v8::Local<v8::FunctionTemplate> ClassTable::Find(v8::Isolate* isolate,
                                                 const void* key) const {
  const auto found = templates_.find(key);
  if (found == templates_.end()) return {};
  return found->second.Get(isolate);
}

void ClassTable::Add(v8::Isolate* isolate, const void* key,
                     v8::Local<v8::FunctionTemplate> made) {
  templates_.try_emplace(key, isolate, made);
}

void ClassTable::Adopt(v8::Isolate* isolate, v8::Local<v8::Object> wrapper,
                       std::unique_ptr<Object> object) {
  wrapper->SetAlignedPointerInInternalField(kObjectField, object.get(),
                                            v8::kEmbedderDataTypeTagDefault);
  Recount(isolate, *object, object->external_size());
  Instance& instance = instances_.emplace_front(Instance{
      std::move(object), v8::Global<v8::Object>(isolate, wrapper), this, {}});
  instance.place = instances_.begin();
  instance.wrapper.SetWeak(&instance, &OnCollected,
                           v8::WeakCallbackType::kParameter);
}

void ClassTable::Recount(v8::Isolate* isolate, Object& object, size_t size) {
  const int64_t change =
      static_cast<int64_t>(size) - static_cast<int64_t>(object.recounted_);
  object.recounted_ = size;
  if (change != 0) isolate->AdjustAmountOfExternalAllocatedMemory(change);
}

void Recount(Scope& scope, Object& object) {
  ClassTable::Recount(scope.isolate(), object, object.external_size());
}

void ClassTable::OnCollected(const v8::WeakCallbackInfo<Instance>& info) {
  Instance* instance = info.GetParameter();
  Recount(info.GetIsolate(), *instance->object, 0);
  instance->table->instances_.erase(instance->place);
}

namespace internal {

ClassTable& Classes(Scope& scope) { return *scope.state().classes; }

Object* Unwrap(v8::Local<v8::Object> instance) {
  return static_cast<Object*>(instance->GetAlignedPointerFromInternalField(
      kObjectField, v8::kEmbedderDataTypeTagDefault));
}

v8::Local<v8::FunctionTemplate> NewClass(Scope& scope, const char* name) {
  v8::Isolate* isolate = scope.isolate();
  const auto made = v8::FunctionTemplate::New(isolate, &RefuseConstruction);
  made->SetClassName(scope.Name(name));
  made->InstanceTemplate()->SetInternalFieldCount(kObjectField + 1);
  made->PrototypeTemplate()->Set(
      v8::Symbol::GetToStringTag(isolate), scope.Name(name),
      static_cast<v8::PropertyAttribute>(v8::ReadOnly | v8::DontEnum));
  return made;
}

void AddMethod(Scope& scope, v8::Local<v8::FunctionTemplate> made,
               const char* name, v8::FunctionCallback callback) {
  v8::Isolate* isolate = scope.isolate();
  made->PrototypeTemplate()->Set(
      scope.Name(name),
      v8::FunctionTemplate::New(isolate, callback, v8::Local<v8::Value>(),
                                v8::Signature::New(isolate, made), 0,
                                v8::ConstructorBehavior::kThrow));
}

}  // namespace internal
}  // namespace caravel::js
