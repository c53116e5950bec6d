#include "runtime/ops/encoding_ops.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "runtime/isolate_state.h"
#include "runtime/js/allocate.h"
#include "runtime/js/scratch.h"
#include "runtime/ops/brief_array.h"
#include "runtime/ops/encodable_text.h"
#include "runtime/ops/encoding_label.h"
#include "runtime/ops/simdutf.h"
#include "runtime/ops/utf16.h"
#include "runtime/ops/utf8.h"

// V8 keeps a string in one byte a character (Latin-1) or in two. Each function
// here looks which it is, or can become, and hands simdutf the whole of it:
// nothing goes by single characters but what is malformed.
namespace caravel::runtime {
namespace {

constexpr std::string_view kUtf8Bom = "\xEF\xBB\xBF";
constexpr int kLongestLabel = 1024;  // characters, whitespace around it too

// With the code that Node gives it, where the Worker has Node's modules.
js::Result<v8::String> ThrowMalformed(js::Scope& scope,
                                      std::string_view encoding) {
  const v8::Local<v8::Object> thrown =
      v8::Exception::TypeError(
          js::NewString(
              scope,
              fmt::format("The encoded data was not valid for encoding {}",
                          encoding)))
          .As<v8::Object>();
  if (scope.state().compatibility.HasNode() &&
      thrown
          ->CreateDataProperty(
              scope.context(), scope.Name("code"),
              js::NewString(scope, "ERR_ENCODING_INVALID_ENCODED_DATA"))
          .IsNothing()) {
    return {};
  }
  scope.isolate()->ThrowException(thrown);
  return {};
}

// A one-byte string where all code units allow it: half the memory, and the
// form in which V8 compares and searches fastest.
js::Result<v8::String> NewFromUnits(js::Scope& scope,
                                    std::u16string_view units) {
  char16_t all = 0;
  for (const char16_t unit : units) all |= unit;
  if (all > 0xFF) return js::NewTwoByte(scope, units);
  std::string latin1(units.begin(), units.end());
  return js::NewOneByte(scope, latin1);
}

// False when a character is above U+00FF: it begins with C4 or more.
bool MayBeLatin1(std::string_view bytes) {
  constexpr size_t kBlock = 256;
  while (!bytes.empty()) {
    uint8_t highest = 0;
    for (const char c : bytes.substr(0, kBlock)) {
      highest = std::max(highest, static_cast<uint8_t>(c));
    }
    if (highest >= 0xC4) return false;
    bytes.remove_prefix(std::min(kBlock, bytes.size()));
  }
  return true;
}

// Empty and without an exception when the bytes are malformed.
js::Result<v8::String> NewFromValidUtf8(js::Scope& scope,
                                        std::string_view bytes,
                                        bool& malformed) {
  malformed = false;
  if (simdutf::validate_ascii(bytes.data(), bytes.size())) {
    return js::NewOneByte(scope, bytes);
  }
  if (MayBeLatin1(bytes)) {
    BriefArray<char> latin1(bytes.size());
    const size_t size = simdutf::convert_utf8_to_latin1(
        bytes.data(), bytes.size(), latin1.data());
    malformed = size == 0;
    if (malformed) return {};
    return js::NewOneByte(scope, {latin1.data(), size});
  }
  BriefArray<char16_t> units(bytes.size());
  const size_t size = simdutf::convert_utf8_to_utf16le(
      bytes.data(), bytes.size(), units.data());
  malformed = size == 0;
  if (malformed) return {};
  return js::NewTwoByte(scope, {units.data(), size});
}

js::Result<v8::String> NewFromUtf8(js::Scope& scope, std::string_view bytes,
                                   bool fatal) {
  bool malformed = false;
  const js::Result<v8::String> text = NewFromValidUtf8(scope, bytes, malformed);
  if (!malformed) return text;
  if (fatal) return ThrowMalformed(scope, "utf-8");
  std::u16string units;
  DecodeUtf8Lossy(bytes, units);
  return js::NewTwoByte(scope, units);
}

}  // namespace

js::Result<v8::String> NewTextFromUtf8(js::Scope& scope,
                                       std::string_view bytes) {
  return NewFromUtf8(scope, bytes, false);
}

Result<std::unique_ptr<TextDecoderState>> TextDecoderState::Create(
    std::string_view encoding, bool fatal, bool ignore_bom) {
  std::unique_ptr<ByteDecoder> decoder = NewByteDecoder(encoding);
  if (decoder == nullptr && encoding != "utf-8") {
    return Error(ErrorCode::kInvalid,
                 fmt::format("\"{}\" is not the name of an encoding", encoding))
        .Remedy("use the name that decoderLabel answers");
  }
  return std::unique_ptr<TextDecoderState>(new TextDecoderState(
      std::string(encoding), std::move(decoder), fatal, ignore_bom));
}

js::Result<v8::String> TextDecoderState::Decode(js::Scope& scope,
                                                js::BytesView bytes,
                                                bool stream) {
  const js::Result<v8::String> text =
      decoder_ == nullptr ? DecodeUtf8(scope, bytes.bytes, stream)
                          : DecodeOther(scope, bytes.bytes, stream);
  if (!stream || text.IsEmpty()) past_start_ = false;
  return text;
}

js::Result<v8::String> TextDecoderState::DecodeUtf8(js::Scope& scope,
                                                    std::string_view bytes,
                                                    bool stream) {
  std::string joined;
  if (!kept_.empty()) {
    joined = std::move(kept_);
    kept_.clear();
    joined += bytes;
    bytes = joined;
  }
  if (stream) {
    const size_t tail = IncompleteUtf8Tail(bytes);
    kept_ = bytes.substr(bytes.size() - tail);
    bytes.remove_suffix(tail);
  }
  if (!bytes.empty()) {
    if (ExpectsBom() && bytes.starts_with(kUtf8Bom)) {
      bytes.remove_prefix(kUtf8Bom.size());
    }
    past_start_ = true;
  }
  const js::Result<v8::String> text = NewFromUtf8(scope, bytes, fatal_);
  if (text.IsEmpty()) kept_.clear();
  return text;
}

js::Result<v8::String> TextDecoderState::DecodeOther(js::Scope& scope,
                                                     std::string_view bytes,
                                                     bool stream) {
  std::u16string units;
  if (!decoder_->Decode(bytes, !stream, units) && fatal_) {
    std::u16string rest;
    decoder_->Decode({}, true, rest);
    return ThrowMalformed(scope, encoding_);
  }
  std::u16string_view text = units;
  if (!text.empty()) {
    if (ExpectsBom() && text[0] == u'\uFEFF') text.remove_prefix(1);
    past_start_ = true;
  }
  return NewFromUnits(scope, text);
}

// Only the Unicode encodings have a byte order mark (section 7.1, "serialize
// I/O queue").
bool TextDecoderState::ExpectsBom() const {
  return !past_start_ && !ignore_bom_ && encoding_.starts_with("utf-");
}

js::Result<v8::Uint8Array> EncodingOps::Utf8Encode(js::Scope& scope,
                                                   v8::Local<v8::String> text) {
  size_t size = 0;
  bool repaired = false;
  {
    EncodableText encodable(scope, text);
    repaired = encodable.Repair();
    size = encodable.Utf8Size(0, encodable.size());
  }
  v8::Local<v8::ArrayBuffer> buffer;
  if (!js::NewBuffer(scope, size).ToLocal(&buffer)) return {};
  if (size > 0) {
    EncodableText encodable(scope, text);
    if (repaired) encodable.Repair();
    encodable.WriteUtf8(0, encodable.size(),
                        static_cast<char*>(buffer->Data()));
  }
  return v8::Uint8Array::New(buffer, 0, size);
}

void EncodingOps::Utf8EncodeInto(js::Scope& scope, v8::Local<v8::String> text,
                                 js::MutableBytes view) {
  const EncodedPart part = EncodeInto(scope, text, view.bytes);
  const auto scratch = js::Scratch(scope);
  scratch[0] = static_cast<uint32_t>(part.read);
  scratch[1] = static_cast<uint32_t>(part.written);
}

js::Result<v8::String> EncodingOps::Utf8Decode(js::Scope& scope,
                                               js::BytesView bytes, bool fatal,
                                               bool ignore_bom) {
  std::string_view text = bytes.bytes;
  if (!ignore_bom && text.starts_with(kUtf8Bom)) {
    text.remove_prefix(kUtf8Bom.size());
  }
  return NewFromUtf8(scope, text, fatal);
}

std::optional<js::ByteString> EncodingOps::DecoderLabel(
    js::Scope& scope, v8::Local<v8::String> label) {
  // To copy half a gigabyte takes seconds that no CPU limit cuts short.
  if (label->Length() > kLongestLabel) return std::nullopt;
  const std::optional<std::string_view> name =
      EncodingOfLabel(js::ToUtf8(scope, label));
  if (!name) return std::nullopt;
  return js::ByteString{std::string(*name)};
}

Result<std::unique_ptr<TextDecoderState>> EncodingOps::DecoderNew(
    js::Scope&, std::string encoding, bool fatal, bool ignore_bom) {
  return TextDecoderState::Create(encoding, fatal, ignore_bom);
}

js::Result<v8::String> EncodingOps::Btoa(js::Scope& scope,
                                         v8::Local<v8::String> text) {
  const auto length = static_cast<size_t>(text->Length());
  const size_t size = (length + 2) / 3 * 4;
  const auto encode = [size](const char* bytes, size_t count) {
    std::string base64(size, '\0');
    simdutf::binary_to_base64(bytes, count, base64.data(),
                              simdutf::base64_default);
    return base64;
  };
  std::string base64;
  if (text->IsOneByte()) {
    const v8::String::ValueView view(scope.isolate(), text);
    base64 = encode(reinterpret_cast<const char*>(view.data8()), view.length());
  } else {
    std::string latin1;
    if (!js::ToLatin1(scope, text, latin1)) {
      js::ThrowTypeError(scope, "btoa: the text has a character above U+00FF");
      return {};
    }
    base64 = encode(latin1.data(), latin1.size());
  }
  return js::NewOneByte(scope, base64);
}

js::Result<v8::Value> EncodingOps::Atob(js::Scope& scope,
                                        v8::Local<v8::String> text) {
  std::string bytes((static_cast<size_t>(text->Length()) + 3) / 4 * 3, '\0');
  simdutf::result result;
  {
    const v8::String::ValueView view(scope.isolate(), text);
    result =
        view.is_one_byte()
            ? simdutf::base64_to_binary(
                  reinterpret_cast<const char*>(view.data8()), view.length(),
                  bytes.data(), simdutf::base64_default, simdutf::loose)
            : simdutf::base64_to_binary(
                  reinterpret_cast<const char16_t*>(view.data16()),
                  view.length(), bytes.data(), simdutf::base64_default,
                  simdutf::loose);
  }
  if (result.error != simdutf::error_code{}) return v8::Null(scope.isolate());
  v8::Local<v8::String> binary;
  if (!js::NewOneByte(scope, {bytes.data(), result.count}).ToLocal(&binary)) {
    return {};
  }
  return binary;
}

}  // namespace caravel::runtime
