#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"

namespace caravel::runtime {

class MemoryAccount;

// Compresses, as much at a time as its caller has room for. What it needs
// itself (some 260 KB for deflate, megabytes for the others once there is much
// data) counts against the isolate's memory.
//
// Threads: one at a time.
class Compressor {
 public:
  Compressor() = default;
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
  virtual ~Compressor() = default;

  struct Step {
    size_t read = 0;
    size_t written = 0;
    bool ended = false;  // all is written, with what marks the end
  };
  // Reads from `input` until that is used up or `output` is full. `last`: no
  // input follows; then and only then it ends, after as many calls as it takes.
  // kLimit: no memory. Requires: `output` is not empty, and it has not ended.
  virtual Result<Step> Run(std::string_view input, bool last,
                           std::span<char> output) = 0;
};

// Formats: those of MakeDecompressor, each with what its library holds for a
// good balance of time and size; brotli's own choice takes a second for a few
// megabytes, so it has quality 5. kInvalid for another format. `account`
// outlives the compressor.
Result<std::unique_ptr<Compressor>> MakeCompressor(std::string_view format,
                                                   MemoryAccount& account);

// The three kinds. Requires: `format` is one that they know.
Result<std::unique_ptr<Compressor>> MakeDeflater(std::string_view format,
                                                 MemoryAccount& account);
Result<std::unique_ptr<Compressor>> MakeBrotliEncoder(MemoryAccount& account);
Result<std::unique_ptr<Compressor>> MakeZstdEncoder(MemoryAccount& account);

Error NoMemoryToCompress();

}  // namespace caravel::runtime
