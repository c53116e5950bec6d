// Bytes are looked at where V8 has them. A small typed array lies in V8's own
// heap: for reading it is copied (GetContents), for writing it is moved out
// (Buffer()).
//
// Tests: buffer_binding_test.cc, and Node's own tests (tests/node).
#include "runtime/ops/node/buffer_binding.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/js/allocate.h"
#include "runtime/js/convert.h"
#include "runtime/ops/encodable_text.h"
#include "runtime/ops/encoding_ops.h"
#include "runtime/ops/node/byte_search.h"
#include "runtime/ops/node/text_codec.h"
#include "runtime/ops/simdutf.h"

namespace caravel::runtime {
namespace {

using Value = v8::Local<v8::Value>;

// The bytes of a typed array, DataView or ArrayBuffer for reading; none for any
// other value.
class Bytes {
 public:
  explicit Bytes(Value value) {
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
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;

  std::string_view view() const { return view_; }

 private:
  static constexpr size_t kMostOnHeap = 64;
  std::array<uint8_t, kMostOnHeap> storage_;
  std::string_view view_;
};

void ThrowWithCode(js::Scope& scope, std::string_view code,
                   std::string_view message, bool range) {
  const auto text = js::NewString(scope, message);
  const auto error =
      (range ? v8::Exception::RangeError(text) : v8::Exception::TypeError(text))
          .As<v8::Object>();
  // Not Set(): a prototype of script's may have a setter of that name.
  (void)error->CreateDataProperty(scope.context(), scope.Name("code"),
                                  js::NewString(scope, code));
  scope.isolate()->ThrowException(error);
}

// An index that JS gave, as Node's ParseArrayIndex has it: nothing for
// undefined, else cut to an integer; false for a negative one, with the
// exception thrown. Converting runs script, which may take any buffer away: it
// comes before bytes are looked at.
bool ToIndex(js::Scope& scope, Value value, std::optional<size_t>& out) {
  if (value->IsUndefined()) return true;
  int64_t index = 0;
  if (!value->IntegerValue(scope.context()).To(&index)) return false;
  if (index < 0) {
    ThrowWithCode(scope, "ERR_OUT_OF_RANGE", "Index out of range", true);
    return false;
  }
  out = static_cast<size_t>(index);
  return true;
}

template <typename Encode>
v8::MaybeLocal<v8::String> Slice(js::Scope& scope, Value value,
                                 Value start_value, Value end_value,
                                 Encode encode) {
  std::optional<size_t> first;
  std::optional<size_t> last;
  if (!ToIndex(scope, start_value, first) || !ToIndex(scope, end_value, last)) {
    return {};
  }
  const Bytes bytes(value);
  const size_t size = bytes.view().size();
  const size_t start = first.value_or(0);
  const size_t end = std::max(start, last.value_or(size));
  if (end > size) {
    ThrowWithCode(scope, "ERR_OUT_OF_RANGE", "Index out of range", true);
    return {};
  }
  if (start == end) return v8::String::Empty(scope.isolate());
  return encode(bytes.view().substr(start, end - start));
}

// Where a text goes: the room at an offset.
struct Room {
  char* at = nullptr;
  size_t size = 0;
};

bool FindRoom(js::Scope& scope, Value value, Value text, Value offset_value,
              Value length_value, Room& room) {
  if (!value->IsArrayBufferView()) {
    ThrowWithCode(scope, "ERR_INVALID_ARG_TYPE", "argument must be a buffer",
                  false);
    return false;
  }
  if (!text->IsString()) {
    ThrowWithCode(scope, "ERR_INVALID_ARG_TYPE", "argument must be a string",
                  false);
    return false;
  }
  std::optional<size_t> first;
  std::optional<size_t> most;
  if (!ToIndex(scope, offset_value, first) ||
      !ToIndex(scope, length_value, most)) {
    return false;
  }
  const auto view = value.As<v8::ArrayBufferView>();
  auto* memory = static_cast<char*>(view->Buffer()->Data());
  const size_t offset = first.value_or(0);
  if (offset > view->ByteLength()) {
    ThrowWithCode(scope, "ERR_BUFFER_OUT_OF_BOUNDS",
                  "\"offset\" is outside of buffer bounds", true);
    return false;
  }
  const size_t rest = view->ByteLength() - offset;
  room.size = std::min(most.value_or(rest), rest);
  room.at = memory + view->ByteOffset() + offset;
  return true;
}

// Calls `write` with the room; the number of bytes that it wrote.
template <typename Write>
v8::MaybeLocal<v8::Value> WriteInto(js::Scope& scope, Value value, Value text,
                                    Value offset, Value length, Write write) {
  Room room;
  if (!FindRoom(scope, value, text, offset, length, room)) return {};
  size_t written = 0;
  if (room.size > 0) written = write(text.As<v8::String>(), room);
  return v8::Number::New(scope.isolate(), static_cast<double>(written));
}

// The text with one byte a character; what has no byte becomes 0xFF, which is a
// digit of no encoding.
std::string Digits(js::Scope& scope, v8::Local<v8::String> text) {
  std::string digits(static_cast<size_t>(text->Length()), '\0');
  const v8::String::ValueView view(scope.isolate(), text);
  if (view.is_one_byte()) {
    std::memcpy(digits.data(), view.data8(), digits.size());
    return digits;
  }
  const uint16_t* units = view.data16();
  for (size_t i = 0; i < digits.size(); ++i) {
    digits[i] = units[i] < 0x80 ? static_cast<char>(units[i]) : '\xFF';
  }
  return digits;
}

v8::MaybeLocal<v8::String> NewBase64(js::Scope& scope, std::string_view bytes,
                                     simdutf::base64_options options) {
  const size_t most = (bytes.size() + 2) / 3 * 4;
  const auto text = std::make_unique_for_overwrite<char[]>(most);
  const size_t size = simdutf::binary_to_base64(bytes.data(), bytes.size(),
                                                text.get(), options);
  return js::NewOneByte(scope, {text.get(), size});
}

// simdutf reads text without anything that is no digit, where it is sure to
// fit.
size_t WriteBase64(js::Scope& scope, v8::Local<v8::String> text, Room room) {
  {
    const v8::String::ValueView view(scope.isolate(), text);
    if (view.is_one_byte() && room.size / 3 >= (view.length() + 3) / 4) {
      const simdutf::result result = simdutf::base64_to_binary(
          reinterpret_cast<const char*>(view.data8()), view.length(), room.at,
          simdutf::base64_default_or_url, simdutf::loose);
      if (result.error == simdutf::error_code{}) return result.count;
    }
  }
  return ReadBase64(Digits(scope, text), room.at, room.size);
}

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
    ThrowWithCode(scope, "ERR_INVALID_STATE",
                  "Invalid state: Cannot validate on a detached buffer", false);
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

v8::MaybeLocal<v8::String> NodeBufferBinding::AsciiSlice(js::Scope& scope,
                                                         Value bytes,
                                                         Value start,
                                                         Value end) {
  return Slice(scope, bytes, start, end, [&](std::string_view part) {
    std::string ascii(part);
    for (char& c : ascii) c = static_cast<char>(c & 0x7F);
    return js::NewOneByte(scope, ascii);
  });
}

v8::MaybeLocal<v8::String> NodeBufferBinding::Latin1Slice(js::Scope& scope,
                                                          Value bytes,
                                                          Value start,
                                                          Value end) {
  return Slice(scope, bytes, start, end, [&](std::string_view part) {
    return js::NewOneByte(scope, part);
  });
}

v8::MaybeLocal<v8::String> NodeBufferBinding::Utf8Slice(js::Scope& scope,
                                                        Value bytes,
                                                        Value start,
                                                        Value end) {
  return Slice(scope, bytes, start, end, [&](std::string_view part) {
    return NewTextFromUtf8(scope, part);
  });
}

v8::MaybeLocal<v8::String> NodeBufferBinding::Ucs2Slice(js::Scope& scope,
                                                        Value bytes,
                                                        Value start,
                                                        Value end) {
  return Slice(scope, bytes, start, end, [&](std::string_view part) {
    std::u16string text(part.size() / 2, u'\0');
    std::memcpy(text.data(), part.data(), text.size() * 2);
    return js::NewTwoByte(scope, text);
  });
}

v8::MaybeLocal<v8::String> NodeBufferBinding::HexSlice(js::Scope& scope,
                                                       Value bytes, Value start,
                                                       Value end) {
  return Slice(scope, bytes, start, end, [&](std::string_view part) {
    return js::NewOneByte(scope, HexOf(part));
  });
}

v8::MaybeLocal<v8::String> NodeBufferBinding::Base64Slice(js::Scope& scope,
                                                          Value bytes,
                                                          Value start,
                                                          Value end) {
  return Slice(scope, bytes, start, end, [&](std::string_view part) {
    return NewBase64(scope, part, simdutf::base64_default);
  });
}

v8::MaybeLocal<v8::String> NodeBufferBinding::Base64UrlSlice(js::Scope& scope,
                                                             Value bytes,
                                                             Value start,
                                                             Value end) {
  return Slice(scope, bytes, start, end, [&](std::string_view part) {
    return NewBase64(scope, part, simdutf::base64_url);
  });
}

v8::MaybeLocal<v8::Value> NodeBufferBinding::Latin1Write(
    js::Scope& scope, Value bytes, Value text, Value offset, Value length) {
  return WriteInto(
      scope, bytes, text, offset, length,
      [&](v8::Local<v8::String> string, Room room) {
        const size_t count =
            std::min(room.size, static_cast<size_t>(string->Length()));
        string->WriteOneByteV2(scope.isolate(), 0, static_cast<uint32_t>(count),
                               reinterpret_cast<uint8_t*>(room.at));
        return count;
      });
}

v8::MaybeLocal<v8::Value> NodeBufferBinding::Utf8Write(js::Scope& scope,
                                                       Value bytes, Value text,
                                                       Value offset,
                                                       Value length) {
  return WriteInto(
      scope, bytes, text, offset, length,
      [&](v8::Local<v8::String> string, Room room) {
        return EncodeInto(scope, string, {room.at, room.size}).written;
      });
}

v8::MaybeLocal<v8::Value> NodeBufferBinding::Ucs2Write(js::Scope& scope,
                                                       Value bytes, Value text,
                                                       Value offset,
                                                       Value length) {
  return WriteInto(
      scope, bytes, text, offset, length,
      [&](v8::Local<v8::String> string, Room room) {
        const size_t count =
            std::min(room.size / 2, static_cast<size_t>(string->Length()));
        // The room may begin at an odd address, where V8 cannot write.
        std::u16string units(count, u'\0');
        string->WriteV2(scope.isolate(), 0, static_cast<uint32_t>(count),
                        reinterpret_cast<uint16_t*>(units.data()));
        std::memcpy(room.at, units.data(), count * 2);
        return count * 2;
      });
}

v8::MaybeLocal<v8::Value> NodeBufferBinding::HexWrite(js::Scope& scope,
                                                      Value bytes, Value text,
                                                      Value offset,
                                                      Value length) {
  return WriteInto(scope, bytes, text, offset, length,
                   [&](v8::Local<v8::String> string, Room room) {
                     return ReadHex(Digits(scope, string), room.at, room.size);
                   });
}

v8::MaybeLocal<v8::Value> NodeBufferBinding::Base64Write(
    js::Scope& scope, Value bytes, Value text, Value offset, Value length) {
  return WriteInto(scope, bytes, text, offset, length,
                   [&](v8::Local<v8::String> string, Room room) {
                     return WriteBase64(scope, string, room);
                   });
}

uint32_t NodeBufferBinding::ByteLengthUtf8(js::Scope& scope,
                                           v8::Local<v8::String> text) {
  EncodableText encodable(scope, text);
  encodable.Repair();
  return static_cast<uint32_t>(encodable.Utf8Size(0, encodable.size()));
}

int32_t NodeBufferBinding::Compare(js::Scope&, Value a, Value b) {
  const Bytes first(a);
  const Bytes second(b);
  return CompareBytes(first.view(), second.view());
}

int32_t NodeBufferBinding::CompareOffset(js::Scope&, Value source, Value target,
                                         double target_start,
                                         double source_start, double target_end,
                                         double source_end) {
  const Bytes first(source);
  const Bytes second(target);
  return CompareBytes(Between(first.view(), source_start, source_end),
                      Between(second.view(), target_start, target_end));
}

v8::MaybeLocal<v8::Value> NodeBufferBinding::IsAscii(js::Scope& scope,
                                                     Value bytes) {
  if (!CheckAttached(scope, bytes)) return {};
  const Bytes given(bytes);
  return js::ToJs(
      scope, simdutf::validate_ascii(given.view().data(), given.view().size()));
}

v8::MaybeLocal<v8::Value> NodeBufferBinding::IsUtf8(js::Scope& scope,
                                                    Value bytes) {
  if (!CheckAttached(scope, bytes)) return {};
  const Bytes given(bytes);
  return js::ToJs(
      scope, simdutf::validate_utf8(given.view().data(), given.view().size()));
}

v8::MaybeLocal<v8::Value> NodeBufferBinding::IndexOfString(
    js::Scope& scope, Value bytes, v8::Local<v8::String> text, double offset,
    int32_t encoding, bool forward, Value end) {
  std::optional<double> last;
  if (!ToEnd(scope, end, last)) return {};
  const std::string sought = Encode(scope, text, encoding);
  const Bytes haystack(bytes);
  return Place(scope, Find(UpTo(haystack.view(), last), sought, offset, forward,
                           encoding == kUcs2 ? 2 : 1));
}

v8::MaybeLocal<v8::Value> NodeBufferBinding::IndexOfBuffer(
    js::Scope& scope, Value bytes, Value needle, double offset,
    int32_t encoding, bool forward, Value end) {
  std::optional<double> last;
  if (!ToEnd(scope, end, last)) return {};
  const Bytes haystack(bytes);
  const Bytes sought(needle);
  return Place(scope, Find(UpTo(haystack.view(), last), sought.view(), offset,
                           forward, encoding == kUcs2 ? 2 : 1));
}

v8::MaybeLocal<v8::Value> NodeBufferBinding::IndexOfNumber(
    js::Scope& scope, Value bytes, uint32_t byte, double offset, bool forward,
    Value end) {
  std::optional<double> last;
  if (!ToEnd(scope, end, last)) return {};
  const Bytes haystack(bytes);
  const char sought = static_cast<char>(byte & 0xFF);
  return Place(scope, Find(UpTo(haystack.view(), last), {&sought, 1}, offset,
                           forward, 1));
}

uint32_t NodeBufferBinding::Copy(js::Scope& scope, Value source, Value target,
                                 double target_start, double source_start,
                                 double count) {
  js::MutableBytes to;
  if (!js::FromJs(scope, target, {"copy", 2}, to)) return 0;
  const Bytes from(source);
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
      const std::string digits = Digits(scope, text);
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
    const Bytes given(value);
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
