#pragma once

#include <v8.h>

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "runtime/js/class.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/js/scope.h"
#include "runtime/ops/byte_decoder.h"

namespace caravel::runtime {

// The state of one TextDecoder (Encoding Standard, section 7.2) that streams,
// or whose encoding is not UTF-8.
class TextDecoderState final : public js::Object {
 public:
  // kInvalid when `encoding` is not the name of one (see EncodingOfLabel).
  static Result<std::unique_ptr<TextDecoderState>> Create(
      std::string_view encoding, bool fatal, bool ignore_bom);

  // Throws a TypeError for malformed bytes when fatal, with a code in a Worker
  // that has Node's modules; the decoder is then as new.
  js::Result<v8::String> Decode(js::Scope& scope, js::BytesView bytes,
                                bool stream);

  static constexpr auto Js() {
    return js::Class("TextDecoderState",
                     js::Method("decode", &TextDecoderState::Decode));
  }

 private:
  TextDecoderState(std::string encoding, std::unique_ptr<ByteDecoder> decoder,
                   bool fatal, bool ignore_bom)
      : encoding_(std::move(encoding)),
        decoder_(std::move(decoder)),
        fatal_(fatal),
        ignore_bom_(ignore_bom) {}

  js::Result<v8::String> DecodeUtf8(js::Scope& scope, std::string_view bytes,
                                    bool stream);
  js::Result<v8::String> DecodeOther(js::Scope& scope, std::string_view bytes,
                                     bool stream);
  bool ExpectsBom() const;

  const std::string encoding_;
  const std::unique_ptr<ByteDecoder> decoder_;  // nullptr for UTF-8
  const bool fatal_;
  const bool ignore_bom_;
  bool past_start_ = false;  // text has come out since the stream began
  std::string kept_;         // UTF-8: a character that was cut short
};

// What the Encoding Standard's API and HTML's base64 utilities need of the
// machine. Large inputs cost what simdutf needs for them.
//
// Threads: the one that is in the isolate.
struct EncodingOps {
  // The text as UTF-8; lone surrogates become U+FFFD.
  static js::Result<v8::Uint8Array> Utf8Encode(js::Scope& scope,
                                               v8::Local<v8::String> text);
  // As many whole characters as fit into `view`. Leaves in native.scratch:
  // [code units read, bytes written].
  static void Utf8EncodeInto(js::Scope& scope, v8::Local<v8::String> text,
                             js::MutableBytes view);
  // All of a text at once; the same TypeError for malformed bytes when fatal.
  static js::Result<v8::String> Utf8Decode(js::Scope& scope,
                                           js::BytesView bytes, bool fatal,
                                           bool ignore_bom);

  // The name of the encoding with that label, see EncodingOfLabel; null for
  // none, and for a label of more than 1024 characters, spaces around it
  // included.
  static std::optional<js::ByteString> DecoderLabel(
      js::Scope& scope, v8::Local<v8::String> label);
  static Result<std::unique_ptr<TextDecoderState>> DecoderNew(
      js::Scope& scope, std::string encoding, bool fatal, bool ignore_bom);

  // HTML, section 8.3. TypeError when a code unit is above U+00FF.
  static js::Result<v8::String> Btoa(js::Scope& scope,
                                     v8::Local<v8::String> text);
  // Infra Standard, section 7, forgiving-base64 decode; null for what is no
  // base64.
  static js::Result<v8::Value> Atob(js::Scope& scope,
                                    v8::Local<v8::String> text);

  static constexpr auto Js() {
    return js::Functions(js::Function("utf8Encode", &Utf8Encode),
                         js::Function("utf8EncodeInto", &Utf8EncodeInto),
                         js::Function("utf8Decode", &Utf8Decode),
                         js::Function("decoderLabel", &DecoderLabel),
                         js::Function("decoderNew", &DecoderNew),
                         js::Function("btoa", &Btoa),
                         js::Function("atob", &Atob));
  }
};

// The text of UTF-8 bytes, U+FFFD for each malformed part; a BOM at the start
// is part of it. For all of runtime: a body, a name, a frame.
js::Result<v8::String> NewTextFromUtf8(js::Scope& scope,
                                       std::string_view bytes);

}  // namespace caravel::runtime
