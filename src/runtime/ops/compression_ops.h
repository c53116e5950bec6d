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
#include "runtime/ops/codec_memory.h"
#include "runtime/ops/compressor.h"
#include "runtime/ops/decompressor.h"
#include "runtime/ops/pushed_input.h"

namespace caravel::runtime {

class MemoryAccount;

// A decompressor for JS, which pushes compressed pieces and pulls plain ones:
// no more is decompressed than is pulled. For bodies that are read, and for
// DecompressionStream.
class DecompressorState final : public js::Object {
 public:
  // `strict` is the Compression Standard: gzip has one member, and no data at
  // all is cut short. `account` outlives it.
  static Result<std::unique_ptr<DecompressorState>> Create(
      std::string_view format, bool strict, MemoryAccount& account);

  // Copies the bytes. Requires: Pull() has answered null since the last, and
  // the data has not ended; else kInvalid.
  Status Push(js::Scope& scope, js::BytesView bytes);
  // An ArrayBuffer of at most 64 KB, or null when there is nothing to give
  // before more is pushed. Throws a TypeError for corrupt data, once what came
  // before it was given, a RangeError for want of memory; with either the data
  // has ended.
  js::Result<v8::Value> Pull(js::Scope& scope);
  // All was pushed and pulled. kInvalid when the data is cut short; no data at
  // all is whole unless strict.
  Status Finish(js::Scope& scope);
  // Frees the memory at once. So do Finish() and a failure.
  void Close(js::Scope& scope);

  size_t external_size() const override {
    return decompressor_ == nullptr ? 0 : kCodecBytes;
  }

  static constexpr auto Js() {
    return js::Class("DecompressorState",
                     js::Method("push", &DecompressorState::Push),
                     js::Method("pull", &DecompressorState::Pull),
                     js::Method("finish", &DecompressorState::Finish),
                     js::Method("close", &DecompressorState::Close));
  }

 private:
  DecompressorState(std::string_view format, bool strict,
                    MemoryAccount& account,
                    std::unique_ptr<Decompressor> decompressor)
      : format_(format),
        strict_(strict),
        decompressor_(std::move(decompressor)),
        input_(account) {}

  void End(js::Scope& scope);

  const std::string format_;
  const bool strict_;
  std::unique_ptr<Decompressor> decompressor_;  // nullptr: the data has ended
  PushedInput input_;
  bool may_hold_more_ = false;    // the last piece was full
  std::optional<Error> failure_;  // of the next Pull()
  bool begun_ = false;
  bool ended_ = false;
};

// A compressor for JS, which pushes plain pieces and pulls compressed ones.
class CompressorState final : public js::Object {
 public:
  // `account` outlives it.
  static Result<std::unique_ptr<CompressorState>> Create(
      std::string_view format, MemoryAccount& account);

  // Copies the bytes. Requires: Pull() has answered null since the last, and
  // neither Finish() nor Close() was called; else kInvalid.
  Status Push(js::Scope& scope, js::BytesView bytes);
  // An ArrayBuffer of at most 64 KB, or null when there is nothing to give
  // before more is pushed, or after the end. Throws a RangeError for want of
  // memory, and gives nothing from then on.
  js::Result<v8::Value> Pull(js::Scope& scope);
  // All was pushed: what is pulled from here on goes to the end of the data,
  // where the memory is freed.
  void Finish(js::Scope& scope);
  // Frees the memory at once.
  void Close(js::Scope& scope);

  size_t external_size() const override {
    return compressor_ == nullptr ? 0 : kCodecBytes;
  }

  static constexpr auto Js() {
    return js::Class("CompressorState",
                     js::Method("push", &CompressorState::Push),
                     js::Method("pull", &CompressorState::Pull),
                     js::Method("finish", &CompressorState::Finish),
                     js::Method("close", &CompressorState::Close));
  }

 private:
  CompressorState(MemoryAccount& account,
                  std::unique_ptr<Compressor> compressor)
      : compressor_(std::move(compressor)), input_(account) {}

  std::unique_ptr<Compressor> compressor_;  // nullptr: the data has ended
  PushedInput input_;
  bool may_hold_more_ = false;  // the last piece was full
  bool finishing_ = false;
};

// Compression (Compression Standard, and Content-Encoding of HTTP).
//
// Threads: the one that is in the isolate.
struct CompressionOps {
  // See MakeDecompressor for the formats.
  static Result<std::unique_ptr<CompressorState>> CompressorNew(
      js::Scope& scope, std::string format);
  static Result<std::unique_ptr<DecompressorState>> DecompressorNew(
      js::Scope& scope, std::string format, bool strict);

  static constexpr auto Js() {
    return js::Functions(js::Function("compressorNew", &CompressorNew),
                         js::Function("decompressorNew", &DecompressorNew));
  }
};

}  // namespace caravel::runtime
