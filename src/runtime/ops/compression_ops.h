#pragma once

#include <v8.h>

#include <memory>
#include <string>

#include "base/result.h"
#include "runtime/js/class.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/js/scope.h"
#include "runtime/ops/decompressor.h"

namespace caravel::runtime {

class MemoryAccount;

// A decompressor for JS, which pushes compressed pieces and pulls plain ones:
// no more is decompressed than is pulled. Used by bodies that are read; a
// DecompressionStream needs the same.
class DecompressorState final : public js::Object {
 public:
  // `account` outlives it.
  static Result<std::unique_ptr<DecompressorState>> Create(
      std::string_view format, MemoryAccount& account);
  ~DecompressorState() override;

  // Copies the bytes. Requires: Pull() has answered null since the last, and
  // the data has not ended; else kInvalid.
  Status Push(js::Scope& scope, js::BytesView bytes);
  // An ArrayBuffer of at most 64 KB, or null when there is nothing to give
  // before more is pushed. Throws a TypeError for corrupt data, a RangeError
  // for want of memory; with either the data has ended.
  js::Result<v8::Value> Pull(js::Scope& scope);
  // All was pushed and pulled. kInvalid when the data is cut short; no data at
  // all is whole. The memory is free then, which V8 does not know of and so
  // would not collect in time.
  Status Finish(js::Scope& scope);

  static constexpr auto Js() {
    return js::Class("DecompressorState",
                     js::Method("push", &DecompressorState::Push),
                     js::Method("pull", &DecompressorState::Pull),
                     js::Method("finish", &DecompressorState::Finish));
  }

 private:
  DecompressorState(std::string_view format, MemoryAccount& account,
                    std::unique_ptr<Decompressor> decompressor)
      : format_(format),
        account_(account),
        decompressor_(std::move(decompressor)) {}

  void DropInput();
  void Close();

  const std::string format_;
  MemoryAccount& account_;
  std::unique_ptr<Decompressor> decompressor_;  // nullptr: the data has ended
  char* input_ = nullptr;                       // of the account, with
  size_t input_size_ = 0;                       // so many bytes,
  size_t input_read_ = 0;                       // of which so many are done
  bool may_hold_more_ = false;                  // the last piece was full
  bool begun_ = false;
  bool ended_ = false;
};

// Compression (Compression Standard, and Content-Encoding of HTTP).
//
// Threads: the one that is in the isolate.
struct CompressionOps {
  // See MakeDecompressor for the formats.
  static Result<std::unique_ptr<DecompressorState>> DecompressorNew(
      js::Scope& scope, std::string format);

  static constexpr auto Js() {
    return js::Functions(js::Function("decompressorNew", &DecompressorNew));
  }
};

}  // namespace caravel::runtime
