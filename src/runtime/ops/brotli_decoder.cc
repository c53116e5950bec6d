// brotli, by the library that is in the Node binary.
#include "runtime/memory_account.h"
#include "runtime/ops/brotli.h"
#include "runtime/ops/decompressor.h"

namespace caravel::runtime {
namespace {

struct DestroyBrotli {
  void operator()(BrotliDecoderState* state) const {
    BrotliDecoderDestroyInstance(state);
  }
};

class BrotliDecoder final : public Decompressor {
 public:
  explicit BrotliDecoder(MemoryAccount& account)
      : state_(
            BrotliDecoderCreateInstance(&AllocateForC, &FreeForC, &account)) {}

  bool started() const { return state_ != nullptr; }

  Result<Step> Run(std::string_view input, std::span<char> output) override {
    if (ended_) {
      if (input.empty()) return Step{.ended = true};
      return CorruptData("br", "it goes on after its end");
    }
    size_t available_in = input.size();
    const auto* next_in = reinterpret_cast<const uint8_t*>(input.data());
    size_t available_out = output.size();
    auto* next_out = reinterpret_cast<uint8_t*>(output.data());
    const BrotliDecoderResult result =
        BrotliDecoderDecompressStream(state_.get(), &available_in, &next_in,
                                      &available_out, &next_out, nullptr);
    if (result == BROTLI_DECODER_RESULT_ERROR) {
      const int code = BrotliDecoderGetErrorCode(state_.get());
      if (code >= -30 && code <= -21) return NoMemoryToDecompress();
      return CorruptData("br", BrotliDecoderErrorString(code));
    }
    ended_ = result == BROTLI_DECODER_RESULT_SUCCESS;
    return Step{.read = input.size() - available_in,
                .written = output.size() - available_out,
                .ended = ended_};
  }

 private:
  std::unique_ptr<BrotliDecoderState, DestroyBrotli> state_;
  bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<Decompressor>> MakeBrotliDecoder(
    MemoryAccount& account) {
  auto decoder = std::make_unique<BrotliDecoder>(account);
  if (!decoder->started()) return NoMemoryToDecompress();
  return std::unique_ptr<Decompressor>(std::move(decoder));
}

}  // namespace caravel::runtime
