#pragma once

#include <fmt/format.h>
#include <v8.h>

#include <concepts>
#include <list>
#include <memory>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "runtime/js/function.h"

// Native objects with methods, bound by one declaration (WebIDL, section 3.7):
//
//   class TextDecoderState final : public js::Object {
//    public:
//     Result<std::string> Decode(js::Scope&, js::BytesView bytes, bool stream);
//
//     static constexpr auto Js() {
//       return js::Class("TextDecoderState",
//                        js::Method("decode", &TextDecoderState::Decode));
//     }
//   };
//
// A native function that returns std::unique_ptr<TextDecoderState> gives JS an
// instance, one that takes a TextDecoderState* is given one. A method called on
// anything else throws "Illegal invocation", and JS cannot construct the class.
// Classes are made in an isolate on first use, so a snapshot refers to none of
// them.
namespace caravel::js {

// Base of what JS holds by reference. Owned by the ClassTable of its isolate,
// which destroys it some time after JS dropped its last reference: during a
// collection, so the destructor must not touch the isolate.
class Object {
 public:
  Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;

  // Bytes that it holds outside of V8's heap, about, where they are many enough
  // for V8 to collect the sooner. Who changes it calls Recount().
  virtual size_t external_size() const { return 0; }

 private:
  friend class ClassTable;
  size_t recounted_ = 0;  // what V8 was told last
};

// Tells V8 of the object's external_size(), once JS holds the object.
void Recount(Scope& scope, Object& object);

template <typename M>
struct MethodSpec {
  const char* name;
  M method;
};
template <typename R, typename T, typename... Args>
constexpr MethodSpec<R (T::*)(Scope&, Args...)> Method(
    const char* name, R (T::*method)(Scope&, Args...)) {
  return {name, method};
}

template <typename... M>
struct ClassSpec {
  const char* name;
  std::tuple<MethodSpec<M>...> methods;
};
template <typename... M>
constexpr ClassSpec<M...> Class(const char* name, MethodSpec<M>... methods) {
  return {name, {methods...}};
}

// A class that declares itself as above.
template <typename T>
concept NativeClass =
    std::derived_from<T, Object> && requires { T::Js().methods; };

// The native classes and living native objects of one isolate, a part of its
// IsolateState.
//
// Threads: the one that is in the isolate.
class ClassTable {
 public:
  ClassTable() = default;
  ClassTable(const ClassTable&) = delete;
  ClassTable& operator=(const ClassTable&) = delete;
  // Destroys all objects. Requires: the isolate is locked and not disposed of.
  ~ClassTable() = default;

  // The class with that key; empty when it was not made yet.
  v8::Local<v8::FunctionTemplate> Find(v8::Isolate* isolate,
                                       const void* key) const;
  void Add(v8::Isolate* isolate, const void* key,
           v8::Local<v8::FunctionTemplate> made);

  static void Recount(v8::Isolate* isolate, Object& object, size_t size);

  // Ties `object` to `wrapper`, an instance of one of the classes.
  void Adopt(v8::Isolate* isolate, v8::Local<v8::Object> wrapper,
             std::unique_ptr<Object> object);

 private:
  struct Instance {
    std::unique_ptr<Object> object;
    v8::Global<v8::Object> wrapper;
    ClassTable* table;
    std::list<Instance>::iterator place;
  };
  static void OnCollected(const v8::WeakCallbackInfo<Instance>& info);

  std::unordered_map<const void*, v8::Global<v8::FunctionTemplate>> templates_;
  std::list<Instance> instances_;
};

namespace internal {

ClassTable& Classes(Scope& scope);

// The object behind an instance. Requires: V8 has checked the receiver.
Object* Unwrap(v8::Local<v8::Object> instance);

// A class without methods, whose constructor throws.
v8::Local<v8::FunctionTemplate> NewClass(Scope& scope, const char* name);
void AddMethod(Scope& scope, v8::Local<v8::FunctionTemplate> made,
               const char* name, v8::FunctionCallback callback);

template <typename T>
inline constexpr char kClassKey = 0;

template <typename T, size_t I>
void MethodCallback(const v8::FunctionCallbackInfo<v8::Value>& info) {
  constexpr auto spec = std::get<I>(T::Js().methods);
  [&]<typename R, typename C, typename... Args>(R (C::*)(Scope&, Args...)) {
    auto* self = static_cast<T*>(Unwrap(info.This()));
    ConvertAndCall<R, Args...>(
        info, spec.name, [self](Scope& scope, auto&&... arguments) -> R {
          return (self->*spec.method)(
              scope, std::forward<decltype(arguments)>(arguments)...);
        });
  }(spec.method);
}

template <NativeClass T>
v8::Local<v8::FunctionTemplate> TemplateOf(Scope& scope) {
  ClassTable& table = Classes(scope);
  v8::Local<v8::FunctionTemplate> made =
      table.Find(scope.isolate(), &kClassKey<T>);
  if (!made.IsEmpty()) return made;
  made = NewClass(scope, T::Js().name);
  [&]<size_t... Is>(std::index_sequence<Is...>) {
    (AddMethod(scope, made, std::get<Is>(T::Js().methods).name,
               &MethodCallback<T, Is>),
     ...);
  }(std::make_index_sequence<std::tuple_size_v<decltype(T::Js().methods)>>());
  table.Add(scope.isolate(), &kClassKey<T>, made);
  return made;
}

}  // namespace internal

// An instance for JS; empty only when the isolate is being terminated.
template <NativeClass T>
Result<v8::Object> Wrap(Scope& scope, std::unique_ptr<T> object) {
  v8::Local<v8::Object> instance;
  if (!internal::TemplateOf<T>(scope)
           ->InstanceTemplate()
           ->NewInstance(scope.context())
           .ToLocal(&instance)) {
    return {};
  }
  internal::Classes(scope).Adopt(scope.isolate(), instance, std::move(object));
  return instance;
}

// An instance as an argument; valid while JS holds it.
template <NativeClass T>
bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place, T*& out) {
  if (!internal::TemplateOf<T>(scope)->HasInstance(value)) {
    ThrowWrongType(scope, place, fmt::format("of type '{}'", T::Js().name));
    return false;
  }
  out = static_cast<T*>(internal::Unwrap(value.As<v8::Object>()));
  return true;
}

// What a native function returns: null for none.
template <NativeClass T>
v8::Local<v8::Value> ToJs(Scope& scope, std::unique_ptr<T> object) {
  v8::Local<v8::Object> instance;
  if (object == nullptr || !Wrap(scope, std::move(object)).ToLocal(&instance)) {
    return v8::Null(scope.isolate());
  }
  return instance;
}

}  // namespace caravel::js
