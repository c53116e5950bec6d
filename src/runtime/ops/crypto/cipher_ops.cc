// AES in its modes, and RSA-OAEP. A result has its size before anything is
// computed, so that it is written into the ArrayBuffer that JS gets: the
// padding of CBC is therefore read from the last block first.
#include "runtime/ops/crypto/cipher_ops.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <array>
#include <climits>
#include <cstring>

namespace caravel::runtime {
namespace {

constexpr size_t kAesBlock = 16;

enum class AesMode { kCbc, kCtr, kGcm, kWrap };

const EVP_CIPHER* FindAes(AesMode mode, size_t key_size) {
  // By mode, then by the size of the key.
  static const auto kCiphers = [] {
    std::array<std::array<const EVP_CIPHER*, 3>, 4> found{};
    constexpr std::array kModes = {"CBC", "CTR", "GCM", "WRAP"};
    constexpr std::array kSizes = {128, 192, 256};
    for (size_t i = 0; i < kModes.size(); ++i) {
      for (size_t j = 0; j < kSizes.size(); ++j) {
        const std::string name = fmt::format("AES-{}-{}", kSizes[j], kModes[i]);
        found[i][j] = EVP_CIPHER_fetch(nullptr, name.c_str(), nullptr);
      }
    }
    return found;
  }();
  if (key_size % 8 != 0 || key_size < 16 || key_size > 32) return nullptr;
  return kCiphers[static_cast<size_t>(mode)][key_size / 8 - 2];
}

Error CipherFailed(bool encrypt) {
  ERR_clear_error();
  return Error(ErrorCode::kInvalid, encrypt ? "the data cannot be encrypted"
                                            : "the data cannot be decrypted");
}

// A context of `key` that waits for its IV, kept with the key for the next
// time.
EVP_CIPHER_CTX* ContextFor(KeyMaterial& key, AesMode mode, bool encrypt) {
  const EVP_CIPHER* const cipher = FindAes(mode, key.secret().size());
  KeyMaterial::Scheduled& kept = key.scheduled();
  if (cipher == nullptr) return nullptr;
  if (kept.context != nullptr && kept.cipher == cipher &&
      kept.encrypts == encrypt) {
    return kept.context.get();
  }
  if (kept.context == nullptr) kept.context.reset(EVP_CIPHER_CTX_new());
  kept.cipher = nullptr;
  EVP_CIPHER_CTX* const context = kept.context.get();
  if (context == nullptr || EVP_CIPHER_CTX_reset(context) != 1) return nullptr;
  if (mode == AesMode::kWrap) {
    EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  }
  if (EVP_CipherInit_ex(context, cipher, nullptr, BytesOf(key.secret()),
                        nullptr, encrypt ? 1 : 0) != 1) {
    return nullptr;
  }
  kept.cipher = cipher;
  kept.encrypts = encrypt;
  return context;
}

bool SetIv(EVP_CIPHER_CTX* context, const unsigned char* iv) {
  return EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, iv, -1) == 1;
}

// All of `data` through the cipher; false, too, when it gives another count of
// bytes than it takes.
bool Pass(EVP_CIPHER_CTX* context, std::string_view data, unsigned char* out) {
  int written = 0;
  return data.empty() ||
         (EVP_CipherUpdate(context, out, &written, BytesOf(data),
                           static_cast<int>(data.size())) == 1 &&
          static_cast<size_t>(written) == data.size());
}

// The bytes of padding at the end of CBC's last block; 0 when it is none.
size_t PaddingOf(EVP_CIPHER_CTX* context, std::string_view iv,
                 std::string_view data) {
  const std::string_view last = data.substr(data.size() - kAesBlock);
  const std::string_view before =
      data.size() == kAesBlock
          ? iv
          : data.substr(data.size() - 2 * kAesBlock, kAesBlock);
  std::array<unsigned char, kAesBlock> plain{};
  if (!SetIv(context, BytesOf(before)) ||
      EVP_CIPHER_CTX_set_padding(context, 0) != 1 ||
      !Pass(context, last, plain.data())) {
    return 0;
  }
  const size_t padding = plain.back();
  if (padding == 0 || padding > kAesBlock) return 0;
  for (size_t i = kAesBlock - padding; i < kAesBlock; ++i) {
    if (plain[i] != padding) return 0;
  }
  return padding;
}

CipherOps::Bytes EncryptCbc(js::Scope& scope, EVP_CIPHER_CTX* context,
                            std::string_view iv, std::string_view data) {
  const size_t size = data.size() / kAesBlock * kAesBlock;
  CARAVEL_TRY(const auto result, NewResult(scope, size + kAesBlock));
  std::array<unsigned char, kAesBlock> last{};
  last.fill(static_cast<unsigned char>(kAesBlock - (data.size() - size)));
  if (data.size() > size) {
    std::memcpy(last.data(), data.data() + size, data.size() - size);
  }
  unsigned char* const out = BytesOf(result);
  const std::string_view rest(reinterpret_cast<const char*>(last.data()),
                              last.size());
  if (!SetIv(context, BytesOf(iv)) ||
      EVP_CIPHER_CTX_set_padding(context, 0) != 1 ||
      !Pass(context, data.substr(0, size), out) ||
      !Pass(context, rest, out + size)) {
    return CipherFailed(true);
  }
  return result;
}

CipherOps::Bytes DecryptCbc(js::Scope& scope, EVP_CIPHER_CTX* context,
                            std::string_view iv, std::string_view data) {
  if (data.empty() || data.size() % kAesBlock != 0) return CipherFailed(false);
  const size_t padding = PaddingOf(context, iv, data);
  if (padding == 0) return CipherFailed(false);
  CARAVEL_TRY(const auto result, NewResult(scope, data.size() - padding));
  const size_t whole = data.size() - kAesBlock;
  std::array<unsigned char, kAesBlock> last{};
  if (!SetIv(context, BytesOf(iv)) ||
      EVP_CIPHER_CTX_set_padding(context, 0) != 1 ||
      !Pass(context, data.substr(0, whole), BytesOf(result)) ||
      !Pass(context, data.substr(whole), last.data())) {
    return CipherFailed(false);
  }
  if (padding < kAesBlock) {
    std::memcpy(BytesOf(result) + whole, last.data(), kAesBlock - padding);
  }
  return result;
}

bool IsTooLong(std::string_view data) {
  return data.size() > INT_MAX - 2 * kAesBlock;
}

using Counter = unsigned __int128;

Counter ToCounter(std::string_view bytes) {
  Counter counter = 0;
  for (const char byte : bytes) {
    counter = counter << 8 | static_cast<unsigned char>(byte);
  }
  return counter;
}

std::string ToBytes(Counter counter) {
  std::string bytes(kAesBlock, '\0');
  for (size_t i = kAesBlock; i-- > 0; counter >>= 8) {
    bytes[i] = static_cast<char>(counter & 0xFF);
  }
  return bytes;
}

}  // namespace

CipherOps::Bytes CipherOps::AesCbc(js::Scope& scope, KeyMaterial* key,
                                   bool encrypt, js::BytesView iv,
                                   js::BytesView data) {
  EVP_CIPHER_CTX* const context = ContextFor(*key, AesMode::kCbc, encrypt);
  if (context == nullptr || iv.bytes.size() != kAesBlock ||
      IsTooLong(data.bytes)) {
    return CipherFailed(encrypt);
  }
  return encrypt ? EncryptCbc(scope, context, iv.bytes, data.bytes)
                 : DecryptCbc(scope, context, iv.bytes, data.bytes);
}

CipherOps::Bytes CipherOps::AesCtr(js::Scope& scope, KeyMaterial* key,
                                   js::BytesView counter, uint32_t length,
                                   js::BytesView data) {
  EVP_CIPHER_CTX* const context = ContextFor(*key, AesMode::kCtr, true);
  if (context == nullptr || counter.bytes.size() != kAesBlock || length == 0 ||
      length > 128 || IsTooLong(data.bytes)) {
    return CipherFailed(true);
  }
  // OpenSSL counts with all bits, so what follows a wrap is a part of its own.
  const Counter begin = ToCounter(counter.bytes);
  const Counter mask = ~Counter{0} >> (128 - length);
  const Counter blocks = (data.bytes.size() + kAesBlock - 1) / kAesBlock;
  const Counter before_wrap = mask - (begin & mask) + 1;  // 0: all of them
  if (blocks != 0 && blocks - 1 > mask) return CipherFailed(true);
  const bool wraps = before_wrap != 0 && blocks > before_wrap;
  const size_t first =
      wraps ? static_cast<size_t>(before_wrap) * kAesBlock : data.bytes.size();
  CARAVEL_TRY(const auto result, NewResult(scope, data.bytes.size()));
  if (!SetIv(context, BytesOf(counter.bytes)) ||
      !Pass(context, data.bytes.substr(0, first), BytesOf(result))) {
    return CipherFailed(true);
  }
  if (wraps) {
    const std::string again = ToBytes(begin & ~mask);
    if (!SetIv(context, BytesOf(again)) ||
        !Pass(context, data.bytes.substr(first), BytesOf(result) + first)) {
      return CipherFailed(true);
    }
  }
  return result;
}

CipherOps::Bytes CipherOps::AesGcm(js::Scope& scope, KeyMaterial* key,
                                   bool encrypt, js::BytesView iv,
                                   js::BytesView additional, uint32_t tag_size,
                                   js::BytesView data) {
  EVP_CIPHER_CTX* const context = ContextFor(*key, AesMode::kGcm, encrypt);
  if (context == nullptr || iv.bytes.empty() || IsTooLong(iv.bytes) ||
      IsTooLong(data.bytes) || IsTooLong(additional.bytes) ||
      tag_size > kAesBlock || (!encrypt && data.bytes.size() < tag_size)) {
    return CipherFailed(encrypt);
  }
  const size_t size = data.bytes.size() - (encrypt ? 0 : tag_size);
  CARAVEL_TRY(const auto result,
              NewResult(scope, size + (encrypt ? tag_size : 0)));
  unsigned char* const out = BytesOf(result);
  std::array<unsigned char, kAesBlock> tag{};
  const auto tag_length = static_cast<int>(tag_size);
  bool well =
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN,
                          static_cast<int>(iv.bytes.size()), nullptr) == 1 &&
      SetIv(context, BytesOf(iv.bytes));
  if (!encrypt) {
    std::memcpy(tag.data(), data.bytes.data() + size, tag_size);
    well = well && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG,
                                       tag_length, tag.data()) == 1;
  }
  int written = 0;
  well =
      well &&
      (additional.bytes.empty() ||
       EVP_CipherUpdate(context, nullptr, &written, BytesOf(additional.bytes),
                        static_cast<int>(additional.bytes.size())) == 1) &&
      Pass(context, data.bytes.substr(0, size), out) &&
      EVP_CipherFinal_ex(context, tag.data(), &written) == 1;
  if (well && encrypt) {
    well = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag_length,
                               out + size) == 1;
  }
  if (!well) return CipherFailed(encrypt);
  return result;
}

CipherOps::Bytes CipherOps::AesKw(js::Scope& scope, KeyMaterial* key, bool wrap,
                                  js::BytesView data) {
  EVP_CIPHER_CTX* const context = ContextFor(*key, AesMode::kWrap, wrap);
  const size_t least = wrap ? 16 : 24;
  if (context == nullptr || data.bytes.size() % 8 != 0 ||
      data.bytes.size() < least || IsTooLong(data.bytes)) {
    return CipherFailed(wrap);
  }
  const size_t size = wrap ? data.bytes.size() + 8 : data.bytes.size() - 8;
  // OpenSSL unwraps in place, the check value before the key.
  SecretBytes out(size + 16);
  int written = 0;
  if (!SetIv(context, nullptr) ||
      EVP_CipherUpdate(context, BytesOf(out.get()), &written,
                       BytesOf(data.bytes),
                       static_cast<int>(data.bytes.size())) != 1 ||
      static_cast<size_t>(written) != size) {
    key->scheduled().cipher = nullptr;
    return CipherFailed(wrap);
  }
  CARAVEL_TRY(const auto result, NewResult(scope, size));
  std::memcpy(result->Data(), out.get().data(), size);
  return result;
}

CipherOps::Bytes CipherOps::RsaOaep(js::Scope& scope, KeyMaterial* key,
                                    bool encrypt, std::string digest,
                                    js::BytesView label, js::BytesView data) {
  CARAVEL_TRY(const EVP_MD* const found, FindDigest(digest));
  const KeyContext context(
      EVP_PKEY_CTX_new_from_pkey(nullptr, key->pair(), nullptr));
  const auto begin = encrypt ? &EVP_PKEY_encrypt_init : &EVP_PKEY_decrypt_init;
  const auto run = encrypt ? &EVP_PKEY_encrypt : &EVP_PKEY_decrypt;
  if (context == nullptr || begin(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) !=
          1 ||
      EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), found) != 1 ||
      EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), found) != 1) {
    return CipherFailed(encrypt);
  }
  if (!label.bytes.empty()) {
    void* const copy = OPENSSL_memdup(label.bytes.data(), label.bytes.size());
    if (EVP_PKEY_CTX_set0_rsa_oaep_label(
            context.get(), copy, static_cast<int>(label.bytes.size())) != 1) {
      OPENSSL_free(copy);
      return CipherFailed(encrypt);
    }
  }
  SecretBytes out(static_cast<size_t>(EVP_PKEY_get_size(key->pair())));
  size_t size = out.get().size();
  if (run(context.get(), BytesOf(out.get()), &size, BytesOf(data.bytes),
          data.bytes.size()) != 1) {
    return CipherFailed(encrypt);
  }
  CARAVEL_TRY(const auto result, NewResult(scope, size));
  if (size > 0) std::memcpy(result->Data(), out.get().data(), size);
  return result;
}

}  // namespace caravel::runtime
