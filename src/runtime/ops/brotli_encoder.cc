// brotli, by the library that is in the Node binary. Its encoder must not be
// refused memory: what it takes beyond the account's limit it has for one call,
// and is ended then. With the largest window that it is used with that is some
// 40 MB.
#include "base/check.h"
#include "runtime/memory_account.h"
#include "runtime/ops/brotli.h"
#include "runtime/ops/compressor.h"
#include "runtime/ops/decompressor.h"

namespace caravel::runtime {
namespace {

constexpr uint32_t kQuality = 5;

struct DestroyBrotliEncoder {
  void operator()(BrotliEncoderState* state) const {
    BrotliEncoderDestroyInstance(state);
  }
};

class BrotliEncoder final : public Compressor {
 public:
  explicit BrotliEncoder(MemoryAccount& account)
      : account_(account),
        state_(BrotliEncoderCreateInstance(&AllocateBeyondForC, &FreeForC,
                                           &account)) {}

  [[nodiscard]] bool Start() {
    return !account_.exceeded() &&
           BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_QUALITY,
                                     kQuality) != 0;
  }

  Result<Step> Run(std::string_view input, bool last,
                   std::span<char> output) override {
    size_t available_in = input.size();
    const auto* next_in = reinterpret_cast<const uint8_t*>(input.data());
    size_t available_out = output.size();
    auto* next_out = reinterpret_cast<uint8_t*>(output.data());
    const int done = BrotliEncoderCompressStream(
        state_.get(), last ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_PROCESS,
        &available_in, &next_in, &available_out, &next_out, nullptr);
    CARAVEL_CHECK(done != 0);
    if (account_.exceeded()) return NoMemoryToCompress();
    return Step{.read = input.size() - available_in,
                .written = output.size() - available_out,
                .ended = BrotliEncoderIsFinished(state_.get()) != 0};
  }

 private:
  MemoryAccount& account_;
  std::unique_ptr<BrotliEncoderState, DestroyBrotliEncoder> state_;
};

}  // namespace

Result<std::unique_ptr<Compressor>> MakeBrotliEncoder(MemoryAccount& account) {
  auto encoder = std::make_unique<BrotliEncoder>(account);
  if (!encoder->Start()) return NoMemoryToCompress();
  return std::unique_ptr<Compressor>(std::move(encoder));
}

}  // namespace caravel::runtime
