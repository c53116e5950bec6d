// zstd for node:zlib, by the library that is in the Node binary.
//
// Tests: zlib_binding_test.cc, and Node's own tests (tests/node).
#include <algorithm>
#include <limits>
#include <utility>

#include "runtime/memory_account.h"
#include "runtime/ops/decompressor.h"
#include "runtime/ops/node/zlib_codec.h"
#include "runtime/ops/zstd.h"

namespace caravel::runtime {
namespace {

constexpr std::string_view kParameterRefused = "Setting parameter failed";
constexpr std::string_view kNoDictionary = "Failed to load zstd dictionary";
constexpr std::string_view kNoInstance = "Could not initialize zstd instance";

struct EndZstd {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

ZlibCodec::Failure ZstdFailure(size_t result) {
  const int code = ZSTD_getErrorCode(result);
  return {ZSTD_getErrorString(code), code, ""};
}

// Whether a frame begins with these bytes, of which there may be too few to
// tell: one with data, or one to be skipped (RFC 8878 §3.1).
bool MayBeFrame(std::string_view bytes) {
  constexpr std::string_view kData = "\x28\xb5\x2f\xfd";
  constexpr std::string_view kSkipped = "\x2a\x4d\x18";
  const size_t size = std::min(bytes.size(), kData.size());
  if (bytes.substr(0, size) == kData.substr(0, size)) return true;
  return size > 0 && (bytes[0] & '\xf0') == '\x50' &&
         bytes.substr(1, size - 1) == kSkipped.substr(0, size - 1);
}

class ZstdEncoderCodec final : public ZlibCodec {
 public:
  explicit ZstdEncoderCodec(MemoryAccount& account)
      : context_(
            ZSTD_createCCtx_advanced({&AllocateForC, &FreeForC, &account})) {}

  // Empty, or why not.
  std::string_view Start(const CodecParameters& parameters,
                         std::optional<uint64_t> pledged_size,
                         std::string_view dictionary) {
    if (context_ == nullptr) return kNoInstance;
    const auto set = [this](int parameter, uint32_t value) {
      return IsOfThreads(parameter) ||
             ZSTD_isError(ZSTD_CCtx_setParameter(context_.get(), parameter,
                                                 static_cast<int>(value))) == 0;
    };
    if (!ForEachParameter(parameters, set)) return kParameterRefused;
    pledged_size_ = pledged_size.value_or(std::numeric_limits<uint64_t>::max());
    if (ZSTD_isError(
            ZSTD_CCtx_setPledgedSrcSize(context_.get(), pledged_size_)) != 0) {
      return "Could not set pledgedSrcSize";
    }
    if (!dictionary.empty() &&
        ZSTD_isError(ZSTD_CCtx_loadDictionary(context_.get(), dictionary.data(),
                                              dictionary.size())) != 0) {
      return kNoDictionary;
    }
    return {};
  }

  Outcome Write(int flush, std::string_view& input,
                std::span<char>& output) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output.data(), output.size(), 0};
    const auto operation = static_cast<ZSTD_EndDirective>(
        std::clamp<int>(flush, ZSTD_e_continue, ZSTD_e_end));
    const size_t left =
        ZSTD_compressStream2(context_.get(), &out, &in, operation);
    input.remove_prefix(in.position);
    output = output.subspan(out.position);
    if (ZSTD_isError(left) != 0) return ZstdFailure(left);
    holds_more_ = output.empty() && (left > 0 || !input.empty());
    return {};
  }

  // The library looks at all of the input, and says its size in the frame.
  Portion portion() const override {
    return {.input = SIZE_MAX, .output = 64 * 1024};
  }
  bool holds_more() const override { return holds_more_; }

  Outcome Reset() override {
    size_t result = ZSTD_CCtx_reset(context_.get(), ZSTD_reset_session_only);
    if (ZSTD_isError(result) == 0) {
      result = ZSTD_CCtx_setPledgedSrcSize(context_.get(), pledged_size_);
    }
    if (ZSTD_isError(result) != 0) return ZstdFailure(result);
    return {};
  }

 private:
  static bool IsOfThreads(int number) {
    const auto parameter = static_cast<size_t>(number);
    return parameter >= kZstdFirstThreadParameter &&
           parameter <= kZstdLastThreadParameter;
  }

  std::unique_ptr<ZSTD_CCtx, EndZstd> context_;
  uint64_t pledged_size_ = 0;
  bool holds_more_ = false;
};

class ZstdDecoderCodec final : public ZlibCodec {
 public:
  ZstdDecoderCodec(bool reject_garbage, MemoryAccount& account)
      : reject_garbage_(reject_garbage),
        context_(
            ZSTD_createDCtx_advanced({&AllocateForC, &FreeForC, &account})) {}

  // Empty, or why not.
  std::string_view Start(const CodecParameters& parameters,
                         std::string_view dictionary) {
    if (context_ == nullptr) return kNoInstance;
    const auto set = [this](int parameter, uint32_t value) {
      return ZSTD_isError(ZSTD_DCtx_setParameter(context_.get(), parameter,
                                                 static_cast<int>(value))) == 0;
    };
    if (!ForEachParameter(parameters, set)) return kParameterRefused;
    if (!dictionary.empty() &&
        ZSTD_isError(ZSTD_DCtx_loadDictionary(context_.get(), dictionary.data(),
                                              dictionary.size())) != 0) {
      return kNoDictionary;
    }
    return {};
  }

  Outcome Write(int flush, std::string_view& input,
                std::span<char>& output) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output.data(), output.size(), 0};
    Outcome failure = Run(flush, in, out);
    input.remove_prefix(in.position);
    output = output.subspan(out.position);
    return failure;
  }

  Outcome Reset() override {
    frame_ended_ = false;
    const size_t result =
        ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
    if (ZSTD_isError(result) != 0) return ZstdFailure(result);
    return {};
  }

 private:
  // Frame by frame; what is no frame and follows one is left.
  Outcome Run(int flush, ZSTD_inBuffer& in, ZSTD_outBuffer& out) {
    for (;;) {
      if (frame_ended_) {
        const std::string_view rest(
            static_cast<const char*>(in.source) + in.position,
            in.size - in.position);
        if (rest.empty()) return {};
        if (!MayBeFrame(rest)) {
          if (!reject_garbage_) return {};
          return Failure{
              "Trailing junk found after the end of the compressed stream", 1,
              "ERR_TRAILING_JUNK_AFTER_STREAM_END"};
        }
      }
      const size_t left = ZSTD_decompressStream(context_.get(), &out, &in);
      if (ZSTD_isError(left) != 0) return ZstdFailure(left);
      frame_ended_ = left == 0;
      if (!frame_ended_) break;
    }
    if (flush == ZSTD_e_end && out.position < out.size) return UnexpectedEnd();
    return {};
  }

  const bool reject_garbage_;
  std::unique_ptr<ZSTD_DCtx, EndZstd> context_;
  bool frame_ended_ = false;
};

}  // namespace

std::unique_ptr<ZlibCodec> MakeZstdEncoderCodec(
    CodecParameters parameters, std::optional<uint64_t> pledged_size,
    std::string_view dictionary, MemoryAccount& account, std::string& failure) {
  auto codec = std::make_unique<ZstdEncoderCodec>(account);
  failure = codec->Start(parameters, pledged_size, dictionary);
  if (!failure.empty()) return nullptr;
  return codec;
}

std::unique_ptr<ZlibCodec> MakeZstdDecoderCodec(CodecParameters parameters,
                                                std::string_view dictionary,
                                                bool reject_garbage,
                                                MemoryAccount& account,
                                                std::string& failure) {
  auto codec = std::make_unique<ZstdDecoderCodec>(reject_garbage, account);
  failure = codec->Start(parameters, dictionary);
  if (!failure.empty()) return nullptr;
  return codec;
}

}  // namespace caravel::runtime
