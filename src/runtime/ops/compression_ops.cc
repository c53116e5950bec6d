#include "runtime/ops/compression_ops.h"

#include <array>
#include <cstring>

#include "base/check.h"
#include "runtime/isolate_state.h"
#include "runtime/js/allocate.h"
#include "runtime/memory_account.h"

namespace caravel::runtime {
namespace {

constexpr size_t kMaxPiece = 64 * 1024;

}  // namespace

Result<std::unique_ptr<DecompressorState>> DecompressorState::Create(
    std::string_view format, MemoryAccount& account) {
  CARAVEL_TRY(auto decompressor, MakeDecompressor(format, account));
  return std::unique_ptr<DecompressorState>(
      new DecompressorState(format, account, std::move(decompressor)));
}

DecompressorState::~DecompressorState() { DropInput(); }

void DecompressorState::Close() {
  DropInput();
  may_hold_more_ = false;
  decompressor_.reset();
}

void DecompressorState::DropInput() {
  if (input_ != nullptr) account_.Free(input_, input_size_);
  input_ = nullptr;
  input_size_ = 0;
  input_read_ = 0;
}

Status DecompressorState::Push(js::Scope&, js::BytesView bytes) {
  if (input_ != nullptr) {
    return Error(ErrorCode::kInvalid, "push: pull until it answers null");
  }
  if (decompressor_ == nullptr) {
    return Error(ErrorCode::kInvalid, "push: the data has ended");
  }
  if (bytes.bytes.empty()) return {};
  input_ =
      static_cast<char*>(account_.AllocateUninitialized(bytes.bytes.size()));
  if (input_ == nullptr) return NoMemoryToDecompress();
  input_size_ = bytes.bytes.size();
  std::memcpy(input_, bytes.bytes.data(), input_size_);
  begun_ = true;
  return {};
}

js::Result<v8::Value> DecompressorState::Pull(js::Scope& scope) {
  std::array<char, kMaxPiece> piece;
  size_t size = 0;
  while (size < piece.size() && (input_ != nullptr || may_hold_more_)) {
    Result<Decompressor::Step> step =
        decompressor_->Run({input_ + input_read_, input_size_ - input_read_},
                           std::span(piece).subspan(size));
    if (step && step->read == 0 && step->written == 0 && input_ != nullptr) {
      step = CorruptData(format_, "it leads nowhere");
    }
    if (!step) {
      Close();
      js::Throw(scope, step.error());
      return {};
    }
    input_read_ += step->read;
    size += step->written;
    ended_ = step->ended;
    may_hold_more_ = size == piece.size();
    if (input_read_ == input_size_) DropInput();
  }
  if (size == 0) return v8::Null(scope.isolate()).As<v8::Value>();
  v8::Local<v8::ArrayBuffer> buffer;
  if (!js::NewBuffer(scope, {piece.data(), size}).ToLocal(&buffer)) return {};
  return buffer.As<v8::Value>();
}

Status DecompressorState::Finish(js::Scope&) {
  Close();
  if (!begun_ || ended_) return {};
  return Error(ErrorCode::kInvalid,
               fmt::format("The {} data ends too early", format_));
}

Result<std::unique_ptr<DecompressorState>> CompressionOps::DecompressorNew(
    js::Scope& scope, std::string format) {
  CARAVEL_CHECK(scope.state().memory != nullptr);
  return DecompressorState::Create(format, *scope.state().memory);
}

}  // namespace caravel::runtime
