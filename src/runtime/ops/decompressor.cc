#include "runtime/ops/decompressor.h"

#include <fmt/format.h>

#include <cstring>

#include "runtime/memory_account.h"

namespace caravel::runtime {
namespace {

// Before each piece of memory stands its size; what follows stays aligned.
constexpr size_t kHeader = alignof(std::max_align_t);

}  // namespace

Result<std::unique_ptr<Decompressor>> MakeDecompressor(std::string_view format,
                                                       MemoryAccount& account) {
  if (format == "br") return MakeBrotliDecoder(account);
  if (format == "gzip" || format == "deflate" || format == "deflate-raw") {
    return MakeInflater(format, account);
  }
  return Error(ErrorCode::kInvalid,
               fmt::format("\"{}\" is no compression format", format))
      .Remedy("Use gzip, deflate, deflate-raw or br");
}

void* AllocateCounted(MemoryAccount& account, size_t size) {
  const size_t whole = size + kHeader;
  if (whole < size) return nullptr;
  auto* memory = static_cast<char*>(account.AllocateUninitialized(whole));
  if (memory == nullptr) return nullptr;
  std::memcpy(memory, &whole, sizeof whole);
  return memory + kHeader;
}

void FreeCounted(MemoryAccount& account, void* address) {
  if (address == nullptr) return;
  char* memory = static_cast<char*>(address) - kHeader;
  size_t whole = 0;
  std::memcpy(&whole, memory, sizeof whole);
  account.Free(memory, whole);
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
