#pragma once

#include <zlib.h>

#include <string_view>

#include "runtime/ops/decompressor.h"

// What the users of zlib share.
namespace caravel::runtime {

// The stream's memory comes from `account`. Before it is initialized.
inline void CountMemory(z_stream& stream, MemoryAccount& account) {
  stream.zalloc = [](void* opaque, uInt items, uInt size) {
    return AllocateCounted(*static_cast<MemoryAccount*>(opaque),
                           size_t{items} * size);
  };
  stream.zfree = [](void* opaque, void* address) {
    FreeCounted(*static_cast<MemoryAccount*>(opaque), address);
  };
  stream.opaque = &account;
}

// inflateInit2(), deflateInit2(): the largest window, in the sign and the bits
// that tell zlib the format.
inline int WindowBits(std::string_view format) {
  if (format == "gzip") return 16 + MAX_WBITS;
  return format == "deflate" ? MAX_WBITS : -MAX_WBITS;
}

}  // namespace caravel::runtime
