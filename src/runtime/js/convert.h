#pragma once

#include <v8.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "runtime/js/error.h"
#include "runtime/js/scope.h"

// Values between JS and C++. FromJs() follows WebIDL's conversions for the type
// and throws a TypeError that names the argument ("parameter 1 …"); ToJs()
// never fails for what fits in memory. Conversions copy unless the type says
// view. How a type is called in TypeScript stands in declarations.h.
namespace caravel::js {

// A string of bytes, one a character (WebIDL ByteString): header names, values.
struct ByteString {
  std::string bytes;
};

// The bytes of an ArrayBuffer or a view of one, where they lie. Valid until the
// native function returns, and only while it does not call into JS.
struct BytesView {
  std::string_view bytes;
};

// The same, to be written to.
struct MutableBytes {
  std::span<char> bytes;
};

// Bytes that become an ArrayBuffer of their own.
struct NewBytes {
  std::string bytes;
};

// A JS string, and bytes as a JS string: one-byte where the text is ASCII.
v8::Local<v8::String> NewString(Scope& scope, std::string_view utf8);
v8::Local<v8::String> NewOneByteString(Scope& scope, std::string_view latin1);
// The text as UTF-8; lone surrogates become U+FFFD (WebIDL USVString).
std::string ToUtf8(Scope& scope, v8::Local<v8::String> text);
// Appends it, without a string of its own.
void AppendUtf8(Scope& scope, v8::Local<v8::String> text, std::string& out);
// False when a character is above U+00FF.
bool ToLatin1(Scope& scope, v8::Local<v8::String> text, std::string& out);

// Where an argument stands, for error texts.
struct Place {
  const char* function;
  int parameter;  // from 1
};
void ThrowWrongType(Scope& scope, Place place, std::string_view expected);

bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place, bool& out);
bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place,
            int32_t& out);
bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place,
            uint32_t& out);
bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place, double& out);
bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place,
            std::string& out);
bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place,
            ByteString& out);
bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place,
            BytesView& out);
bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place,
            MutableBytes& out);
bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place,
            v8::Local<v8::Value>& out);
bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place,
            v8::Local<v8::String>& out);
bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place,
            v8::Local<v8::Object>& out);
bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place,
            v8::Local<v8::Array>& out);
bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place,
            v8::Local<v8::Function>& out);

template <typename T>
bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place,
            std::optional<T>& out) {
  out.reset();
  if (value->IsNullOrUndefined()) return true;
  return FromJs(scope, value, place, out.emplace());
}

template <typename T>
bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place,
            std::vector<T>& out) {
  v8::Local<v8::Array> array;
  if (!FromJs(scope, value, place, array)) return false;
  out.clear();
  out.reserve(array->Length());
  for (uint32_t i = 0; i < array->Length(); ++i) {
    v8::Local<v8::Value> item;
    if (!array->Get(scope.context(), i).ToLocal(&item)) return false;
    if (!FromJs(scope, item, place, out.emplace_back())) return false;
  }
  return true;
}

inline v8::Local<v8::Value> ToJs(Scope& scope, bool value) {
  return v8::Boolean::New(scope.isolate(), value);
}
inline v8::Local<v8::Value> ToJs(Scope& scope, int32_t value) {
  return v8::Integer::New(scope.isolate(), value);
}
inline v8::Local<v8::Value> ToJs(Scope& scope, uint32_t value) {
  return v8::Integer::NewFromUnsigned(scope.isolate(), value);
}
inline v8::Local<v8::Value> ToJs(Scope& scope, double value) {
  return v8::Number::New(scope.isolate(), value);
}
inline v8::Local<v8::Value> ToJs(Scope& scope, const std::string& value) {
  return NewString(scope, value);
}
inline v8::Local<v8::Value> ToJs(Scope& scope, const ByteString& value) {
  return NewOneByteString(scope, value.bytes);
}
v8::Local<v8::Value> ToJs(Scope& scope, NewBytes value);
template <typename T>
  requires std::is_base_of_v<v8::Data, T>
v8::Local<v8::Value> ToJs(Scope&, v8::Local<T> value) {
  return value;
}
// Nothing is null.
template <typename T>
v8::Local<v8::Value> ToJs(Scope& scope, std::optional<T> value) {
  if (!value) return v8::Null(scope.isolate());
  return ToJs(scope, std::move(*value));
}
template <typename T>
v8::Local<v8::Value> ToJs(Scope& scope, const std::vector<T>& values) {
  v8::LocalVector<v8::Value> items(scope.isolate());
  items.reserve(values.size());
  for (const T& value : values) items.push_back(ToJs(scope, value));
  return v8::Array::New(scope.isolate(), items.data(), items.size());
}

}  // namespace caravel::js
