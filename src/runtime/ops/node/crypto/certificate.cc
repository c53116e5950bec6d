// Tests: node_crypto_test.cc, and Node's own tests (tests/node).
#include "runtime/ops/node/crypto/certificate.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <cmath>
#include <ctime>
#include <limits>

#include "runtime/ops/node/crypto/digests.h"
#include "runtime/ops/node/crypto/failure.h"
#include "runtime/ops/node/crypto/general_names.h"

namespace caravel::runtime {
namespace {

// What a certificate weighs beside its bytes, which OpenSSL keeps more than
// once, roughly.
constexpr size_t kCertificateOverhead = 4096;
constexpr size_t kCopies = 3;

int GiveNoPassphrase(char*, int, int, void*) { return -1; }

std::string Written(BIO* bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  return {bytes, static_cast<size_t>(size)};
}

const X509_NAME* NameOf(const X509* certificate, bool of_issuer) {
  return of_issuer ? X509_get_issuer_name(certificate)
                   : X509_get_subject_name(certificate);
}

Certificate Parse(std::string_view bytes) {
  ERR_clear_error();
  const Bio bio(BIO_new_mem_buf(bytes.empty() ? "" : bytes.data(),
                                static_cast<int>(bytes.size())));
  if (bio == nullptr) return nullptr;
  Certificate made(
      PEM_read_bio_X509_AUX(bio.get(), nullptr, &GiveNoPassphrase, nullptr));
  if (made == nullptr) {
    // What is no DER either failed as PEM.
    ERR_set_mark();
    const unsigned char* at = BytesOf(bytes);
    made.reset(d2i_X509(nullptr, &at, static_cast<long>(bytes.size())));
    ERR_pop_to_mark();
  }
  return made;
}

// What X509_check_…() answered.
js::Result<v8::Value> Checked(js::Scope& scope, int answer,
                              std::string_view name) {
  if (answer == 1) {
    ERR_clear_error();
    return js::NewString(scope, name);
  }
  if (answer == 0) {
    ERR_clear_error();
    return v8::Undefined(scope.isolate());
  }
  if (answer == -2) {
    return ThrowCoded(scope, ErrorClass::kTypeError, "ERR_INVALID_ARG_VALUE",
                      "Invalid name");
  }
  return ThrowCoded(scope, ErrorClass::kError, "ERR_CRYPTO_OPERATION_FAILED",
                    "Operation failed");
}

}  // namespace

js::Result<v8::Value> NodeCertificate::Read(js::Scope& scope,
                                            js::BytesView bytes) {
  if (bytes.bytes.size() > kLongest) {
    return ThrowCoded(scope, ErrorClass::kRangeError, "ERR_OUT_OF_RANGE",
                      "a certificate of more than 64 KiB is not read");
  }
  auto share = MemoryShare::Take(
      scope, kCopies * bytes.bytes.size() + kCertificateOverhead,
      "the certificate");
  if (!share) return {};
  Certificate read = Parse(bytes.bytes);
  if (read == nullptr) {
    return ThrowFirstOpenSsl(scope, "Failed to read the certificate");
  }
  ERR_clear_error();
  return js::Wrap(scope, std::unique_ptr<NodeCertificate>(new NodeCertificate(
                             std::move(*share), std::move(read))));
}

std::optional<std::string> NodeCertificate::Name(js::Scope&, bool of_issuer) {
  constexpr unsigned long kFlags =
      ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_CTRL |
      ASN1_STRFLGS_UTF8_CONVERT | XN_FLAG_SEP_MULTILINE | XN_FLAG_FN_SN;
  const Bio bio(BIO_new(BIO_s_mem()));
  const bool written =
      bio != nullptr &&
      X509_NAME_print_ex(bio.get(), NameOf(certificate_.get(), of_issuer), 0,
                         kFlags) > 0;
  ERR_clear_error();
  if (!written) return std::nullopt;
  return Written(bio.get());
}

std::vector<std::string> NodeCertificate::NameParts(js::Scope&,
                                                    bool of_issuer) {
  std::vector<std::string> parts;
  const X509_NAME* const name = NameOf(certificate_.get(), of_issuer);
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* const entry = X509_NAME_get_entry(name, i);
    const ASN1_OBJECT* const type = X509_NAME_ENTRY_get_object(entry);
    unsigned char* value = nullptr;
    const int size =
        ASN1_STRING_to_UTF8(&value, X509_NAME_ENTRY_get_data(entry));
    if (size < 0) continue;
    const int number = OBJ_obj2nid(type);
    parts.push_back(number == NID_undef ? NumbersOf(type) : OBJ_nid2sn(number));
    parts.emplace_back(reinterpret_cast<char*>(value),
                       static_cast<size_t>(size));
    OPENSSL_free(value);
  }
  ERR_clear_error();
  return parts;
}

std::optional<std::string> NodeCertificate::AlternativeNames(js::Scope&) {
  auto names = AlternativeNamesOf(certificate_.get());
  ERR_clear_error();
  return names;
}

std::optional<std::string> NodeCertificate::InfoAccess(js::Scope&) {
  auto access = InfoAccessOf(certificate_.get());
  ERR_clear_error();
  return access;
}

std::string NodeCertificate::Validity(js::Scope&, bool end) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr) return {};
  ASN1_TIME_print(bio.get(), end ? X509_get0_notAfter(certificate_.get())
                                 : X509_get0_notBefore(certificate_.get()));
  ERR_clear_error();
  return Written(bio.get());
}

double NodeCertificate::ValidityTime(js::Scope&, bool end) {
  std::tm parts{};
  const int read =
      ASN1_TIME_to_tm(end ? X509_get0_notAfter(certificate_.get())
                          : X509_get0_notBefore(certificate_.get()),
                      &parts);
  ERR_clear_error();
  if (read != 1) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(timegm(&parts)) * 1000;
}

std::optional<std::string> NodeCertificate::Fingerprint(js::Scope&,
                                                        std::string digest) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hashed{};
  unsigned size = 0;
  const FetchedDigest found = FetchDigest(digest);
  const bool well =
      found != nullptr &&
      X509_digest(certificate_.get(), found.get(), hashed.data(), &size) == 1;
  ERR_clear_error();
  if (!well) return std::nullopt;
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += fmt::format("{}{:02X}", i == 0 ? "" : ":", hashed[i]);
  }
  return out;
}

std::optional<std::vector<std::string>> NodeCertificate::Purposes(js::Scope&) {
  const std::unique_ptr<EXTENDED_KEY_USAGE, FreeWith<&EXTENDED_KEY_USAGE_free>>
      all(static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(
          certificate_.get(), NID_ext_key_usage, nullptr, nullptr)));
  ERR_clear_error();
  if (all == nullptr) return std::nullopt;
  std::vector<std::string> purposes;
  for (int i = 0; i < sk_ASN1_OBJECT_num(all.get()); ++i) {
    purposes.push_back(NumbersOf(sk_ASN1_OBJECT_value(all.get(), i)));
  }
  return purposes;
}

std::optional<std::string> NodeCertificate::Serial(js::Scope&) {
  const BigNumber number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate_.get()), nullptr));
  char* const digits = number == nullptr ? nullptr : BN_bn2hex(number.get());
  ERR_clear_error();
  if (digits == nullptr) return std::nullopt;
  std::string out = digits;
  OPENSSL_free(digits);
  return out;
}

std::optional<std::string> NodeCertificate::Algorithm(js::Scope&,
                                                      bool as_numbers) {
  const ASN1_OBJECT* algorithm = nullptr;
  X509_ALGOR_get0(&algorithm, nullptr, nullptr,
                  X509_get0_tbs_sigalg(certificate_.get()));
  if (as_numbers) return NumbersOf(algorithm);
  const int number = OBJ_obj2nid(algorithm);
  if (number == NID_undef) return std::nullopt;
  return OBJ_nid2ln(number);
}

std::optional<std::string> NodeCertificate::Pem(js::Scope&) {
  const Bio bio(BIO_new(BIO_s_mem()));
  const bool written =
      bio != nullptr && PEM_write_bio_X509(bio.get(), certificate_.get()) == 1;
  ERR_clear_error();
  if (!written) return std::nullopt;
  return Written(bio.get());
}

js::Result<v8::Value> NodeCertificate::Der(js::Scope& scope) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || i2d_X509_bio(bio.get(), certificate_.get()) != 1) {
    return ThrowOpenSsl(scope, "Failed to encode the certificate");
  }
  return ToBuffer(scope, Written(bio.get()));
}

js::Result<v8::Value> NodeCertificate::PublicKey(js::Scope& scope) {
  EvpKey key(X509_get_pubkey(certificate_.get()));
  if (key == nullptr) {
    return ThrowFirstOpenSsl(scope,
                             "Failed to read the certificate's public key");
  }
  return NodeKey::OfPair(scope, NodeKeyType::kPublic, std::move(key));
}

bool NodeCertificate::IsAuthority(js::Scope&) {
  const bool is = X509_check_ca(certificate_.get()) == 1;
  ERR_clear_error();
  return is;
}

js::Result<v8::Value> NodeCertificate::CheckHost(js::Scope& scope,
                                                 uint32_t flags,
                                                 std::string host) {
  char* matched = nullptr;
  const int answer = X509_check_host(certificate_.get(), host.data(),
                                     host.size(), flags, &matched);
  const std::string name = matched == nullptr ? host : matched;
  OPENSSL_free(matched);
  return Checked(scope, answer, name);
}

js::Result<v8::Value> NodeCertificate::CheckEmail(js::Scope& scope,
                                                  uint32_t flags,
                                                  std::string email) {
  return Checked(
      scope,
      X509_check_email(certificate_.get(), email.data(), email.size(), flags),
      email);
}

js::Result<v8::Value> NodeCertificate::CheckIp(js::Scope& scope, uint32_t flags,
                                               std::string ip) {
  return Checked(scope,
                 X509_check_ip_asc(certificate_.get(), ip.c_str(), flags), ip);
}

bool NodeCertificate::IsIssuedBy(js::Scope&, NodeCertificate* other) {
  const bool is = X509_check_issued(other->certificate_.get(),
                                    certificate_.get()) == X509_V_OK;
  ERR_clear_error();
  return is;
}

bool NodeCertificate::IsOfPrivateKey(js::Scope&, NodeKey* key) {
  const bool is = key->pair() != nullptr &&
                  X509_check_private_key(certificate_.get(), key->pair()) == 1;
  ERR_clear_error();
  return is;
}

bool NodeCertificate::Verify(js::Scope&, NodeKey* key) {
  const bool verified = key->pair() != nullptr &&
                        X509_verify(certificate_.get(), key->pair()) == 1;
  ERR_clear_error();
  return verified;
}

std::optional<std::string> NodeCertificates::NistCurve(js::Scope&,
                                                       std::string curve) {
  const char* const name = EC_curve_nid2nist(OBJ_sn2nid(curve.c_str()));
  ERR_clear_error();
  if (name == nullptr) return std::nullopt;
  return name;
}

}  // namespace caravel::runtime
