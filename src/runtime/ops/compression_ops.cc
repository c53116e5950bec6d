#include "runtime/ops/compression_ops.h"

#include <array>

#include "base/check.h"
#include "runtime/isolate_state.h"
#include "runtime/js/allocate.h"

namespace caravel::runtime {
namespace {

constexpr size_t kMaxPiece = 64 * 1024;

js::Result<v8::Value> ToPiece(js::Scope& scope, std::string_view bytes) {
  if (bytes.empty()) return v8::Null(scope.isolate()).As<v8::Value>();
  v8::Local<v8::ArrayBuffer> buffer;
  if (!js::NewBuffer(scope, bytes).ToLocal(&buffer)) return {};
  return buffer.As<v8::Value>();
}

// Why nothing can be pushed; success: it can.
Status MayPush(bool has_ended, const PushedInput& input) {
  if (!input.empty()) {
    return Error(ErrorCode::kInvalid, "push: pull until it answers null");
  }
  if (has_ended) {
    return Error(ErrorCode::kInvalid, "push: the data has ended");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<DecompressorState>> DecompressorState::Create(
    std::string_view format, bool strict, MemoryAccount& account) {
  CARAVEL_TRY(
      auto decompressor,
      MakeDecompressor(format, strict ? GzipMembers::kOne : GzipMembers::kAny,
                       account));
  return std::unique_ptr<DecompressorState>(
      new DecompressorState(format, strict, account, std::move(decompressor)));
}

void DecompressorState::End(js::Scope& scope) {
  input_.Drop();
  may_hold_more_ = false;
  decompressor_.reset();
  js::Recount(scope, *this);
}

void DecompressorState::Close(js::Scope& scope) { End(scope); }

Status DecompressorState::Push(js::Scope&, js::BytesView bytes) {
  CARAVEL_TRY(MayPush(decompressor_ == nullptr, input_));
  if (bytes.bytes.empty()) return {};
  if (!input_.Set(bytes.bytes)) return NoMemoryToDecompress();
  begun_ = true;
  return {};
}

js::Result<v8::Value> DecompressorState::Pull(js::Scope& scope) {
  std::array<char, kMaxPiece> piece;
  size_t size = 0;
  while (size < piece.size() && (!input_.empty() || may_hold_more_)) {
    const std::string_view input = input_.rest();
    Result<Decompressor::Step> step =
        decompressor_->Run(input, std::span(piece).subspan(size));
    if (step && step->read == 0 && step->written == 0 && !input.empty()) {
      step = CorruptData(format_, "it leads nowhere");
    }
    if (!step) {
      End(scope);
      failure_ = std::move(step).error();
      break;
    }
    input_.Use(step->read);
    size += step->written;
    ended_ = step->ended;
    may_hold_more_ = size == piece.size();
  }
  if (size == 0 && failure_) {
    js::Throw(scope, *failure_);
    failure_.reset();
    return {};
  }
  return ToPiece(scope, {piece.data(), size});
}

Status DecompressorState::Finish(js::Scope& scope) {
  End(scope);
  if (ended_ || (!begun_ && !strict_)) return {};
  return Error(ErrorCode::kInvalid,
               fmt::format("The {} data ends too early", format_));
}

Result<std::unique_ptr<CompressorState>> CompressorState::Create(
    std::string_view format, MemoryAccount& account) {
  CARAVEL_TRY(auto compressor, MakeCompressor(format, account));
  return std::unique_ptr<CompressorState>(
      new CompressorState(account, std::move(compressor)));
}

Status CompressorState::Push(js::Scope&, js::BytesView bytes) {
  CARAVEL_TRY(MayPush(compressor_ == nullptr || finishing_, input_));
  if (bytes.bytes.empty()) return {};
  if (!input_.Set(bytes.bytes)) return NoMemoryToCompress();
  return {};
}

js::Result<v8::Value> CompressorState::Pull(js::Scope& scope) {
  std::array<char, kMaxPiece> piece;
  size_t size = 0;
  while (compressor_ != nullptr && size < piece.size() &&
         (!input_.empty() || may_hold_more_ || finishing_)) {
    const Result<Compressor::Step> step = compressor_->Run(
        input_.rest(), finishing_, std::span(piece).subspan(size));
    if (!step) {
      Close(scope);
      js::Throw(scope, step.error());
      return {};
    }
    input_.Use(step->read);
    size += step->written;
    may_hold_more_ = size == piece.size();
    if (step->ended) Close(scope);
  }
  return ToPiece(scope, {piece.data(), size});
}

void CompressorState::Finish(js::Scope&) { finishing_ = true; }

void CompressorState::Close(js::Scope& scope) {
  input_.Drop();
  compressor_.reset();
  js::Recount(scope, *this);
}

Result<std::unique_ptr<CompressorState>> CompressionOps::CompressorNew(
    js::Scope& scope, std::string format) {
  CARAVEL_CHECK(scope.state().memory != nullptr);
  MemoryAccount& account = *scope.state().memory;
  return MakeCodec(scope, account,
                   [&] { return CompressorState::Create(format, account); });
}

Result<std::unique_ptr<DecompressorState>> CompressionOps::DecompressorNew(
    js::Scope& scope, std::string format, bool strict) {
  CARAVEL_CHECK(scope.state().memory != nullptr);
  MemoryAccount& account = *scope.state().memory;
  return MakeCodec(scope, account, [&] {
    return DecompressorState::Create(format, strict, account);
  });
}

}  // namespace caravel::runtime
