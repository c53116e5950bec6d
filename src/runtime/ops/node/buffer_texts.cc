// Bytes as text in Node's encodings, and back.
//
// Tests: buffer_binding_test.cc, and Node's own tests (tests/node).
#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/js/allocate.h"
#include "runtime/js/convert.h"
#include "runtime/ops/brief_array.h"
#include "runtime/ops/encodable_text.h"
#include "runtime/ops/encoding_ops.h"
#include "runtime/ops/node/buffer_binding.h"
#include "runtime/ops/node/buffer_bytes.h"
#include "runtime/ops/node/text_codec.h"
#include "runtime/ops/simdutf.h"

namespace caravel::runtime {
namespace {

using Value = v8::Local<v8::Value>;

// An index that JS gave, as Node's ParseArrayIndex has it: nothing for
// undefined, else cut to an integer; false for a negative one, with the
// exception thrown. Converting runs script, which may take any buffer away: it
// comes before bytes are looked at.
bool ToIndex(js::Scope& scope, Value value, std::optional<size_t>& out) {
  if (value->IsUndefined()) return true;
  int64_t index = 0;
  if (!value->IntegerValue(scope.context()).To(&index)) return false;
  if (index < 0) {
    ThrowBufferError(scope, "ERR_OUT_OF_RANGE", "Index out of range", true);
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
  const BufferBytes bytes(value);
  const size_t size = bytes.view().size();
  const size_t start = first.value_or(0);
  const size_t end = std::max(start, last.value_or(size));
  if (end > size) {
    ThrowBufferError(scope, "ERR_OUT_OF_RANGE", "Index out of range", true);
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
    ThrowBufferError(scope, "ERR_INVALID_ARG_TYPE", "argument must be a buffer",
                     false);
    return false;
  }
  if (!text->IsString()) {
    ThrowBufferError(scope, "ERR_INVALID_ARG_TYPE", "argument must be a string",
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
    ThrowBufferError(scope, "ERR_BUFFER_OUT_OF_BOUNDS",
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

v8::MaybeLocal<v8::String> NewBase64(js::Scope& scope, std::string_view bytes,
                                     simdutf::base64_options options) {
  const size_t most = (bytes.size() + 2) / 3 * 4;
  BriefArray<char> text(most);
  const size_t size = simdutf::binary_to_base64(bytes.data(), bytes.size(),
                                                text.data(), options);
  return js::NewOneByte(scope, {text.data(), size});
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
  return ReadBase64(DigitsOf(scope, text), room.at, room.size);
}

}  // namespace

void ThrowBufferError(js::Scope& scope, std::string_view code,
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

std::string DigitsOf(js::Scope& scope, v8::Local<v8::String> text) {
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
    const size_t size = part.size() * 2;
    BriefArray<char> text(size);
    WriteHex(part, text.data());
    return js::NewOneByte(scope, {text.data(), size});
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
  return WriteInto(
      scope, bytes, text, offset, length,
      [&](v8::Local<v8::String> string, Room room) {
        {
          const v8::String::ValueView view(scope.isolate(), string);
          if (view.is_one_byte()) {
            return ReadHex(
                {reinterpret_cast<const char*>(view.data8()), view.length()},
                room.at, room.size);
          }
        }
        return ReadHex(DigitsOf(scope, string), room.at, room.size);
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

}  // namespace caravel::runtime
