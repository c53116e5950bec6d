#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caravel::runtime {

class MemoryAccount;

// What a stream of node:zlib does with its bytes. The contract is that of
// Node's internal binding `zlib`; its numbers are those of zlib.constants.
//
// Memory counts against the account, which outlives the codec. It is taken when
// first written to, where the library allows that.
//
// Threads: one at a time.
class ZlibCodec {
 public:
  // As handle.onerror() in Node's library gets it.
  struct Failure {
    std::string message;
    int number = 0;
    std::string code;  // empty: the name of `number` among zstd's errors
  };
  using Outcome = std::optional<Failure>;  // nothing: success

  ZlibCodec() = default;
  ZlibCodec(const ZlibCodec&) = delete;
  ZlibCodec& operator=(const ZlibCodec&) = delete;
  virtual ~ZlibCodec() = default;

  // Reads and writes as far as `flush` asks and `output` has room, and moves
  // both along to what is left of them. After a failure it is only to be
  // destroyed.
  virtual Outcome Write(int flush, std::string_view& input,
                        std::span<char>& output) = 0;
  // How much Write() is given at once, so that none takes long: bytes of input,
  // with the flush that the library calls 0 until the last, and of output.
  struct Portion {
    size_t input;
    size_t output;
  };
  virtual Portion portion() const {
    return {.input = 256 * 1024, .output = SIZE_MAX};
  }
  // Write() filled its output and has more to give without further input.
  virtual bool holds_more() const { return false; }
  // Begins a new stream with the same settings.
  virtual Outcome Reset() = 0;
  // Of deflate alone; the others have none.
  virtual Outcome SetParameters(int /*level*/, int /*strategy*/) { return {}; }
};

// zlib.constants.DEFLATE and so on.
enum class ZlibMode : uint8_t {
  kNone = 0,
  kDeflate = 1,
  kInflate = 2,
  kGzip = 3,
  kGunzip = 4,
  kDeflateRaw = 5,
  kInflateRaw = 6,
  kUnzip = 7,
};

struct ZlibSettings {
  ZlibMode mode = ZlibMode::kNone;
  int window_bits = 0;
  int level = 0;
  int memory_level = 0;
  int strategy = 0;
  // One member of gzip; what follows it is left in the input.
  bool reject_garbage = false;
};

// A value for each parameter by its number, kUnset for those that were not
// given.
inline constexpr uint32_t kUnset = 0xffffffff;
using CodecParameters = std::vector<uint32_t>;

// These give nothing, and why in `failure`, where the library refuses a
// parameter or the dictionary, which is copied, or there is no memory. A brotli
// encoder has windows of 16 MB at most: see brotli_encoder.cc.
std::unique_ptr<ZlibCodec> MakeZlibCodec(const ZlibSettings& settings,
                                         std::string_view dictionary,
                                         MemoryAccount& account,
                                         std::string& failure);
std::unique_ptr<ZlibCodec> MakeBrotliEncoderCodec(CodecParameters parameters,
                                                  std::string_view dictionary,
                                                  MemoryAccount& account,
                                                  std::string& failure);
std::unique_ptr<ZlibCodec> MakeBrotliDecoderCodec(CodecParameters parameters,
                                                  std::string_view dictionary,
                                                  MemoryAccount& account,
                                                  std::string& failure);
// `pledged_size`: of all that is compressed, where that is known. Parameters of
// threads are left aside: a Worker has one.
std::unique_ptr<ZlibCodec> MakeZstdEncoderCodec(
    CodecParameters parameters, std::optional<uint64_t> pledged_size,
    std::string_view dictionary, MemoryAccount& account, std::string& failure);
std::unique_ptr<ZlibCodec> MakeZstdDecoderCodec(CodecParameters parameters,
                                                std::string_view dictionary,
                                                bool reject_garbage,
                                                MemoryAccount& account,
                                                std::string& failure);

// What all of them say of data that is cut short.
ZlibCodec::Failure UnexpectedEnd();

// Calls `set` with each parameter that was given; false when it refuses one.
template <typename Set>
bool ForEachParameter(const CodecParameters& parameters, Set set) {
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i] != kUnset && !set(static_cast<int>(i), parameters[i])) {
      return false;
    }
  }
  return true;
}

}  // namespace caravel::runtime
