#include "runtime/js/convert.h"

#include <cmath>
#include <cstring>

namespace caravel::js {
namespace {

bool IsAscii(std::string_view text) {
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    if ((word & 0x8080808080808080ULL) != 0) return false;
  }
  for (; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) >= 0x80) return false;
  }
  return true;
}

}  // namespace

v8::Local<v8::String> NewOneByteString(Scope& scope, std::string_view latin1) {
  return v8::String::NewFromOneByte(
             scope.isolate(), reinterpret_cast<const uint8_t*>(latin1.data()),
             v8::NewStringType::kNormal, static_cast<int>(latin1.size()))
      .ToLocalChecked();
}

v8::Local<v8::String> NewString(Scope& scope, std::string_view utf8) {
  if (IsAscii(utf8)) return NewOneByteString(scope, utf8);
  return v8::String::NewFromUtf8(scope.isolate(), utf8.data(),
                                 v8::NewStringType::kNormal,
                                 static_cast<int>(utf8.size()))
      .ToLocalChecked();
}

void AppendUtf8(Scope& scope, v8::Local<v8::String> text, std::string& out) {
  const size_t before = out.size();
  if (text->IsOneByte()) {
    // Nearly always ASCII, and then the same in UTF-8.
    out.resize(before + static_cast<size_t>(text->Length()));
    text->WriteOneByteV2(scope.isolate(), 0,
                         static_cast<uint32_t>(text->Length()),
                         reinterpret_cast<uint8_t*>(out.data() + before));
    if (IsAscii(std::string_view(out).substr(before))) return;
  }
  const size_t size = text->Utf8LengthV2(scope.isolate());
  out.resize(before + size);
  text->WriteUtf8V2(scope.isolate(), out.data() + before, size,
                    v8::String::WriteFlags::kReplaceInvalidUtf8);
}

std::string ToUtf8(Scope& scope, v8::Local<v8::String> text) {
  std::string out;
  AppendUtf8(scope, text, out);
  return out;
}

bool ToLatin1(Scope& scope, v8::Local<v8::String> text, std::string& out) {
  if (!text->IsOneByte() && !text->ContainsOnlyOneByte()) return false;
  out.resize(static_cast<size_t>(text->Length()));
  text->WriteOneByteV2(scope.isolate(), 0, static_cast<uint32_t>(out.size()),
                       reinterpret_cast<uint8_t*>(out.data()));
  return true;
}

void ThrowWrongType(Scope& scope, Place place, std::string_view expected) {
  ThrowTypeError(scope,
                 fmt::format("Failed to execute '{}': parameter {} is not {}.",
                             place.function, place.parameter, expected));
}

bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place, bool& out) {
  out = value->BooleanValue(scope.isolate());
  return true;
}

bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place, int32_t& out) {
  if (value->IsInt32()) {
    out = value.As<v8::Int32>()->Value();
    return true;
  }
  return value->Int32Value(scope.context()).To(&out);
}

bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place, uint32_t& out) {
  return value->Uint32Value(scope.context()).To(&out);
}

bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place, double& out) {
  return value->NumberValue(scope.context()).To(&out);
}

bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place, std::string& out) {
  v8::Local<v8::String> text;
  if (!value->ToString(scope.context()).ToLocal(&text)) return false;
  out.clear();
  AppendUtf8(scope, text, out);
  return true;
}

bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place,
            ByteString& out) {
  v8::Local<v8::String> text;
  if (!value->ToString(scope.context()).ToLocal(&text)) return false;
  if (ToLatin1(scope, text, out.bytes)) return true;
  ThrowWrongType(scope, place, "a ByteString: it has a character above U+00FF");
  return false;
}

bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place,
            MutableBytes& out) {
  if (value->IsArrayBufferView()) {
    const auto view = value.As<v8::ArrayBufferView>();
    // Buffer() moves a small view's bytes out of the JS heap, so that they stay
    // in place while the view is used.
    auto* data = static_cast<char*>(view->Buffer()->Data());
    out.bytes = {data + view->ByteOffset(), view->ByteLength()};
    return true;
  }
  if (value->IsArrayBuffer()) {
    const auto buffer = value.As<v8::ArrayBuffer>();
    out.bytes = {static_cast<char*>(buffer->Data()), buffer->ByteLength()};
    return true;
  }
  ThrowWrongType(scope, place, "of type 'ArrayBuffer' or 'ArrayBufferView'");
  return false;
}

bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place,
            BytesView& out) {
  MutableBytes found;
  if (!FromJs(scope, value, place, found)) return false;
  out.bytes = {found.bytes.data(), found.bytes.size()};
  return true;
}

bool FromJs(Scope&, v8::Local<v8::Value> value, Place,
            v8::Local<v8::Value>& out) {
  out = value;
  return true;
}

bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place,
            v8::Local<v8::String>& out) {
  return value->ToString(scope.context()).ToLocal(&out);
}

bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place,
            v8::Local<v8::Object>& out) {
  if (!value->IsObject()) {
    ThrowWrongType(scope, place, "an object");
    return false;
  }
  out = value.As<v8::Object>();
  return true;
}

bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place,
            v8::Local<v8::Array>& out) {
  if (!value->IsArray()) {
    ThrowWrongType(scope, place, "an array");
    return false;
  }
  out = value.As<v8::Array>();
  return true;
}

bool FromJs(Scope& scope, v8::Local<v8::Value> value, Place place,
            v8::Local<v8::Function>& out) {
  if (!value->IsFunction()) {
    ThrowWrongType(scope, place, "a function");
    return false;
  }
  out = value.As<v8::Function>();
  return true;
}

v8::Local<v8::Value> ToJs(Scope& scope, NewBytes value) {
  auto* owned = new std::string(std::move(value.bytes));
  std::unique_ptr<v8::BackingStore> store = v8::ArrayBuffer::NewBackingStore(
      owned->data(), owned->size(),
      [](void*, size_t, void* data) { delete static_cast<std::string*>(data); },
      owned);
  return v8::ArrayBuffer::New(scope.isolate(), std::move(store));
}

}  // namespace caravel::js
