// brotli for node:zlib, by the library that is in the Node binary.
//
// Tests: zlib_binding_test.cc, and Node's own tests (tests/node).
#include <utility>

#include "runtime/memory_account.h"
#include "runtime/ops/brotli.h"
#include "runtime/ops/decompressor.h"
#include "runtime/ops/node/zlib_codec.h"
#include "runtime/ops/pushed_input.h"

namespace caravel::runtime {
namespace {

constexpr std::string_view kNotInitialized = "Initialization failed";

struct EndBrotli {
  void operator()(BrotliEncoderState* state) const {
    BrotliEncoderDestroyInstance(state);
  }
  void operator()(BrotliDecoderState* state) const {
    BrotliDecoderDestroyInstance(state);
  }
  void operator()(BrotliEncoderPreparedDictionary* prepared) const {
    BrotliEncoderDestroyPreparedDictionary(prepared);
  }
};

// What both directions are made of.
class BrotliCodec : public ZlibCodec {
 public:
  BrotliCodec(CodecParameters parameters, MemoryAccount& account)
      : parameters_(std::move(parameters)),
        account_(account),
        dictionary_(account) {}

  Outcome Reset() final {
    if (Restart()) return {};
    return Failure{std::string(kNotInitialized), -1,
                   "ERR_ZLIB_INITIALIZATION_FAILED"};
  }

 protected:
  // Makes the state anew. False: there is no room, or a parameter is wrong.
  [[nodiscard]] virtual bool Restart() = 0;

  const CodecParameters parameters_;
  MemoryAccount& account_;
  PushedInput dictionary_;
};

class BrotliEncoderCodec final : public BrotliCodec {
 public:
  using BrotliCodec::BrotliCodec;

  [[nodiscard]] bool Start(std::string_view dictionary) {
    if (!dictionary.empty()) {
      constexpr int kBestQuality = 11;
      if (!dictionary_.Set(dictionary)) return false;
      prepared_.reset(BrotliEncoderPrepareDictionary(
          BROTLI_SHARED_DICTIONARY_RAW, dictionary_.rest().size(),
          reinterpret_cast<const uint8_t*>(dictionary_.rest().data()),
          kBestQuality, &AllocateBeyondForC, &FreeForC, &account_));
      if (prepared_ == nullptr) return false;
    }
    return Restart();
  }

  Outcome Write(int flush, std::string_view& input,
                std::span<char>& output) override {
    size_t available_in = input.size();
    const auto* next_in = reinterpret_cast<const uint8_t*>(input.data());
    size_t available_out = output.size();
    auto* next_out = reinterpret_cast<uint8_t*>(output.data());
    if (flush < BROTLI_OPERATION_PROCESS ||
        flush > BROTLI_OPERATION_EMIT_METADATA ||
        BrotliEncoderCompressStream(
            state_.get(), static_cast<BrotliEncoderOperation>(flush),
            &available_in, &next_in, &available_out, &next_out, nullptr) == 0 ||
        account_.exceeded()) {
      return Failure{"Compression failed", -1, "ERR_BROTLI_COMPRESSION_FAILED"};
    }
    input.remove_prefix(input.size() - available_in);
    output = output.last(available_out);
    return {};
  }

 private:
  [[nodiscard]] bool Restart() override {
    state_.reset();
    if (account_.exceeded()) return false;
    state_.reset(
        BrotliEncoderCreateInstance(&AllocateBeyondForC, &FreeForC, &account_));
    return ForEachParameter(
               parameters_,
               [this](int parameter, uint32_t value) {
                 if (parameter == BROTLI_PARAM_LARGE_WINDOW && value == 1) {
                   return false;
                 }
                 return BrotliEncoderSetParameter(
                            state_.get(),
                            static_cast<BrotliEncoderParameter>(parameter),
                            value) != 0;
               }) &&
           (prepared_ == nullptr || BrotliEncoderAttachPreparedDictionary(
                                        state_.get(), prepared_.get()) != 0) &&
           !account_.exceeded();
  }

  // May refer to the dictionary.
  std::unique_ptr<BrotliEncoderPreparedDictionary, EndBrotli> prepared_;
  std::unique_ptr<BrotliEncoderState, EndBrotli> state_;
};

class BrotliDecoderCodec final : public BrotliCodec {
 public:
  using BrotliCodec::BrotliCodec;

  [[nodiscard]] bool Start(std::string_view dictionary) {
    if (!dictionary.empty() && !dictionary_.Set(dictionary)) return false;
    return Restart();
  }

  Outcome Write(int flush, std::string_view& input,
                std::span<char>& output) override {
    size_t available_in = input.size();
    const auto* next_in = reinterpret_cast<const uint8_t*>(input.data());
    size_t available_out = output.size();
    auto* next_out = reinterpret_cast<uint8_t*>(output.data());
    const BrotliDecoderResult result =
        BrotliDecoderDecompressStream(state_.get(), &available_in, &next_in,
                                      &available_out, &next_out, nullptr);
    input.remove_prefix(input.size() - available_in);
    output = output.last(available_out);
    if (result == BROTLI_DECODER_RESULT_ERROR) {
      const int code = BrotliDecoderGetErrorCode(state_.get());
      return Failure{"Decompression failed", code,
                     std::string("ERR_") + BrotliDecoderErrorString(code)};
    }
    if (flush == BROTLI_OPERATION_FINISH &&
        result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) {
      return UnexpectedEnd();
    }
    return {};
  }

 private:
  [[nodiscard]] bool Restart() override {
    state_.reset(
        BrotliDecoderCreateInstance(&AllocateForC, &FreeForC, &account_));
    if (state_ == nullptr) return false;
    return ForEachParameter(parameters_,
                            [this](int parameter, uint32_t value) {
                              return BrotliDecoderSetParameter(
                                         state_.get(), parameter, value) != 0;
                            }) &&
           (dictionary_.empty() ||
            BrotliDecoderAttachDictionary(
                state_.get(), BROTLI_SHARED_DICTIONARY_RAW,
                dictionary_.rest().size(),
                reinterpret_cast<const uint8_t*>(dictionary_.rest().data())) !=
                0);
  }

  // Refers to the dictionary.
  std::unique_ptr<BrotliDecoderState, EndBrotli> state_;
};

template <typename Codec>
std::unique_ptr<ZlibCodec> Started(std::unique_ptr<Codec> codec,
                                   std::string_view dictionary,
                                   std::string& failure) {
  if (codec->Start(dictionary)) return codec;
  failure = kNotInitialized;
  return nullptr;
}

}  // namespace

std::unique_ptr<ZlibCodec> MakeBrotliEncoderCodec(CodecParameters parameters,
                                                  std::string_view dictionary,
                                                  MemoryAccount& account,
                                                  std::string& failure) {
  return Started(
      std::make_unique<BrotliEncoderCodec>(std::move(parameters), account),
      dictionary, failure);
}

std::unique_ptr<ZlibCodec> MakeBrotliDecoderCodec(CodecParameters parameters,
                                                  std::string_view dictionary,
                                                  MemoryAccount& account,
                                                  std::string& failure) {
  return Started(
      std::make_unique<BrotliDecoderCodec>(std::move(parameters), account),
      dictionary, failure);
}

}  // namespace caravel::runtime
