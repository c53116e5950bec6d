#include "runtime/ops/decompressor.h"

#include <fmt/format.h>

#include <cstring>

#include "runtime/memory_account.h"

namespace caravel::runtime {
namespace {

// Before each piece of memory stands its size; what follows stays aligned.
constexpr size_t kHeader = alignof(std::max_align_t);

// What such a library is given: `memory`, of `whole` bytes, behind the header.
void* WithHeader(void* memory, size_t whole) {
  if (memory == nullptr) return nullptr;
  std::memcpy(memory, &whole, sizeof whole);
  return static_cast<char*>(memory) + kHeader;
}

}  // namespace

Result<std::unique_ptr<Decompressor>> MakeDecompressor(std::string_view format,
                                                       GzipMembers members,
                                                       MemoryAccount& account) {
  if (format == "br") return MakeBrotliDecoder(account);
  if (format == "zstd") return MakeZstdDecoder(account);
  if (format == "gzip" || format == "deflate" || format == "deflate-raw") {
    return MakeInflater(format, members, account);
  }
  return UnknownFormat(format);
}

Error UnknownFormat(std::string_view format) {
  return Error(ErrorCode::kInvalid,
               fmt::format("\"{}\" is no compression format", format))
      .Remedy("Use gzip, deflate, deflate-raw, br or zstd");
}

void* AllocateCounted(MemoryAccount& account, size_t size) {
  const size_t whole = size + kHeader;
  if (whole < size) return nullptr;
  return WithHeader(account.AllocateForNative(whole), whole);
}

void FreeCounted(MemoryAccount& account, void* address) {
  if (address == nullptr) return;
  char* memory = static_cast<char*>(address) - kHeader;
  size_t whole = 0;
  std::memcpy(&whole, memory, sizeof whole);
  account.Free(memory, whole);
}

void* AllocateForC(void* opaque, size_t size) {
  return AllocateCounted(*static_cast<MemoryAccount*>(opaque), size);
}

void* AllocateBeyondForC(void* opaque, size_t size) {
  const size_t whole = size + kHeader;
  if (whole < size) return nullptr;
  return WithHeader(static_cast<MemoryAccount*>(opaque)->AllocateBeyond(whole),
                    whole);
}

void FreeForC(void* opaque, void* address) {
  FreeCounted(*static_cast<MemoryAccount*>(opaque), address);
}

Error NoMemoryToDecompress() {
  return Error(ErrorCode::kLimit,
               "the memory limit of the Worker leaves no room to decompress");
}

Error CorruptData(std::string_view format, std::string_view why) {
  return Error(ErrorCode::kInvalid,
               fmt::format("The {} data is corrupt: {}", format, why));
}

}  // namespace caravel::runtime
