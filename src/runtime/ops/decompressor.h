#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"

namespace caravel::runtime {

class MemoryAccount;

// Undoes one compression, as much at a time as its caller has room for: so a
// small input that stands for a huge output costs no memory. What it needs
// itself (a window of 32 KB for deflate, up to 16 MB for brotli) counts against
// the isolate's memory.
//
// Threads: one at a time.
class Decompressor {
 public:
  Decompressor() = default;
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
  virtual ~Decompressor() = default;

  struct Step {
    size_t read = 0;
    size_t written = 0;
    bool ended = false;  // the data is whole; what follows it is an error
  };
  // Reads from `input` until that is used up or `output` is full. kInvalid: the
  // data is corrupt, or goes on after its end; kLimit: no memory.
  // Requires: `output` is not empty.
  virtual Result<Step> Run(std::string_view input, std::span<char> output) = 0;
};

// How much data may be gzip: RFC 1952 has any number of members, the
// Compression Standard one.
enum class GzipMembers { kOne, kAny };

// Formats: "gzip" (RFC 1952), "deflate" (the zlib format, RFC 1950),
// "deflate-raw" (RFC 1951), "br" (RFC 7932), "zstd" (RFC 8878, any number of
// frames). kInvalid for another. `account` outlives the decompressor.
Result<std::unique_ptr<Decompressor>> MakeDecompressor(std::string_view format,
                                                       GzipMembers members,
                                                       MemoryAccount& account);

// The three kinds. Requires: `format` is one that they know.
Result<std::unique_ptr<Decompressor>> MakeInflater(std::string_view format,
                                                   GzipMembers members,
                                                   MemoryAccount& account);
Result<std::unique_ptr<Decompressor>> MakeBrotliDecoder(MemoryAccount& account);
Result<std::unique_ptr<Decompressor>> MakeZstdDecoder(MemoryAccount& account);

// Memory for libraries in C: counted, and freed without being told its size.
void* AllocateCounted(MemoryAccount& account, size_t size);
void FreeCounted(MemoryAccount& account, void* address);
// The same as such libraries call them: `opaque` is the MemoryAccount.
void* AllocateForC(void* opaque, size_t size);
// See MemoryAccount::AllocateBeyond().
void* AllocateBeyondForC(void* opaque, size_t size);
void FreeForC(void* opaque, void* address);

Error UnknownFormat(std::string_view format);
Error NoMemoryToDecompress();
Error CorruptData(std::string_view format, std::string_view why);

}  // namespace caravel::runtime
