// gzip and deflate, by the zlib that is in the Node binary.
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "runtime/memory_account.h"
#include "runtime/ops/compressor.h"
#include "runtime/ops/zlib_memory.h"

namespace caravel::runtime {
namespace {

class Deflater final : public Compressor {
 public:
  explicit Deflater(MemoryAccount& account) { CountMemory(stream_, account); }
  ~Deflater() override { deflateEnd(&stream_); }

  [[nodiscard]] bool Start(std::string_view format) {
    // The standard leaves the level open. zlib's own, 6, takes half as long
    // again or twice as long for some 2 % less.
    constexpr int kLevel = 5;
    constexpr int kMemoryLevel = 8;  // zlib's own
    return deflateInit2(&stream_, kLevel, Z_DEFLATED, WindowBits(format),
                        kMemoryLevel, Z_DEFAULT_STRATEGY) == Z_OK;
  }

  Result<Step> Run(std::string_view input, bool last,
                   std::span<char> output) override {
    constexpr size_t kMost = std::numeric_limits<uInt>::max();
    const auto available_in = static_cast<uInt>(std::min(input.size(), kMost));
    const auto available_out =
        static_cast<uInt>(std::min(output.size(), kMost));
    // zlib's interface is older than const; it does not write to its input.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = available_in;
    stream_.next_out = reinterpret_cast<Bytef*>(output.data());
    stream_.avail_out = available_out;
    const bool finish = last && available_in == input.size();
    const int result = deflate(&stream_, finish ? Z_FINISH : Z_NO_FLUSH);
    // Z_BUF_ERROR: no progress, which is no error.
    CARAVEL_CHECK(
        result == Z_OK || result == Z_BUF_ERROR || result == Z_STREAM_END,
        result);
    return Step{.read = available_in - stream_.avail_in,
                .written = available_out - stream_.avail_out,
                .ended = result == Z_STREAM_END};
  }

 private:
  z_stream stream_ = {};
};

}  // namespace

Result<std::unique_ptr<Compressor>> MakeDeflater(std::string_view format,
                                                 MemoryAccount& account) {
  auto deflater = std::make_unique<Deflater>(account);
  if (!deflater->Start(format)) return NoMemoryToCompress();
  return std::unique_ptr<Compressor>(std::move(deflater));
}

}  // namespace caravel::runtime
