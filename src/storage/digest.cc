#include "storage/digest.h"

#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/hex.h"

namespace caravel::storage {
namespace {

const unsigned char* AsUnsigned(const char* data) {
  return reinterpret_cast<const unsigned char*>(data);
}

}  // namespace

std::string Sha256Hex(std::string_view bytes) {
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                     AsUnsigned(bytes.data()), bytes.size());
  return base::ToHex(digest);
}

Result<std::string> Sha256HexOfFile(const base::Fd& file) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  std::string piece(256 << 10, '\0');
  for (off_t at = 0;;) {
    const ssize_t got = ::pread(file.get(), piece.data(), piece.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError("read a file for its digest", errno);
    if (got == 0) break;
    crypto_hash_sha256_update(&state, AsUnsigned(piece.data()),
                              static_cast<unsigned long long>(got));
    at += got;
  }
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256_final(&state,
                           reinterpret_cast<unsigned char*>(digest.data()));
  return base::ToHex(digest);
}

bool IsDigest(std::string_view text) {
  return text.size() == 2 * crypto_hash_sha256_BYTES &&
         std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace caravel::storage
