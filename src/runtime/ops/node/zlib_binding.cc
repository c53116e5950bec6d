// Tests: zlib_binding_test.cc, and Node's own tests (tests/node).
#include "runtime/ops/node/zlib_binding.h"

#include <zlib.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "runtime/isolate_state.h"
#include "runtime/js/scratch.h"

namespace caravel::runtime {
namespace {

v8::Local<v8::Value> ToOutcome(js::Scope& scope,
                               const ZlibCodec::Outcome& outcome) {
  v8::Isolate* isolate = scope.isolate();
  if (!outcome) return v8::Null(isolate);
  v8::Local<v8::Value> parts[] = {js::NewString(scope, outcome->message),
                                  v8::Integer::New(isolate, outcome->number),
                                  js::NewString(scope, outcome->code)};
  return v8::Array::New(isolate, parts, std::size(parts));
}

// Z_NO_FLUSH, BROTLI_OPERATION_PROCESS and ZSTD_e_continue.
constexpr int kNoFlush = 0;

bool IsInside(size_t offset, size_t size, size_t whole) {
  return offset <= whole && size <= whole - offset;
}

std::string_view BytesOf(const NodeZlibBinding::Dictionary& dictionary) {
  return dictionary ? dictionary->bytes : std::string_view();
}

MemoryAccount& AccountOf(js::Scope& scope) {
  CARAVEL_CHECK(scope.state().memory != nullptr);
  return *scope.state().memory;
}

// A handle over what `make` gives, a codec or nullptr and the reason.
template <typename Make>
NodeZlibBinding::Made MakeHandle(js::Scope& scope, Make make) {
  MemoryAccount& account = AccountOf(scope);
  std::string failure;
  auto codec =
      MakeCodec(scope, account, [&] { return make(account, failure); });
  if (codec == nullptr) return Error(ErrorCode::kInvalid, std::move(failure));
  return std::make_unique<ZlibHandle>(std::move(codec));
}

}  // namespace

js::Result<v8::Value> ZlibHandle::Write(js::Scope& scope, int32_t flush,
                                        uint32_t in_offset, uint32_t in_size,
                                        uint32_t out_offset, uint32_t out_size,
                                        std::optional<js::BytesView> in,
                                        js::MutableBytes out) {
  const std::string_view given = in ? in->bytes : std::string_view();
  if (!IsInside(in_offset, in_size, given.size()) ||
      !IsInside(out_offset, out_size, out.bytes.size())) {
    js::ThrowRangeError(scope, "write: the buffers have fewer bytes");
    return {};
  }
  if (codec_ == nullptr) {
    js::ThrowTypeError(scope, "write: the stream is closed");
    return {};
  }
  std::string_view input = given.substr(in_offset, in_size);
  std::span<char> output = out.bytes.subspan(out_offset, out_size);
  const ZlibCodec::Outcome outcome = WriteAll(scope, flush, input, output);
  const auto scratch = js::Scratch(scope);
  scratch[0] = static_cast<uint32_t>(output.size());
  scratch[1] = static_cast<uint32_t>(input.size());
  return ToOutcome(scope, outcome);
}

ZlibCodec::Outcome ZlibHandle::WriteAll(js::Scope& scope, int flush,
                                        std::string_view& input,
                                        std::span<char>& output) {
  const auto [most_in, most_out] = codec_->portion();
  for (;;) {
    std::string_view in = input.substr(0, most_in);
    std::span<char> out = output.first(std::min(output.size(), most_out));
    const bool is_last = in.size() == input.size();
    const size_t read = in.size();
    const size_t room = out.size();
    const ZlibCodec::Outcome outcome =
        codec_->Write(is_last ? flush : kNoFlush, in, out);
    input.remove_prefix(read - in.size());
    output = output.subspan(room - out.size());
    if (outcome || output.empty() || scope.state().CallIsEnding()) {
      return outcome;
    }
    const bool goes_on = codec_->holds_more() || (!is_last && in.empty());
    if (!goes_on) return {};
  }
}

js::Result<v8::Value> ZlibHandle::Params(js::Scope& scope, int32_t level,
                                         int32_t strategy) {
  if (codec_ == nullptr) return ToOutcome(scope, {});
  return ToOutcome(scope, codec_->SetParameters(level, strategy));
}

js::Result<v8::Value> ZlibHandle::Reset(js::Scope& scope) {
  if (codec_ == nullptr) return ToOutcome(scope, {});
  return ToOutcome(scope, codec_->Reset());
}

void ZlibHandle::Close(js::Scope& scope) {
  codec_.reset();
  js::Recount(scope, *this);
}

NodeZlibBinding::Made NodeZlibBinding::ZlibNew(
    js::Scope& scope, uint32_t mode, int32_t window_bits, int32_t level,
    int32_t memory_level, int32_t strategy, bool reject_garbage,
    Dictionary dictionary) {
  if (mode == 0 || mode > static_cast<uint32_t>(ZlibMode::kUnzip)) {
    return Error(ErrorCode::kInvalid, "Initialization failed");
  }
  const ZlibSettings settings{.mode = static_cast<ZlibMode>(mode),
                              .window_bits = window_bits,
                              .level = level,
                              .memory_level = memory_level,
                              .strategy = strategy,
                              .reject_garbage = reject_garbage};
  return MakeHandle(scope, [&](MemoryAccount& account, std::string& failure) {
    return MakeZlibCodec(settings, BytesOf(dictionary), account, failure);
  });
}

NodeZlibBinding::Made NodeZlibBinding::BrotliNew(
    js::Scope& scope, bool encoder, std::vector<uint32_t> parameters,
    Dictionary dictionary) {
  return MakeHandle(scope, [&](MemoryAccount& account, std::string& failure) {
    return (encoder ? &MakeBrotliEncoderCodec : &MakeBrotliDecoderCodec)(
        parameters, BytesOf(dictionary), account, failure);
  });
}

NodeZlibBinding::Made NodeZlibBinding::ZstdEncoderNew(
    js::Scope& scope, std::vector<uint32_t> parameters,
    std::optional<double> pledged_size, Dictionary dictionary) {
  std::optional<uint64_t> size;
  if (pledged_size && *pledged_size >= 0 && *pledged_size < 0x1p53) {
    size = static_cast<uint64_t>(*pledged_size);
  }
  return MakeHandle(scope, [&](MemoryAccount& account, std::string& failure) {
    return MakeZstdEncoderCodec(parameters, size, BytesOf(dictionary), account,
                                failure);
  });
}

NodeZlibBinding::Made NodeZlibBinding::ZstdDecoderNew(
    js::Scope& scope, std::vector<uint32_t> parameters, bool reject_garbage,
    Dictionary dictionary) {
  return MakeHandle(scope, [&](MemoryAccount& account, std::string& failure) {
    return MakeZstdDecoderCodec(parameters, BytesOf(dictionary), reject_garbage,
                                account, failure);
  });
}

uint32_t NodeZlibBinding::Crc32(js::Scope& scope, uint32_t value,
                                v8::Local<v8::Value> data) {
  const auto sum = [value](std::string_view bytes) {
    return static_cast<uint32_t>(crc32_z(
        value, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
  };
  if (data->IsString()) return sum(js::ToUtf8(scope, data.As<v8::String>()));
  js::BytesView view;
  if (!js::FromJs(scope, data, {"crc32", 2}, view)) return 0;
  return sum(view.bytes);
}

}  // namespace caravel::runtime
