#include "runtime/js/error.h"

#include "runtime/js/convert.h"

namespace caravel::js {
namespace {

// A property of an object, read without letting a getter of the tenant throw
// through us.
std::string TextProperty(Scope& scope, v8::Local<v8::Value> value,
                         std::string_view name) {
  if (!value->IsObject()) return {};
  const v8::TryCatch ignore(scope.isolate());
  v8::Local<v8::Value> property;
  if (!value.As<v8::Object>()
           ->Get(scope.context(), scope.Name(name))
           .ToLocal(&property) ||
      !property->IsString()) {
    return {};
  }
  return ToUtf8(scope, property.As<v8::String>());
}

std::string TextOf(Scope& scope, v8::Local<v8::Value> value) {
  const v8::TryCatch ignore(scope.isolate());
  v8::Local<v8::String> text;
  if (!value->ToDetailString(scope.context()).ToLocal(&text)) return "unknown";
  return ToUtf8(scope, text);
}

// What a message may have of what a tenant gave: with a few words beside it,
// the longest text of JS would make none.
v8::Local<v8::String> Message(Scope& scope, std::string_view text) {
  constexpr size_t kMostBytes = 16 * 1024;
  return NewString(scope, text.substr(0, kMostBytes));
}

}  // namespace

v8::Local<v8::String> Scope::Name(std::string_view text) const {
  return v8::String::NewFromUtf8(isolate_, text.data(),
                                 v8::NewStringType::kInternalized,
                                 static_cast<int>(text.size()))
      .ToLocalChecked();
}

void ThrowTypeError(Scope& scope, std::string_view message) {
  scope.isolate()->ThrowException(
      v8::Exception::TypeError(Message(scope, message)));
}

void ThrowRangeError(Scope& scope, std::string_view message) {
  scope.isolate()->ThrowException(
      v8::Exception::RangeError(Message(scope, message)));
}

void Throw(Scope& scope, const Error& error) {
  const std::string text = error.remedy().empty()
                               ? error.message()
                               : error.message() + ". " + error.remedy();
  switch (error.code()) {
    case ErrorCode::kInvalid:
    case ErrorCode::kDenied:
      return ThrowTypeError(scope, text);
    case ErrorCode::kLimit:
      return ThrowRangeError(scope, text);
    default:
      scope.isolate()->ThrowException(
          v8::Exception::Error(Message(scope, text)));
  }
}

Exception Describe(Scope& scope, v8::Local<v8::Value> thrown,
                   v8::Local<v8::Message> message) {
  Exception described;
  described.name = TextProperty(scope, thrown, "name");
  if (described.name.empty()) described.name = "Error";
  described.message = thrown->IsNativeError() || thrown->IsObject()
                          ? TextProperty(scope, thrown, "message")
                          : std::string();
  if (described.message.empty() && !thrown->IsNativeError()) {
    described.message = TextOf(scope, thrown);
  }
  described.stack = TextProperty(scope, thrown, "stack");
  if (!message.IsEmpty()) {
    const v8::Local<v8::Value> resource = message->GetScriptResourceName();
    const int line = message->GetLineNumber(scope.context()).FromMaybe(0);
    if (line > 0) {
      described.where = fmt::format(
          "{}:{}:{}", TextOf(scope, resource), line,
          message->GetStartColumn(scope.context()).FromMaybe(0) + 1);
    }
  }
  return described;
}

}  // namespace caravel::js
