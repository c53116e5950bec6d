#include "runtime/ops/header_list.h"

#include <fmt/format.h>

#include <array>
#include <string>

#include "runtime/isolate_state.h"
#include "runtime/js/convert.h"

namespace caravel::runtime {
namespace {

constexpr std::array<std::string_view, 7> kConnectionFields = {
    "connection", "content-length",    "keep-alive", "proxy-connection",
    "te",         "transfer-encoding", "upgrade"};

bool IsConnectionField(std::string_view name) {
  for (const std::string_view field : kConnectionFields) {
    if (net::EqualsIgnoringCase(name, field)) return true;
  }
  return false;
}

bool IsTokenCharacter(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
      (c >= '0' && c <= '9')) {
    return true;
  }
  return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool IsName(std::string_view name) {
  if (name.empty()) return false;
  for (const char c : name) {
    if (!IsTokenCharacter(c)) return false;
  }
  return true;
}

}  // namespace

bool IsHeaderValue(std::string_view value) {
  return value.find_first_of(std::string_view("\r\n\0", 3)) ==
         std::string_view::npos;
}

bool ReadHeaderList(js::Scope& scope, v8::Local<v8::Array> list,
                    net::Headers& out, bool& has_content_type) {
  has_content_type = false;
  std::string name;
  std::string value;
  size_t size = 0;
  for (uint32_t i = 0; i + 1 < list->Length(); i += 2) {
    v8::Local<v8::Value> name_value;
    v8::Local<v8::Value> value_value;
    if (!list->Get(scope.context(), i).ToLocal(&name_value) ||
        !list->Get(scope.context(), i + 1).ToLocal(&value_value)) {
      return false;
    }
    if (!name_value->IsString() || !value_value->IsString()) {
      js::ThrowTypeError(scope, "Invalid header name or value.");
      return false;
    }
    // A length in code units is the size in Latin-1. It is looked at before the
    // text is copied: the same long string may be the value of many headers.
    size += static_cast<size_t>(name_value.As<v8::String>()->Length()) +
            static_cast<size_t>(value_value.As<v8::String>()->Length());
    if (size > kMaxHeaderBytes) {
      js::ThrowTypeError(
          scope, fmt::format("The headers exceed the limit of {} bytes.",
                             kMaxHeaderBytes));
      return false;
    }
    if (!js::ToLatin1(scope, name_value.As<v8::String>(), name) ||
        !js::ToLatin1(scope, value_value.As<v8::String>(), value) ||
        !IsName(name) || !IsHeaderValue(value)) {
      js::ThrowTypeError(scope, "Invalid header name or value.");
      return false;
    }
    if (IsConnectionField(name)) continue;
    has_content_type =
        has_content_type || net::EqualsIgnoringCase(name, "content-type");
    out.Add(name, value);
  }
  return true;
}

}  // namespace caravel::runtime
