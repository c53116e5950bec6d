// zstd (RFC 8878) both ways, by the library that is in the Node binary.
#include "runtime/memory_account.h"
#include "runtime/ops/compressor.h"
#include "runtime/ops/decompressor.h"
#include "runtime/ops/zstd.h"

namespace caravel::runtime {
namespace {

ZSTD_customMem CountedZstdMemory(MemoryAccount& account) {
  return {&AllocateForC, &FreeForC, &account};
}

struct FreeZstd {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

class ZstdEncoder final : public Compressor {
 public:
  explicit ZstdEncoder(MemoryAccount& account)
      : context_(ZSTD_createCCtx_advanced(CountedZstdMemory(account))) {}

  bool started() const { return context_ != nullptr; }

  Result<Step> Run(std::string_view input, bool last,
                   std::span<char> output) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output.data(), output.size(), 0};
    const size_t left = ZSTD_compressStream2(
        context_.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
    // It fails for want of memory alone.
    if (ZSTD_isError(left) != 0) return NoMemoryToCompress();
    return Step{.read = in.position,
                .written = out.position,
                .ended = last && left == 0};
  }

 private:
  std::unique_ptr<ZSTD_CCtx, FreeZstd> context_;
};

class ZstdDecoder final : public Decompressor {
 public:
  explicit ZstdDecoder(MemoryAccount& account)
      : context_(ZSTD_createDCtx_advanced(CountedZstdMemory(account))) {}

  bool started() const { return context_ != nullptr; }

  Result<Step> Run(std::string_view input, std::span<char> output) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output.data(), output.size(), 0};
    // After the end of a frame it begins the next.
    if (ended_ && input.empty()) return Step{.ended = true};
    const size_t left = ZSTD_decompressStream(context_.get(), &out, &in);
    if (ZSTD_isError(left) != 0) {
      const int code = ZSTD_getErrorCode(left);
      if (code == kZstdErrorMemory) return NoMemoryToDecompress();
      return CorruptData("zstd", ZSTD_getErrorString(code));
    }
    ended_ = left == 0;
    return Step{.read = in.position, .written = out.position, .ended = ended_};
  }

 private:
  std::unique_ptr<ZSTD_DCtx, FreeZstd> context_;
  bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<Compressor>> MakeZstdEncoder(MemoryAccount& account) {
  auto encoder = std::make_unique<ZstdEncoder>(account);
  if (!encoder->started()) return NoMemoryToCompress();
  return std::unique_ptr<Compressor>(std::move(encoder));
}

Result<std::unique_ptr<Decompressor>> MakeZstdDecoder(MemoryAccount& account) {
  auto decoder = std::make_unique<ZstdDecoder>(account);
  if (!decoder->started()) return NoMemoryToDecompress();
  return std::unique_ptr<Decompressor>(std::move(decoder));
}

}  // namespace caravel::runtime
