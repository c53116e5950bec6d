#pragma once

#include <v8.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "runtime/js/scope.h"

// A string of JS on its way to UTF-8 (Encoding Standard, section 8.1.2), by
// simdutf, which takes the whole of it at once. Lone surrogates become U+FFFD.
namespace caravel::runtime {

// The code units of a string from its start, and what they come to in UTF-8.
// Nothing may be allocated in the isolate while it lives (String::ValueView).
class EncodableText {
 public:
  // Keeps `limit` units, one more where it would cut a surrogate pair.
  EncodableText(js::Scope& scope, v8::Local<v8::String> text,
                size_t limit = SIZE_MAX);
  EncodableText(const EncodableText&) = delete;
  EncodableText& operator=(const EncodableText&) = delete;

  // Replaces lone surrogates where there are some; true when it did. Where it
  // would, the functions below must not be called before.
  bool Repair();

  size_t size() const { return size_; }

  // Writes all units as one byte each when all are ASCII; false, with nothing
  // written, when they are not, or may not be. Cheaper than to ask for the size
  // of what may be any text.
  bool WriteAscii(char* out) const;

  // Requires: 0 < at < size().
  bool CutsPair(size_t at) const;

  // Whether so many units from `from` on, which cut no pair, come to `room`
  // bytes or less. Only counted when it is not sure.
  bool Fits(size_t from, size_t count, size_t room) const;

  // Of `count` units from `from` on, which cut no pair.
  size_t Utf8Size(size_t from, size_t count) const;
  // Writes that many bytes and answers how many they were.
  size_t WriteUtf8(size_t from, size_t count, char* out) const;

 private:
  const char* latin1() const {
    return reinterpret_cast<const char*>(view_.data8());
  }

  v8::String::ValueView view_;
  size_t size_ = 0;
  const char16_t* units_ = nullptr;  // in view_ or repaired_; none for Latin-1
  std::u16string repaired_;
};

struct EncodedPart {
  size_t read = 0;     // code units of the text
  size_t written = 0;  // bytes
};

// Writes as many whole characters as there is room for.
EncodedPart EncodeInto(js::Scope& scope, v8::Local<v8::String> text,
                       std::span<char> room);

}  // namespace caravel::runtime
