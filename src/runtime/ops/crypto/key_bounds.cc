// Tests: web_crypto_test.cc, node_crypto_test.cc.
#include "runtime/ops/crypto/key_bounds.h"

#include <fmt/format.h>
#include <openssl/asn1t.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <array>

namespace caravel::runtime {
namespace {

using SealedPkcs8 = std::unique_ptr<X509_SIG, FreeWith<&X509_SIG_free>>;
using Pbes1 = std::unique_ptr<PBEPARAM, FreeWith<&PBEPARAM_free>>;
using Pbes2 = std::unique_ptr<PBE2PARAM, FreeWith<&PBE2PARAM_free>>;
using Pbkdf2 = std::unique_ptr<PBKDF2PARAM, FreeWith<&PBKDF2PARAM_free>>;
using ScryptCosts =
    std::unique_ptr<SCRYPT_PARAMS, FreeWith<&SCRYPT_PARAMS_free>>;
using Refusal = std::optional<std::string>;

// OpenSSL's errors of what is tried in its scope are forgotten.
class ErrorsAside {
 public:
  ErrorsAside() { ERR_set_mark(); }
  ErrorsAside(const ErrorsAside&) = delete;
  ErrorsAside& operator=(const ErrorsAside&) = delete;
  ~ErrorsAside() { ERR_pop_to_mark(); }
};

// What OpenSSL itself will refuse counts as the most.
uint64_t ValueOf(const ASN1_INTEGER* number) {
  uint64_t value = 0;
  return ASN1_INTEGER_get_uint64(&value, number) == 1 ? value : UINT64_MAX;
}

// The parameters of an algorithm, which OpenSSL keeps encoded.
template <typename Owner>
Owner Unpack(const ASN1_ITEM* item, const X509_ALGOR* algorithm) {
  int type = 0;
  const void* value = nullptr;
  X509_ALGOR_get0(nullptr, &type, &value, algorithm);
  if (type != V_ASN1_SEQUENCE) return nullptr;
  return Owner(static_cast<typename Owner::pointer>(
      ASN1_item_unpack(static_cast<const ASN1_STRING*>(value), item)));
}

// One after the other, so that the sum of what a text holds is bounded.
class PassphraseCost {
 public:
  // False: with this it is too much.
  bool Add(const X509_SIG* sealed) {
    const X509_ALGOR* algorithm = nullptr;
    X509_SIG_get0(sealed, &algorithm, nullptr);
    if (OBJ_obj2nid(algorithm->algorithm) != NID_pbes2) {
      const auto old = Unpack<Pbes1>(ASN1_ITEM_rptr(PBEPARAM), algorithm);
      return old == nullptr || AddIterations(ValueOf(old->iter));
    }
    const auto both = Unpack<Pbes2>(ASN1_ITEM_rptr(PBE2PARAM), algorithm);
    if (both == nullptr) return true;
    if (OBJ_obj2nid(both->keyfunc->algorithm) == NID_id_scrypt) {
      const auto costs =
          Unpack<ScryptCosts>(ASN1_ITEM_rptr(SCRYPT_PARAMS), both->keyfunc);
      return costs == nullptr ||
             AddScrypt({ValueOf(costs->costParameter),
                        ValueOf(costs->blockSize),
                        ValueOf(costs->parallelizationParameter)});
    }
    const auto pbkdf2 =
        Unpack<Pbkdf2>(ASN1_ITEM_rptr(PBKDF2PARAM), both->keyfunc);
    return pbkdf2 == nullptr || AddIterations(ValueOf(pbkdf2->iter));
  }

 private:
  bool AddIterations(uint64_t count) {
    if (count > kMostKeyIterations - iterations_) return false;
    iterations_ += count;
    return true;
  }

  bool AddScrypt(std::array<uint64_t, 3> costs) {
    uint64_t product = 1;
    for (const uint64_t cost : costs) {
      if (cost > kMostKeyScryptCost) return false;
      product *= cost;  // at most 2^60
    }
    if (product > kMostKeyScryptCost - scrypt_) return false;
    scrypt_ += product;
    return true;
  }

  uint64_t iterations_ = 0;
  uint64_t scrypt_ = 0;
};

std::string TooCostly() {
  return fmt::format(
      "the passphrase of this key takes too long to check. Encrypt it with at "
      "most {} iterations of PBKDF2, or a scrypt cost (N * r * p) of at most "
      "{}",
      kMostKeyIterations, kMostKeyScryptCost);
}

std::string TooManyBits(const char* kind, int most) {
  return fmt::format("{} keys of more than {} bits are not used here", kind,
                     most);
}

// An upper bound of the bytes of the prime, with which the numbers of DSA and
// of DH begin: their encoded length where it can be told.
size_t PrimeSize(const ASN1_STRING* numbers) {
  const unsigned char* at = ASN1_STRING_get0_data(numbers);
  const auto whole = static_cast<long>(ASN1_STRING_length(numbers));
  const unsigned char* const end = at + whole;
  long length = 0;
  int tag = 0;
  int kind = 0;
  const bool is_number =
      (ASN1_get_object(&at, &length, &tag, &kind, whole) & 0x80) == 0 &&
      tag == V_ASN1_SEQUENCE &&
      ASN1_get_object(&at, &length, &tag, &kind, end - at) == 0 &&
      tag == V_ASN1_INTEGER && kind == V_ASN1_UNIVERSAL;
  return static_cast<size_t>(is_number ? length : whole);
}

// Of a key that is not encrypted, or no longer. That of DSA and DH has no
// public number: OpenSSL computes it from the private one and the prime.
Refusal RefuseOpen(const PKCS8_PRIV_KEY_INFO* open) {
  const ASN1_OBJECT* named = nullptr;
  const X509_ALGOR* algorithm = nullptr;
  int size = 0;
  if (PKCS8_pkey_get0(&named, nullptr, &size, &algorithm, open) != 1) return {};
  // An algorithm has several names there.
  const int kind = EVP_PKEY_type(OBJ_obj2nid(named));
  const bool is_dsa = kind == EVP_PKEY_DSA;
  if (!is_dsa && kind != EVP_PKEY_DH && kind != EVP_PKEY_DHX) return {};
  const int most = is_dsa ? kMostDsaBits : kMostModulusBits;
  const size_t longest = static_cast<size_t>(most) / 8 + 16;
  int type = 0;
  const void* value = nullptr;
  X509_ALGOR_get0(nullptr, &type, &value, algorithm);
  if (static_cast<size_t>(size) <= longest &&
      (type != V_ASN1_SEQUENCE ||
       PrimeSize(static_cast<const ASN1_STRING*>(value)) <= longest)) {
    return {};
  }
  return TooManyBits(is_dsa ? "DSA" : "DH", most);
}

Refusal RefuseDer(const unsigned char* bytes, long size, PassphraseCost& cost,
                  pem_password_cb* give, void* given) {
  const unsigned char* at = bytes;
  const SealedPkcs8 sealed(d2i_X509_SIG(nullptr, &at, size));
  at = bytes;
  Pkcs8 open(sealed != nullptr ? nullptr
                               : d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, size));
  if (sealed != nullptr) {
    if (!cost.Add(sealed.get())) return TooCostly();
    std::array<char, 4096> passphrase;
    const int length =
        give(passphrase.data(), static_cast<int>(passphrase.size()), 0, given);
    if (length >= 0) {
      open.reset(PKCS8_decrypt(sealed.get(), passphrase.data(), length));
    }
    OPENSSL_cleanse(passphrase.data(), passphrase.size());
  }
  return open == nullptr ? Refusal() : RefuseOpen(open.get());
}

// Every part of the text, whatever its name: OpenSSL too looks at what is in
// it. The encryption of PEM itself costs nothing.
Refusal RefusePem(std::string_view bytes, pem_password_cb* give, void* given) {
  const Bio bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
  PassphraseCost cost;
  Refusal refusal;
  while (bio != nullptr && BIO_eof(bio.get()) == 0 && !refusal) {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    const size_t before = BIO_ctrl_pending(bio.get());
    if (PEM_read_bio(bio.get(), &name, &header, &data, &size) != 1) {
      // A bad part, and what follows it; without progress there is no memory.
      if (BIO_ctrl_pending(bio.get()) < before) continue;
      break;
    }
    const long whole = size;
    EVP_CIPHER_INFO cipher;
    if (PEM_get_EVP_CIPHER_INFO(header, &cipher) == 1 &&
        PEM_do_header(&cipher, data, &size, give, given) == 1) {
      refusal = RefuseDer(data, size, cost, give, given);
    }
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<size_t>(whole));
  }
  return refusal;
}

bool Fits(EVP_PKEY* key, const char* name, int bits) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return true;
  return BN_num_bits(BigNumber(number).get()) <= bits;
}

// No number of the key may be longer than its modulus, which is what the time
// of its every use depends on beside that.
template <size_t kCount>
bool AllFit(EVP_PKEY* key, const std::array<const char*, kCount>& names,
            int bits) {
  for (const char* const name : names) {
    if (!Fits(key, name, bits)) return false;
  }
  return true;
}

constexpr std::array kRsaNumbers = {OSSL_PKEY_PARAM_RSA_E,
                                    OSSL_PKEY_PARAM_RSA_D,
                                    OSSL_PKEY_PARAM_RSA_FACTOR1,
                                    OSSL_PKEY_PARAM_RSA_FACTOR2,
                                    OSSL_PKEY_PARAM_RSA_FACTOR3,
                                    OSSL_PKEY_PARAM_RSA_FACTOR4,
                                    OSSL_PKEY_PARAM_RSA_FACTOR5,
                                    OSSL_PKEY_PARAM_RSA_EXPONENT1,
                                    OSSL_PKEY_PARAM_RSA_EXPONENT2,
                                    OSSL_PKEY_PARAM_RSA_EXPONENT3,
                                    OSSL_PKEY_PARAM_RSA_EXPONENT4,
                                    OSSL_PKEY_PARAM_RSA_EXPONENT5,
                                    OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
                                    OSSL_PKEY_PARAM_RSA_COEFFICIENT2,
                                    OSSL_PKEY_PARAM_RSA_COEFFICIENT3,
                                    OSSL_PKEY_PARAM_RSA_COEFFICIENT4};

constexpr std::array kGroupNumbers = {
    OSSL_PKEY_PARAM_FFC_P, OSSL_PKEY_PARAM_FFC_Q, OSSL_PKEY_PARAM_FFC_G,
    OSSL_PKEY_PARAM_PUB_KEY, OSSL_PKEY_PARAM_PRIV_KEY};

}  // namespace

std::optional<std::string> RefuseEncoded(bool is_pem, std::string_view bytes,
                                         pem_password_cb* give, void* given) {
  const ErrorsAside aside;
  if (is_pem) return RefusePem(bytes, give, given);
  PassphraseCost cost;
  return RefuseDer(BytesOf(bytes), static_cast<long>(bytes.size()), cost, give,
                   given);
}

std::optional<std::string> RefuseNumbers(EVP_PKEY* key) {
  const ErrorsAside aside;
  const auto is_a = [&](const char* kind) {
    return EVP_PKEY_is_a(key, kind) == 1;
  };
  const int bits = EVP_PKEY_get_bits(key);
  if (is_a("RSA") || is_a("RSA-PSS")) {
    if (bits > kMostModulusBits) return TooManyBits("RSA", kMostModulusBits);
    if (AllFit(key, kRsaNumbers, bits)) return {};
    return "a number of this RSA key is longer than its modulus";
  }
  const bool is_dsa = is_a("DSA");
  if (!is_dsa && !is_a("DH") && !is_a("DHX")) return {};
  const int most = is_dsa ? kMostDsaBits : kMostModulusBits;
  const char* const kind = is_dsa ? "DSA" : "DH";
  if (bits > most) return TooManyBits(kind, most);
  if (AllFit(key, kGroupNumbers, bits)) return {};
  return fmt::format("a number of this {} key is longer than its modulus",
                     kind);
}

std::optional<std::string> RefuseToSign(EVP_PKEY* key) {
  const char* const name = EVP_PKEY_get0_type_name(key);
  const std::string_view kind = name == nullptr ? "" : name;
  if (!kind.starts_with("SLH-DSA-") || !kind.ends_with('s')) return {};
  return fmt::format(
      "signing with {} computes longer than a Worker may. Use a key of the "
      "fast kind ({}f)",
      kind, kind.substr(0, kind.size() - 1));
}

}  // namespace caravel::runtime
