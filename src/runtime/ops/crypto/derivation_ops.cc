#include "runtime/ops/crypto/derivation_ops.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "runtime/isolate_state.h"

namespace caravel::runtime {
namespace {

using Block = std::array<unsigned char, EVP_MAX_MD_SIZE>;

std::string_view ViewOf(const Block& block, size_t size) {
  return {reinterpret_cast<const char*>(block.data()), size};
}

// Fills `out` with blocks, each of which `make(number, block)` computes; their
// numbers start at 1.
template <typename Make>
Status FillByBlocks(unsigned char* out, size_t size, size_t block_size,
                    Make make) {
  Block block{};
  uint32_t number = 0;
  for (size_t done = 0; done < size; done += block_size) {
    CARAVEL_TRY(make(++number, block));
    std::memcpy(out + done, block.data(), std::min(block_size, size - done));
  }
  OPENSSL_cleanse(block.data(), block.size());
  return {};
}

Error CallEnds() { return Error(ErrorCode::kLimit, "the call is being ended"); }

}  // namespace

DerivationOps::Bytes DerivationOps::Agree(js::Scope& scope, KeyMaterial* own,
                                          KeyMaterial* other) {
  const KeyContext context(
      EVP_PKEY_CTX_new_from_pkey(nullptr, own->pair(), nullptr));
  size_t size = 0;
  if (context == nullptr || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), other->pair()) != 1 ||
      EVP_PKEY_derive(context.get(), nullptr, &size) != 1) {
    return OpenSslError("key agreement");
  }
  CARAVEL_TRY(const auto result, NewResult(scope, size));
  if (EVP_PKEY_derive(context.get(), BytesOf(result), &size) != 1 ||
      size != result->ByteLength()) {
    return OpenSslError("key agreement");
  }
  return result;
}

DerivationOps::Bytes DerivationOps::Hkdf(js::Scope& scope, KeyMaterial* key,
                                         std::string digest, js::BytesView salt,
                                         js::BytesView info, uint32_t size) {
  CARAVEL_TRY(const EVP_MD* const found, FindDigest(digest));
  const auto block_size = static_cast<size_t>(EVP_MD_get_size(found));
  if (size > 255 * block_size) {
    return Error(ErrorCode::kInvalid,
                 "more bytes than 255 times the digest cannot be derived");
  }
  // Extract: the salt is the key. No salt is as many zeroes, which HMAC pads an
  // empty key with.
  Block extracted{};
  CARAVEL_TRY(Hmac extract, Hmac::Create(found, salt.bytes));
  CARAVEL_TRY(extract.Compute({key->secret()}, extracted.data()));
  CARAVEL_TRY(Hmac expand, Hmac::Create(found, ViewOf(extracted, block_size)));
  OPENSSL_cleanse(extracted.data(), extracted.size());
  CARAVEL_TRY(const auto result, NewResult(scope, size));
  CARAVEL_TRY(FillByBlocks(
      BytesOf(result), size, block_size, [&](uint32_t number, Block& block) {
        const char counter = static_cast<char>(number);
        const std::string_view before =
            ViewOf(block, number == 1 ? 0 : block_size);
        return expand.Compute({before, info.bytes, {&counter, 1}},
                              block.data());
      }));
  return result;
}

DerivationOps::Bytes DerivationOps::Pbkdf2(js::Scope& scope, KeyMaterial* key,
                                           std::string digest,
                                           js::BytesView salt,
                                           uint32_t iterations, uint32_t size) {
  CARAVEL_TRY(const EVP_MD* const found, FindDigest(digest));
  const auto block_size = static_cast<size_t>(EVP_MD_get_size(found));
  CARAVEL_TRY(Hmac* const hmac, key->HmacWith(found));
  CARAVEL_TRY(const auto result, NewResult(scope, size));
  const auto make = [&](uint32_t number, Block& block) -> Status {
    const char counter[4] = {
        static_cast<char>(number >> 24), static_cast<char>(number >> 16),
        static_cast<char>(number >> 8), static_cast<char>(number)};
    Block last{};
    CARAVEL_TRY(hmac->Compute({salt.bytes, {counter, 4}}, last.data()));
    block = last;
    for (uint32_t i = 1; i < iterations; ++i) {
      if (i % 1024 == 0 && scope.state().CallIsEnding()) return CallEnds();
      CARAVEL_TRY(hmac->Compute({ViewOf(last, block_size)}, last.data()));
      for (size_t j = 0; j < block_size; ++j) block[j] ^= last[j];
    }
    if (scope.state().CallIsEnding()) return CallEnds();
    return {};
  };
  CARAVEL_TRY(FillByBlocks(BytesOf(result), size, block_size, make));
  return result;
}

}  // namespace caravel::runtime
