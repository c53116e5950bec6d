#pragma once

#include <v8.h>

#include <array>
#include <string>
#include <tuple>
#include <utility>

#include "runtime/js/convert.h"
#include "runtime/js/error.h"

// One declaration binds C++ functions to JS:
//
//   struct UrlOps {
//     static std::optional<std::string> Parse(js::Scope&, std::string input,
//                                             std::optional<std::string> base);
//     static constexpr auto Js() {
//       return js::Functions(js::Function("urlParse", &Parse), …);
//     }
//   };
//
// From it come argument conversion and its errors, the conversion of the result
// (a caravel::Result becomes a value or an exception, a js::Result<T> a value
// or the exception that V8 holds already), the external references that a
// snapshot needs, and the line of the TypeScript declarations (declarations.h).
namespace caravel::js {

template <typename F>
struct FunctionSpec {
  const char* name;
  F* function;
};
template <typename F>
constexpr FunctionSpec<F> Function(const char* name, F* function) {
  return {name, function};
}

template <typename... F>
constexpr std::tuple<FunctionSpec<F>...> Functions(FunctionSpec<F>... specs) {
  return {specs...};
}

namespace internal {

template <typename T>
struct IsJsResult : std::false_type {};
template <typename T>
struct IsJsResult<v8::MaybeLocal<T>> : std::true_type {};
template <typename T>
struct IsResult : std::false_type {};
template <typename T>
struct IsResult<caravel::Result<T>> : std::true_type {};

template <typename R>
void SetReturn(Scope& scope, const v8::FunctionCallbackInfo<v8::Value>& info,
               R result) {
  if constexpr (IsJsResult<R>::value) {
    v8::Local<v8::Value> value;
    if (result.ToLocal(&value)) info.GetReturnValue().Set(value);
  } else if constexpr (IsResult<R>::value) {
    if (!result) {
      Throw(scope, result.error());
    } else if constexpr (!std::is_void_v<typename R::value_type>) {
      info.GetReturnValue().Set(ToJs(scope, std::move(*result)));
    }
  } else if constexpr (std::is_same_v<R, bool> || std::is_same_v<R, int32_t> ||
                       std::is_same_v<R, uint32_t> ||
                       std::is_same_v<R, double>) {
    info.GetReturnValue().Set(result);
  } else {
    info.GetReturnValue().Set(ToJs(scope, std::move(result)));
  }
}

// Converts the arguments of a call, hands them to `callee` when all fit, and
// passes on what it returns. `name` is for error texts.
template <typename R, typename... Args, typename Callee>
void ConvertAndCall(const v8::FunctionCallbackInfo<v8::Value>& info,
                    const char* name, Callee callee) {
  Scope scope(info.GetIsolate());
  std::tuple<std::remove_cvref_t<Args>...> arguments;
  const bool converted = [&]<size_t... Is>(std::index_sequence<Is...>) {
    return (FromJs(scope, info[static_cast<int>(Is)],
                   Place{name, static_cast<int>(Is) + 1},
                   std::get<Is>(arguments)) &&
            ...);
  }(std::index_sequence_for<Args...>());
  if (!converted) return;
  const auto call = [&](auto&... argument) -> R {
    return callee(scope, std::move(argument)...);
  };
  if constexpr (std::is_void_v<R>) {
    std::apply(call, arguments);
  } else {
    SetReturn(scope, info, std::apply(call, arguments));
  }
}

template <typename Ops, size_t I>
void Callback(const v8::FunctionCallbackInfo<v8::Value>& info) {
  constexpr auto spec = std::get<I>(Ops::Js());
  [&]<typename R, typename... Args>(R (*)(Scope&, Args...)) {
    ConvertAndCall<R, Args...>(info, spec.name, spec.function);
  }(spec.function);
}

}  // namespace internal

// Defines each function of Ops on `target`, an ordinary object without script's
// hand in it.
template <typename Ops>
void Install(Scope& scope, v8::Local<v8::Object> target) {
  [&]<size_t... Is>(std::index_sequence<Is...>) {
    (target
         ->CreateDataProperty(
             scope.context(), scope.Name(std::get<Is>(Ops::Js()).name),
             v8::FunctionTemplate::New(
                 scope.isolate(), &internal::Callback<Ops, Is>,
                 v8::Local<v8::Value>(), v8::Local<v8::Signature>(), 0,
                 v8::ConstructorBehavior::kThrow)
                 ->GetFunction(scope.context())
                 .ToLocalChecked())
         .Check(),
     ...);
  }(std::make_index_sequence<std::tuple_size_v<decltype(Ops::Js())>>());
}

// Adds the addresses that a snapshot with these functions refers to.
template <typename Ops, typename Vector>
void AddReferences(Vector& references) {
  [&]<size_t... Is>(std::index_sequence<Is...>) {
    (references.push_back(
         reinterpret_cast<intptr_t>(&internal::Callback<Ops, Is>)),
     ...);
  }(std::make_index_sequence<std::tuple_size_v<decltype(Ops::Js())>>());
}

// What a native function returns that gives the functions of Ops as an object
// of their own, made on each call: no snapshot refers to them, and an isolate
// pays for them when it asks. `Ops::kName` is how TypeScript calls the object.
template <typename Ops>
struct Group {};
template <typename Ops>
v8::Local<v8::Value> ToJs(Scope& scope, Group<Ops>) {
  const auto made = v8::Object::New(scope.isolate());
  Install<Ops>(scope, made);
  return made;
}

}  // namespace caravel::js
