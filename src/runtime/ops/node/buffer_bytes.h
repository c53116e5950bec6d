#pragma once

#include <v8.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/js/scope.h"

// What the sources of Node's binding `buffer` share (buffer_binding.h).
//
// Threads: the one that is in the isolate.
namespace caravel::runtime {

// The bytes of a typed array, DataView or ArrayBuffer for reading; none for any
// other value.
class BufferBytes {
 public:
  explicit BufferBytes(v8::Local<v8::Value> value) {
    if (value->IsArrayBufferView()) {
      const v8::MemorySpan<uint8_t> span =
          value.As<v8::ArrayBufferView>()->GetContents(
              {storage_.data(), storage_.size()});
      view_ = {reinterpret_cast<const char*>(span.data()), span.size()};
    } else if (value->IsArrayBuffer()) {
      const auto buffer = value.As<v8::ArrayBuffer>();
      view_ = {static_cast<const char*>(buffer->Data()), buffer->ByteLength()};
    } else if (value->IsSharedArrayBuffer()) {
      const auto buffer = value.As<v8::SharedArrayBuffer>();
      view_ = {static_cast<const char*>(buffer->Data()), buffer->ByteLength()};
    }
  }
  BufferBytes(const BufferBytes&) = delete;
  BufferBytes& operator=(const BufferBytes&) = delete;

  std::string_view view() const { return view_; }

 private:
  static constexpr size_t kMostOnHeap = 64;
  std::array<uint8_t, kMostOnHeap> storage_;
  std::string_view view_;
};

// Throws an error with that `code`: a RangeError, or a TypeError.
void ThrowBufferError(js::Scope& scope, std::string_view code,
                      std::string_view message, bool range);

// The text with one byte a character; what has no byte becomes 0xFF, which is a
// digit of no encoding.
std::string DigitsOf(js::Scope& scope, v8::Local<v8::String> text);

}  // namespace caravel::runtime
