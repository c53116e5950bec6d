// Tests: node_crypto_test.cc, and Node's own tests (tests/node).
#include "runtime/ops/node/crypto/key_codec.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <cstring>

#include "runtime/ops/crypto/key_bounds.h"
#include "runtime/ops/node/crypto/big_number.h"
#include "runtime/ops/node/crypto/certificate.h"
#include "runtime/ops/node/crypto/failure.h"

namespace caravel::runtime {
namespace {

using SealedPkcs8 = std::unique_ptr<X509_SIG, FreeWith<&X509_SIG_free>>;
using FetchedCipher = std::unique_ptr<EVP_CIPHER, FreeWith<&EVP_CIPHER_free>>;
using Passphrase = std::optional<js::BytesView>;

constexpr uint32_t kPem = 1;
enum Encoding { kPkcs1 = 0, kPkcs8 = 1, kSpki = 2, kSec1 = 3 };

Bio OverBytes(std::string_view bytes) {
  // OpenSSL takes no place at all for a mistake.
  return Bio(BIO_new_mem_buf(bytes.empty() ? "" : bytes.data(),
                             static_cast<int>(bytes.size())));
}

// For OpenSSL, which asks when it needs one. Below 0: there is none.
int GivePassphrase(char* out, int room, int, void* given) {
  const auto& passphrase = *static_cast<const Passphrase*>(given);
  if (!passphrase) return -1;
  const std::string_view bytes = passphrase->bytes;
  if (bytes.size() > static_cast<size_t>(room)) return -1;
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  return static_cast<int>(bytes.size());
}

EvpKey ReadPrivatePem(std::string_view bytes, Passphrase& passphrase) {
  const Bio bio = OverBytes(bytes);
  if (bio == nullptr) return nullptr;
  return EvpKey(PEM_read_bio_PrivateKey(bio.get(), nullptr, &GivePassphrase,
                                        &passphrase));
}

EvpKey ReadPrivateDer(std::string_view bytes, int32_t encoding,
                      Passphrase& passphrase) {
  if (bytes.empty()) return nullptr;
  const Bio bio = OverBytes(bytes);
  if (bio == nullptr) return nullptr;
  // What it is shows in it, and may be another than was said.
  if (encoding == kPkcs1 || encoding == kSec1) {
    return EvpKey(d2i_PrivateKey_bio(bio.get(), nullptr));
  }
  // Encrypted or not: the first has a signature's shape.
  ERR_set_mark();
  const unsigned char* at = BytesOf(bytes);
  const SealedPkcs8 sealed(
      d2i_X509_SIG(nullptr, &at, static_cast<long>(bytes.size())));
  ERR_pop_to_mark();
  if (sealed != nullptr) {
    return EvpKey(d2i_PKCS8PrivateKey_bio(bio.get(), nullptr, &GivePassphrase,
                                          &passphrase));
  }
  const Pkcs8 open(d2i_PKCS8_PRIV_KEY_INFO_bio(bio.get(), nullptr));
  return open == nullptr ? nullptr : EvpKey(EVP_PKCS82PKEY(open.get()));
}

// Nothing where the text has no such part, and then no error either.
template <typename Read>
EvpKey ReadPart(std::string_view text, const char* name, Read read) {
  const Bio bio = OverBytes(text);
  unsigned char* bytes = nullptr;
  long size = 0;
  ERR_set_mark();
  const bool found =
      bio != nullptr && PEM_bytes_read_bio(&bytes, &size, nullptr, name,
                                           bio.get(), nullptr, nullptr) == 1;
  ERR_pop_to_mark();
  if (!found) return nullptr;
  const unsigned char* at = bytes;
  EvpKey key = read(&at, size);
  OPENSSL_clear_free(bytes, static_cast<size_t>(size));
  return key;
}

EvpKey ReadPublicPem(std::string_view bytes) {
  EvpKey key =
      ReadPart(bytes, "PUBLIC KEY", [](const unsigned char** at, long size) {
        return EvpKey(d2i_PUBKEY(nullptr, at, size));
      });
  if (key != nullptr) return key;
  key = ReadPart(
      bytes, "RSA PUBLIC KEY", [](const unsigned char** at, long size) {
        return EvpKey(d2i_PublicKey(EVP_PKEY_RSA, nullptr, at, size));
      });
  if (key != nullptr) return key;
  return ReadPart(
      bytes, "CERTIFICATE", [](const unsigned char** at, long size) {
        const Certificate made(d2i_X509(nullptr, at, size));
        return made == nullptr ? nullptr : EvpKey(X509_get_pubkey(made.get()));
      });
}

// Whether it begins as a private key of PKCS #1 does: with a version.
bool BeginsWithVersion(std::string_view bytes) {
  const unsigned char* at = BytesOf(bytes);
  const auto size = static_cast<long>(bytes.size());
  long length = 0;
  int tag = 0;
  int kind = 0;
  if (bytes.empty()) return false;
  ERR_set_mark();
  const int form = ASN1_get_object(&at, &length, &tag, &kind, size);
  ERR_pop_to_mark();
  if ((form & 0x80) != 0 || tag != V_ASN1_SEQUENCE || length < 3) return false;
  return at[0] == V_ASN1_INTEGER && at[1] == 1 && at[2] <= 1;
}

struct ReadKey {
  EvpKey key;
  bool is_private = false;
};

ReadKey ReadEither(uint32_t format, int32_t encoding, std::string_view bytes,
                   Passphrase& passphrase) {
  if (format == kPem) {
    ERR_clear_error();
    EvpKey key = ReadPublicPem(bytes);
    if (key != nullptr) return {std::move(key), false};
    return {ReadPrivatePem(bytes, passphrase), true};
  }
  if (encoding == kSpki || (encoding == kPkcs1 && !BeginsWithVersion(bytes))) {
    const unsigned char* at = BytesOf(bytes);
    const auto size = static_cast<long>(bytes.size());
    EvpKey key(encoding == kSpki
                   ? d2i_PUBKEY(nullptr, &at, size)
                   : d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, size));
    return {std::move(key), false};
  }
  return {ReadPrivateDer(bytes, encoding, passphrase), true};
}

// False: the exception is thrown.
bool MayRead(js::Scope& scope, uint32_t format, std::string_view bytes,
             Passphrase& passphrase) {
  if (bytes.size() > kLongestKey) {
    ThrowKeyTooLong(scope);
    return false;
  }
  const auto refusal =
      RefuseEncoded(format == kPem, bytes, &GivePassphrase, &passphrase);
  if (!refusal) return true;
  ThrowCoded(scope, ErrorClass::kRangeError, "ERR_OUT_OF_RANGE", *refusal);
  return false;
}

// Of a key that OpenSSL did not read.
js::Result<v8::Value> ThrowUnread(js::Scope& scope,
                                  const Passphrase& passphrase,
                                  std::string_view otherwise,
                                  MessageOf owner = MessageOf::kOpenSsl) {
  const unsigned long error = ERR_peek_error();
  if (!passphrase && ERR_GET_LIB(error) == ERR_LIB_PEM &&
      ERR_GET_REASON(error) == PEM_R_BAD_PASSWORD_READ) {
    ERR_clear_error();
    return ThrowCoded(scope, ErrorClass::kTypeError, "ERR_MISSING_PASSPHRASE",
                      "Passphrase required for encrypted key");
  }
  return ThrowOpenSslWhole(scope, otherwise, owner);
}

// The same, of one that may be public: then Node has no more to say.
js::Result<v8::Value> ThrowUnreadEither(js::Scope& scope,
                                        const Passphrase& passphrase,
                                        bool is_pem, const ReadKey& read) {
  if (is_pem || read.is_private) {
    return ThrowUnread(scope, passphrase, "Failed to read private key");
  }
  return ThrowUnread(scope, passphrase, "Failed to read asymmetric key",
                     MessageOf::kOurs);
}

// Of a private key, encrypted where there is a cipher, into the writer.
bool WritePrivate(BIO* out, EVP_PKEY* key, uint32_t format, uint32_t encoding,
                  const EVP_CIPHER* cipher, std::string_view passphrase) {
  // OpenSSL reads it, and asks the terminal where there is none: an empty one
  // has a place.
  static char nowhere = 0;
  char* const secret = cipher == nullptr ? nullptr
                       : passphrase.empty()
                           ? &nowhere
                           : const_cast<char*>(passphrase.data());
  const auto size = static_cast<int>(passphrase.size());
  if (encoding == kPkcs8) {
    return (format == kPem
                ? PEM_write_bio_PKCS8PrivateKey(out, key, cipher, secret, size,
                                                nullptr, nullptr)
                : i2d_PKCS8PrivateKey_bio(out, key, cipher, secret, size,
                                          nullptr, nullptr)) == 1;
  }
  if (format == kPem) {
    return PEM_write_bio_PrivateKey_traditional(
               out, key, cipher, reinterpret_cast<unsigned char*>(secret), size,
               nullptr, nullptr) == 1;
  }
  return i2d_PrivateKey_bio(out, key) == 1;
}

bool WritePublic(BIO* out, EVP_PKEY* key, uint32_t format, uint32_t encoding) {
  if (encoding == kSpki) {
    return (format == kPem ? PEM_write_bio_PUBKEY(out, key)
                           : i2d_PUBKEY_bio(out, key)) == 1;
  }
  unsigned char* der = nullptr;
  const int size = i2d_PublicKey(key, &der);
  if (size <= 0) return false;
  const bool written =
      format == kPem ? PEM_write_bio(out, "RSA PUBLIC KEY", "", der, size) > 0
                     : BIO_write(out, der, size) == size;
  OPENSSL_free(der);
  return written;
}

}  // namespace

js::Result<v8::Value> NodeKeyCodec::KeyRead(
    js::Scope& scope, bool any, uint32_t format, int32_t encoding,
    js::BytesView bytes, std::optional<js::BytesView> passphrase) {
  if (!MayRead(scope, format, bytes.bytes, passphrase)) return {};
  if (any) {
    ReadKey read = ReadEither(format, encoding, bytes.bytes, passphrase);
    if (read.key == nullptr) {
      return ThrowUnreadEither(scope, passphrase, format == kPem, read);
    }
    ERR_clear_error();
    return NodeKey::OfPair(scope, NodeKeyType::kPublic, std::move(read.key));
  }
  EvpKey key = format == kPem
                   ? ReadPrivatePem(bytes.bytes, passphrase)
                   : ReadPrivateDer(bytes.bytes, encoding, passphrase);
  if (key == nullptr) {
    return ThrowUnread(scope, passphrase, "Failed to read private key");
  }
  ERR_clear_error();
  return NodeKey::OfPair(scope, NodeKeyType::kPrivate, std::move(key));
}

js::Result<v8::Value> NodeKeyCodec::KeyReadEither(
    js::Scope& scope, uint32_t format, int32_t encoding, js::BytesView bytes,
    std::optional<js::BytesView> passphrase) {
  if (!MayRead(scope, format, bytes.bytes, passphrase)) return {};
  ReadKey read = ReadEither(format, encoding, bytes.bytes, passphrase);
  if (read.key == nullptr) {
    return ThrowUnreadEither(scope, passphrase, format == kPem, read);
  }
  ERR_clear_error();
  return NodeKey::OfPair(
      scope, read.is_private ? NodeKeyType::kPrivate : NodeKeyType::kPublic,
      std::move(read.key));
}

js::Result<v8::Value> NodeKeyCodec::PublicOf(js::Scope& scope, NodeKey* key) {
  if (key->pair() == nullptr) return v8::Undefined(scope.isolate());
  EVP_PKEY_up_ref(key->pair());
  return NodeKey::OfPair(scope, NodeKeyType::kPublic, EvpKey(key->pair()));
}

js::Result<v8::Value> NodeKeyCodec::KeyWrite(
    js::Scope& scope, NodeKey* key, uint32_t format, uint32_t encoding,
    std::optional<std::string> cipher,
    std::optional<js::BytesView> passphrase) {
  if (key->pair() == nullptr) return v8::Undefined(scope.isolate());
  FetchedCipher found;
  if (cipher) {
    found.reset(EVP_CIPHER_fetch(nullptr, cipher->c_str(), nullptr));
    if (found == nullptr) {
      return ThrowCoded(scope, ErrorClass::kError, "ERR_CRYPTO_UNKNOWN_CIPHER",
                        "Unknown cipher");
    }
  }
  const Bio out(BIO_new(BIO_s_mem()));
  const bool written =
      out != nullptr &&
      (key->type() == NodeKeyType::kPrivate
           ? WritePrivate(out.get(), key->pair(), format, encoding, found.get(),
                          passphrase ? passphrase->bytes : std::string_view())
           : WritePublic(out.get(), key->pair(), format, encoding));
  if (!written) return ThrowOpenSsl(scope, "Failed to encode the key");
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  auto made = ToBuffer(scope, {bytes, static_cast<size_t>(size)});
  OPENSSL_cleanse(bytes, static_cast<size_t>(size));
  return made;
}

}  // namespace caravel::runtime
