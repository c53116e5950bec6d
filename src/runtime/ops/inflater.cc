// gzip and deflate, by the zlib that is in the Node binary.
#include <zlib.h>

#include <limits>
#include <string>

#include "base/check.h"
#include "runtime/memory_account.h"
#include "runtime/ops/decompressor.h"
#include "runtime/ops/zlib_memory.h"

namespace caravel::runtime {
namespace {

class Inflater final : public Decompressor {
 public:
  Inflater(std::string_view format, GzipMembers members, MemoryAccount& account)
      : format_(format),
        may_go_on_(format == "gzip" && members == GzipMembers::kAny) {
    CountMemory(stream_, account);
  }
  ~Inflater() override { inflateEnd(&stream_); }

  [[nodiscard]] bool Start() {
    return inflateInit2(&stream_, WindowBits(format_)) == Z_OK;
  }

  Result<Step> Run(std::string_view input, std::span<char> output) override {
    if (ended_ && input.empty()) return Step{.ended = true};
    if (ended_) {
      if (!may_go_on_) {
        return CorruptData(format_, "it goes on after its end");
      }
      CARAVEL_CHECK(inflateReset(&stream_) == Z_OK);  // the next member
      ended_ = false;
    }
    constexpr size_t kMost = std::numeric_limits<uInt>::max();
    const auto available_in = static_cast<uInt>(std::min(input.size(), kMost));
    const auto available_out =
        static_cast<uInt>(std::min(output.size(), kMost));
    // zlib's interface is older than const; it does not write to its input.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = available_in;
    stream_.next_out = reinterpret_cast<Bytef*>(output.data());
    stream_.avail_out = available_out;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    switch (result) {
      case Z_OK:
      case Z_BUF_ERROR:  // no progress, which is no error
        break;
      case Z_STREAM_END:
        ended_ = true;
        break;
      case Z_MEM_ERROR:
        return NoMemoryToDecompress();
      case Z_NEED_DICT:
        return CorruptData(format_, "it needs a dictionary");
      default:
        return CorruptData(format_,
                           stream_.msg == nullptr ? "bad data" : stream_.msg);
    }
    return Step{.read = available_in - stream_.avail_in,
                .written = available_out - stream_.avail_out,
                .ended = ended_};
  }

 private:
  const std::string format_;
  const bool may_go_on_;  // with another member
  z_stream stream_ = {};
  bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<Decompressor>> MakeInflater(std::string_view format,
                                                   GzipMembers members,
                                                   MemoryAccount& account) {
  auto inflater = std::make_unique<Inflater>(format, members, account);
  if (!inflater->Start()) return NoMemoryToDecompress();
  return std::unique_ptr<Decompressor>(std::move(inflater));
}

}  // namespace caravel::runtime
