#pragma once

#include <v8.h>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "runtime/js/class.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"

// The TypeScript that bindings amount to: from the same declarations as the
// bindings themselves, so it says what C++ takes and gives. Parameters have no
// names there, and what is converted by hand (a v8::Local<v8::Value>) is `any`.
namespace caravel::js {

// What a C++ type is called.
template <typename T>
struct TypeScriptName;
#define CARAVEL_TS(type, text)                \
  template <>                                 \
  struct TypeScriptName<type> {               \
    static std::string Get() { return text; } \
  };
CARAVEL_TS(void, "void")
CARAVEL_TS(bool, "boolean")
CARAVEL_TS(int32_t, "number")
CARAVEL_TS(uint32_t, "number")
CARAVEL_TS(double, "number")
CARAVEL_TS(std::string, "string")
CARAVEL_TS(ByteString, "string")
CARAVEL_TS(BytesView, "ArrayBuffer | ArrayBufferView")
CARAVEL_TS(MutableBytes, "ArrayBuffer | ArrayBufferView")
CARAVEL_TS(NewBytes, "ArrayBuffer")
CARAVEL_TS(v8::Local<v8::Value>, "any")
CARAVEL_TS(v8::Local<v8::String>, "string")
CARAVEL_TS(v8::Local<v8::Object>, "object")
CARAVEL_TS(v8::Local<v8::Array>, "any[]")
CARAVEL_TS(v8::Local<v8::ArrayBuffer>, "ArrayBuffer")
CARAVEL_TS(v8::Local<v8::Uint8Array>, "Uint8Array<ArrayBuffer>")
CARAVEL_TS(v8::Local<v8::Function>, "Function")
CARAVEL_TS(v8::Local<v8::Promise>, "Promise<any>")
#undef CARAVEL_TS
template <typename T>
struct TypeScriptName<std::optional<T>> {
  static std::string Get() { return TypeScriptName<T>::Get() + " | null"; }
};
template <typename T>
struct TypeScriptName<std::vector<T>> {
  static std::string Get() { return "(" + TypeScriptName<T>::Get() + ")[]"; }
};
template <NativeClass T>
struct TypeScriptName<std::unique_ptr<T>> {
  static std::string Get() { return T::Js().name; }
};
template <NativeClass T>
struct TypeScriptName<T*> {
  static std::string Get() { return T::Js().name; }
};
template <typename Ops>
struct TypeScriptName<Group<Ops>> {
  static std::string Get() { return Ops::kName; }
};
template <typename T>
struct TypeScriptName<caravel::Result<T>> : TypeScriptName<T> {};
template <typename T>
struct TypeScriptName<v8::MaybeLocal<T>> : TypeScriptName<v8::Local<T>> {};

template <typename Ops>
std::string Declarations();
template <typename Ops>
std::string ClassDeclarations();

namespace internal {

template <typename T>
struct ParameterName : TypeScriptName<T> {};
template <typename T>
struct ParameterName<std::optional<T>> {
  static std::string Get() {
    return TypeScriptName<T>::Get() + " | null | undefined";
  }
};

template <typename T>
struct IsGroup : std::false_type {};
template <typename Ops>
struct IsGroup<Group<Ops>> : std::true_type {
  using Functions = Ops;
};

// The native class that a function gives an instance of.
template <typename T>
struct GivenClass : std::type_identity<void> {};
template <NativeClass T>
struct GivenClass<std::unique_ptr<T>> : std::type_identity<T> {};
template <typename T>
struct GivenClass<caravel::Result<T>> : GivenClass<T> {};

// A property, not a method: of two function types, TypeScript compares the
// parameters strictly only then.
template <typename R, typename... Args>
std::string Declaration(const char* name) {
  std::string text = std::string("  ") + name + ": (";
  int i = 0;
  ((text += fmt::format("{}a{}: {}", i == 0 ? "" : ", ", i,
                        ParameterName<std::remove_cvref_t<Args>>::Get()),
    ++i),
   ...);
  return text + ") => " + TypeScriptName<R>::Get() + ";\n";
}
template <typename R, typename... Args>
std::string Declaration(const FunctionSpec<R(Scope&, Args...)>& spec) {
  return Declaration<R, Args...>(spec.name);
}
template <typename R, typename T, typename... Args>
std::string Declaration(const MethodSpec<R (T::*)(Scope&, Args...)>& spec) {
  return Declaration<R, Args...>(spec.name);
}

// The interfaces of what the function gives; "" when that is a plain value.
template <typename R, typename... Args>
std::string DeclarationOfGiven(const FunctionSpec<R(Scope&, Args...)>&) {
  using Class = typename GivenClass<R>::type;
  if constexpr (IsGroup<R>::value) {
    using Ops = typename IsGroup<R>::Functions;
    return fmt::format("{}interface {} {{\n{}}}\n", ClassDeclarations<Ops>(),
                       Ops::kName, Declarations<Ops>());
  } else if constexpr (std::is_void_v<Class>) {
    return {};
  } else {
    std::string text = std::string("interface ") + Class::Js().name + " {\n";
    std::apply([&](auto... spec) { ((text += Declaration(spec)), ...); },
               Class::Js().methods);
    return text + "}\n";
  }
}

}  // namespace internal

// The members that the functions of Ops are, a line each.
template <typename Ops>
std::string Declarations() {
  std::string text;
  std::apply(
      [&](auto... spec) { ((text += internal::Declaration(spec)), ...); },
      Ops::Js());
  return text;
}

// The interfaces of the native classes and groups that the functions of Ops
// give, each once.
template <typename Ops>
std::string ClassDeclarations() {
  std::string text;
  const auto add = [&](const std::string& declaration) {
    if (text.find(declaration) == std::string::npos) text += declaration;
  };
  std::apply(
      [&](auto... spec) { (add(internal::DeclarationOfGiven(spec)), ...); },
      Ops::Js());
  return text;
}

}  // namespace caravel::js
