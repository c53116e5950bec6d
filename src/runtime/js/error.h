#pragma once

#include <v8.h>

#include <string>
#include <string_view>

#include "base/result.h"
#include "runtime/js/scope.h"

namespace caravel::js {

// The outcome of a call into JS: a value, or nothing, which means that V8 holds
// the exception. Never turned into an Error but at a border (Describe).
template <typename T>
using Result = v8::MaybeLocal<T>;

// Throw an exception of that class and return; the native function then returns
// at once.
void ThrowTypeError(Scope& scope, std::string_view message);
void ThrowRangeError(Scope& scope, std::string_view message);

// Throws `error` as the class that the border's table names: kInvalid and
// kDenied become TypeError, kLimit RangeError, all others Error. The remedy
// follows the message after a blank.
void Throw(Scope& scope, const Error& error);

// What a TryCatch caught, for error pages, logs and the checker.
struct Exception {
  std::string name;  // "TypeError"; "Error" when it cannot be told
  std::string message;
  std::string stack;  // with the message on its first line; may be empty
  std::string where;  // "file:line:column", empty when unknown
};
Exception Describe(Scope& scope, v8::Local<v8::Value> thrown,
                   v8::Local<v8::Message> message);

}  // namespace caravel::js
