#pragma once

#include <v8.h>

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/js/class.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/ops/codec_memory.h"
#include "runtime/ops/node/zlib_codec.h"

namespace caravel::runtime {

// A codec for JS. runtime/node/bindings/zlib.ts makes Node's classes of it.
class ZlibHandle final : public js::Object {
 public:
  explicit ZlibHandle(std::unique_ptr<ZlibCodec> codec)
      : codec_(std::move(codec)) {}

  // Leaves how many bytes are left of the output and of the input in scratch[0]
  // and scratch[1]. Gives null, or [message, number, code] of a failure.
  // RangeError for bytes that the buffers have not got, TypeError when it is
  // closed. Numbers stand before buffers: converting a number may run JS.
  js::Result<v8::Value> Write(js::Scope& scope, int32_t flush,
                              uint32_t in_offset, uint32_t in_size,
                              uint32_t out_offset, uint32_t out_size,
                              std::optional<js::BytesView> in,
                              js::MutableBytes out);
  // These give the same; null when it is closed.
  js::Result<v8::Value> Params(js::Scope& scope, int32_t level,
                               int32_t strategy);
  js::Result<v8::Value> Reset(js::Scope& scope);
  // Frees the memory.
  void Close(js::Scope& scope);

  size_t external_size() const override {
    return codec_ == nullptr ? 0 : kCodecBytes;
  }

  static constexpr auto Js() {
    return js::Class("ZlibHandle", js::Method("write", &ZlibHandle::Write),
                     js::Method("params", &ZlibHandle::Params),
                     js::Method("reset", &ZlibHandle::Reset),
                     js::Method("close", &ZlibHandle::Close));
  }

 private:
  // As ZlibCodec::Write(), in portions, until the call is to end.
  ZlibCodec::Outcome WriteAll(js::Scope& scope, int flush,
                              std::string_view& input, std::span<char>& output);

  std::unique_ptr<ZlibCodec> codec_;  // nullptr: closed
};

// Node's internal binding `zlib`: makes codecs, and sums.
//
// Source: Node's documentation, "Zlib".
struct NodeZlibBinding {
  using Dictionary = std::optional<js::BytesView>;
  using Made = Result<std::unique_ptr<ZlibHandle>>;

  // See ZlibMode. TypeError for another mode, or for what the library refuses.
  static Made ZlibNew(js::Scope& scope, uint32_t mode, int32_t window_bits,
                      int32_t level, int32_t memory_level, int32_t strategy,
                      bool reject_garbage, Dictionary dictionary);
  static Made BrotliNew(js::Scope& scope, bool encoder,
                        std::vector<uint32_t> parameters,
                        Dictionary dictionary);
  static Made ZstdEncoderNew(js::Scope& scope, std::vector<uint32_t> parameters,
                             std::optional<double> pledged_size,
                             Dictionary dictionary);
  static Made ZstdDecoderNew(js::Scope& scope, std::vector<uint32_t> parameters,
                             bool reject_garbage, Dictionary dictionary);

  // Of bytes or of a text's UTF-8, from `value` on.
  static uint32_t Crc32(js::Scope& scope, uint32_t value,
                        v8::Local<v8::Value> data);

  static constexpr auto Js() {
    return js::Functions(js::Function("zlibNew", &ZlibNew),
                         js::Function("brotliNew", &BrotliNew),
                         js::Function("zstdEncoderNew", &ZstdEncoderNew),
                         js::Function("zstdDecoderNew", &ZstdDecoderNew),
                         js::Function("crc32", &Crc32));
  }
};

}  // namespace caravel::runtime
