#include "runtime/js/allocate.h"

#include <cstring>

namespace caravel::js {
namespace {

bool CheckStringLength(Scope& scope, size_t length) {
  if (length <= static_cast<size_t>(v8::String::kMaxLength)) return true;
  ThrowRangeError(scope, "Invalid string length");
  return false;
}

}  // namespace

Result<v8::String> NewOneByte(Scope& scope, std::string_view latin1) {
  if (!CheckStringLength(scope, latin1.size())) return {};
  return v8::String::NewFromOneByte(
      scope.isolate(), reinterpret_cast<const uint8_t*>(latin1.data()),
      v8::NewStringType::kNormal, static_cast<int>(latin1.size()));
}

Result<v8::String> NewTwoByte(Scope& scope, std::u16string_view text) {
  if (!CheckStringLength(scope, text.size())) return {};
  return v8::String::NewFromTwoByte(
      scope.isolate(), reinterpret_cast<const uint16_t*>(text.data()),
      v8::NewStringType::kNormal, static_cast<int>(text.size()));
}

Result<v8::ArrayBuffer> NewBuffer(Scope& scope, size_t size) {
  const Result<v8::ArrayBuffer> buffer = v8::ArrayBuffer::MaybeNew(
      scope.isolate(), size,
      v8::BackingStoreInitializationMode::kUninitialized);
  if (buffer.IsEmpty()) {
    ThrowRangeError(scope, "Array buffer allocation failed");
  }
  return buffer;
}

Result<v8::ArrayBuffer> NewBuffer(Scope& scope, std::string_view bytes) {
  v8::Local<v8::ArrayBuffer> buffer;
  if (!NewBuffer(scope, bytes.size()).ToLocal(&buffer)) return {};
  if (!bytes.empty()) {
    std::memcpy(buffer->Data(), bytes.data(), bytes.size());
  }
  return buffer;
}

}  // namespace caravel::js
