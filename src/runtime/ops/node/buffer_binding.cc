// Searching, comparing and changing bytes. They are looked at where V8 has
// them. A small typed array lies in V8's own heap: for reading it is copied
// (GetContents), for writing it is moved out (Buffer()).
//
// Tests: buffer_binding_test.cc, and Node's own tests (tests/node).
#include "runtime/ops/node/buffer_binding.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/js/allocate.h"
#include "runtime/js/convert.h"
#include "runtime/ops/node/buffer_bytes.h"
#include "runtime/ops/node/byte_search.h"
#include "runtime/ops/node/text_codec.h"
#include "runtime/ops/simdutf.h"

namespace caravel::runtime {
namespace {

using Value = v8::Local<v8::Value>;

// Node's numbers of encodings (binding string_decoder, `encodings`).
enum Encoding : int32_t { kUtf8 = 1, kUcs2 = 3, kLatin1 = 4 };

std::string Encode(js::Scope& scope, v8::Local<v8::String> text,
                   int32_t encoding) {
  const auto length = static_cast<uint32_t>(text->Length());
  std::string bytes;
  if (encoding == kUcs2) {
    bytes.resize(size_t{2} * length);
    text->WriteV2(scope.isolate(), 0, length,
                  reinterpret_cast<uint16_t*>(bytes.data()));
  } else if (encoding == kLatin1) {
    bytes.resize(length);
    text->WriteOneByteV2(scope.isolate(), 0, length,
                         reinterpret_cast<uint8_t*>(bytes.data()));
  } else {
    js::AppendUtf8(scope, text, bytes);
  }
  return bytes;
}

// The place of `needle`, or -1, from `offset` on, which counts from the end
// when it is negative. `step` is 2 where characters have two bytes, and only
// such places are looked at.
int64_t Find(std::string_view bytes, std::string_view needle, double offset,
             bool forward, size_t step) {
  const auto size = static_cast<double>(bytes.size());
  const auto length = static_cast<double>(needle.size());
  double from = offset < 0 ? offset + size : offset;
  if (!(from >= 0)) {
    if (!forward && !needle.empty()) return -1;
    from = 0;
  }
  if (needle.empty()) return static_cast<int64_t>(std::min(from, size));
  if (from + length > size) {
    if (forward) return -1;
    from = size - length;
    if (from < 0) return -1;
  }
  const size_t found =
      forward ? FindBytes(bytes, needle, static_cast<size_t>(from), step)
              : FindLastBytes(bytes, needle, static_cast<size_t>(from), step);
  return found == std::string_view::npos ? -1 : static_cast<int64_t>(found);
}

// What JS gave as the end of a search.
bool ToEnd(js::Scope& scope, Value value, std::optional<double>& end) {
  if (value->IsUndefined()) return true;
  return value->NumberValue(scope.context()).To(&end.emplace());
}

std::string_view UpTo(std::string_view bytes, std::optional<double> end) {
  if (!end || !(*end < static_cast<double>(bytes.size()))) return bytes;
  return bytes.substr(0, *end < 0 ? 0 : static_cast<size_t>(*end));
}

Value Place(js::Scope& scope, int64_t place) {
  return v8::Number::New(scope.isolate(), static_cast<double>(place));
}

int32_t Sign(int comparison) {
  return comparison < 0 ? -1 : comparison > 0 ? 1 : 0;
}

int32_t CompareBytes(std::string_view a, std::string_view b) {
  return Sign(a.compare(b));
}

// The part of `bytes` that two indexes of JS mark; empty when they mark none.
std::string_view Between(std::string_view bytes, double start, double end) {
  const auto size = static_cast<double>(bytes.size());
  const double from = start > 0 ? std::min(start, size) : 0;  // NaN is 0
  const double to = end > from ? std::min(end, size) : from;
  return bytes.substr(static_cast<size_t>(from),
                      static_cast<size_t>(to - from));
}

// False, with the exception thrown, for bytes that were given away.
bool CheckAttached(js::Scope& scope, Value value) {
  const bool detached =
      value->IsArrayBuffer() ? value.As<v8::ArrayBuffer>()->WasDetached()
      : value->IsArrayBufferView()
          ? value.As<v8::ArrayBufferView>()->HasBuffer() &&
                value.As<v8::ArrayBufferView>()->Buffer()->WasDetached()
          : false;
  if (detached) {
    ThrowBufferError(scope, "ERR_INVALID_STATE",
                     "Invalid state: Cannot validate on a detached buffer",
                     false);
  }
  return !detached;
}

template <typename Word>
Value Swap(js::Scope& scope, Value value) {
  js::MutableBytes bytes;
  if (!js::FromJs(scope, value, {"swap", 1}, bytes)) return value;
  for (size_t at = 0; at + sizeof(Word) <= bytes.bytes.size();
       at += sizeof(Word)) {
    std::reverse(
        bytes.bytes.begin() + static_cast<ptrdiff_t>(at),
        bytes.bytes.begin() + static_cast<ptrdiff_t>(at + sizeof(Word)));
  }
  return value;
}

}  // namespace

int32_t NodeBufferBinding::Compare(js::Scope&, Value a, Value b) {
  const BufferBytes first(a);
  const BufferBytes second(b);
  return CompareBytes(first.view(), second.view());
}

int32_t NodeBufferBinding::CompareOffset(js::Scope&, Value source, Value target,
                                         double target_start,
                                         double source_start, double target_end,
                                         double source_end) {
  const BufferBytes first(source);
  const BufferBytes second(target);
  return CompareBytes(Between(first.view(), source_start, source_end),
                      Between(second.view(), target_start, target_end));
}

v8::MaybeLocal<v8::Value> NodeBufferBinding::IsAscii(js::Scope& scope,
                                                     Value bytes) {
  if (!CheckAttached(scope, bytes)) return {};
  const BufferBytes given(bytes);
  return js::ToJs(
      scope, simdutf::validate_ascii(given.view().data(), given.view().size()));
}

v8::MaybeLocal<v8::Value> NodeBufferBinding::IsUtf8(js::Scope& scope,
                                                    Value bytes) {
  if (!CheckAttached(scope, bytes)) return {};
  const BufferBytes given(bytes);
  return js::ToJs(
      scope, simdutf::validate_utf8(given.view().data(), given.view().size()));
}

v8::MaybeLocal<v8::Value> NodeBufferBinding::IndexOfString(
    js::Scope& scope, Value bytes, v8::Local<v8::String> text, double offset,
    int32_t encoding, bool forward, Value end) {
  std::optional<double> last;
  if (!ToEnd(scope, end, last)) return {};
  const std::string sought = Encode(scope, text, encoding);
  const BufferBytes haystack(bytes);
  return Place(scope, Find(UpTo(haystack.view(), last), sought, offset, forward,
                           encoding == kUcs2 ? 2 : 1));
}

v8::MaybeLocal<v8::Value> NodeBufferBinding::IndexOfBuffer(
    js::Scope& scope, Value bytes, Value needle, double offset,
    int32_t encoding, bool forward, Value end) {
  std::optional<double> last;
  if (!ToEnd(scope, end, last)) return {};
  const BufferBytes haystack(bytes);
  const BufferBytes sought(needle);
  return Place(scope, Find(UpTo(haystack.view(), last), sought.view(), offset,
                           forward, encoding == kUcs2 ? 2 : 1));
}

v8::MaybeLocal<v8::Value> NodeBufferBinding::IndexOfNumber(
    js::Scope& scope, Value bytes, uint32_t byte, double offset, bool forward,
    Value end) {
  std::optional<double> last;
  if (!ToEnd(scope, end, last)) return {};
  const BufferBytes haystack(bytes);
  const char sought = static_cast<char>(byte & 0xFF);
  return Place(scope, Find(UpTo(haystack.view(), last), {&sought, 1}, offset,
                           forward, 1));
}

uint32_t NodeBufferBinding::Copy(js::Scope& scope, Value source, Value target,
                                 double target_start, double source_start,
                                 double count) {
  js::MutableBytes to;
  if (!js::FromJs(scope, target, {"copy", 2}, to)) return 0;
  const BufferBytes from(source);
  const std::string_view taken =
      Between(from.view(), source_start, source_start + count);
  const std::string_view room =
      Between({to.bytes.data(), to.bytes.size()}, target_start,
              target_start + static_cast<double>(taken.size()));
  if (room.empty()) return 0;
  std::memmove(to.bytes.data() + (room.data() - to.bytes.data()), taken.data(),
               room.size());
  return static_cast<uint32_t>(room.size());
}

v8::MaybeLocal<v8::Value> NodeBufferBinding::Fill(js::Scope& scope, Value bytes,
                                                  Value value, double start,
                                                  double end, Value encoding) {
  constexpr int32_t kEmpty = -1;
  constexpr int32_t kOutside = -2;
  std::string pattern;
  if (value->IsString()) {
    const v8::String::Utf8Value name(scope.isolate(), encoding);
    std::string kind(*name == nullptr ? "" : *name);
    for (char& c : kind) c = static_cast<char>(c | 0x20);
    const auto text = value.As<v8::String>();
    if (kind == "hex" || kind == "base64" || kind == "base64url") {
      const std::string digits = DigitsOf(scope, text);
      pattern.resize(digits.size());
      pattern.resize(kind == "hex"
                         ? ReadHex(digits, pattern.data(), pattern.size())
                         : ReadBase64(digits, pattern.data(), pattern.size()));
    } else {
      const bool wide = kind.starts_with("ucs") || kind.starts_with("utf16") ||
                        kind.starts_with("utf-16");
      const bool narrow =
          kind == "latin1" || kind == "binary" || kind == "ascii";
      pattern = Encode(scope, text, wide ? kUcs2 : narrow ? kLatin1 : kUtf8);
    }
  } else if (value->IsArrayBufferView()) {
    const BufferBytes given(value);
    pattern = given.view();
  } else {
    uint32_t byte = 0;
    if (!value->Uint32Value(scope.context()).To(&byte)) return {};
    pattern.push_back(static_cast<char>(byte & 0xFF));
  }
  // Only now: what was converted above may have run JS, and changed the array.
  js::MutableBytes target;
  if (!js::FromJs(scope, bytes, {"fill", 1}, target)) return {};
  if (!(start >= 0 && start <= end &&
        end <= static_cast<double>(target.bytes.size()))) {
    return v8::Integer::New(scope.isolate(), kOutside);
  }
  if (pattern.empty()) return v8::Integer::New(scope.isolate(), kEmpty);
  char* at = target.bytes.data() + static_cast<size_t>(start);
  const auto size = static_cast<size_t>(end) - static_cast<size_t>(start);
  for (size_t done = 0; done < size; done += pattern.size()) {
    std::memcpy(at + done, pattern.data(),
                std::min(pattern.size(), size - done));
  }
  return v8::Undefined(scope.isolate());
}

Value NodeBufferBinding::Swap16(js::Scope& scope, Value bytes) {
  return Swap<uint16_t>(scope, bytes);
}
Value NodeBufferBinding::Swap32(js::Scope& scope, Value bytes) {
  return Swap<uint32_t>(scope, bytes);
}
Value NodeBufferBinding::Swap64(js::Scope& scope, Value bytes) {
  return Swap<uint64_t>(scope, bytes);
}

void NodeBufferBinding::CopyArrayBuffer(js::Scope& scope, Value target,
                                        double target_start, Value source,
                                        double source_start, double count) {
  Copy(scope, source, target, target_start, source_start, count);
}

v8::MaybeLocal<v8::ArrayBuffer> NodeBufferBinding::CreateUnsafeArrayBuffer(
    js::Scope& scope, double size) {
  // Not "unsafe" at all: what another tenant left in memory is nobody's to see.
  v8::Local<v8::ArrayBuffer> buffer;
  if (size >= 0 && v8::ArrayBuffer::MaybeNew(
                       scope.isolate(), static_cast<size_t>(size),
                       v8::BackingStoreInitializationMode::kZeroInitialized)
                       .ToLocal(&buffer)) {
    return buffer;
  }
  js::ThrowRangeError(scope, "Array buffer allocation failed");
  return {};
}

uint32_t NodeBufferBinding::ArrayBufferAlignedOffset(js::Scope&, Value buffer,
                                                     uint32_t alignment) {
  if (!buffer->IsArrayBuffer() || alignment == 0) return 0;
  const auto address =
      reinterpret_cast<uintptr_t>(buffer.As<v8::ArrayBuffer>()->Data());
  return static_cast<uint32_t>((alignment - address % alignment) % alignment);
}

void NodeBufferBinding::SetDetachKey(js::Scope&, Value buffer, Value key) {
  if (buffer->IsArrayBuffer()) {
    buffer.As<v8::ArrayBuffer>()->SetDetachKey(key);
  }
}

}  // namespace caravel::runtime
