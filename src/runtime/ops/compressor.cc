#include "runtime/ops/compressor.h"

#include "runtime/ops/decompressor.h"

namespace caravel::runtime {

Result<std::unique_ptr<Compressor>> MakeCompressor(std::string_view format,
                                                   MemoryAccount& account) {
  if (format == "br") return MakeBrotliEncoder(account);
  if (format == "zstd") return MakeZstdEncoder(account);
  if (format == "gzip" || format == "deflate" || format == "deflate-raw") {
    return MakeDeflater(format, account);
  }
  return UnknownFormat(format);
}

Error NoMemoryToCompress() {
  return Error(ErrorCode::kLimit,
               "the memory limit of the Worker leaves no room to compress");
}

}  // namespace caravel::runtime
