#include "net/tls_test_support.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <atomic>

#include "base/check.h"

namespace caravel::net {
namespace {

void AddExtension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  CARAVEL_CHECK(extension != nullptr, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// The ALPN callback: HTTP/1.1 where it is offered.
int ChooseProtocol(SSL* /*session*/, const unsigned char** chosen,
                   unsigned char* chosen_size, const unsigned char* offered,
                   unsigned offered_size, void* /*argument*/) {
  static constexpr std::array<unsigned char, 9> kHttp11 = {
      8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* name = nullptr;
  const int outcome =
      SSL_select_next_proto(&name, chosen_size, kHttp11.data(), kHttp11.size(),
                            offered, offered_size);
  *chosen = name;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK
                                           : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

TestCertificate::TestCertificate(const Wish& wish,
                                 const TestCertificate* issuer)
    : key_(EVP_EC_gen("P-256"), EVP_PKEY_free),
      certificate_(X509_new(), X509_free) {
  constexpr long kHour = 3600;
  X509* made = certificate_.get();
  X509_set_version(made, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made), issuer == nullptr ? 1 : 2);
  X509_gmtime_adj(X509_getm_notBefore(made), wish.begins_in_hours * kHour);
  X509_gmtime_adj(X509_getm_notAfter(made), wish.ends_in_hours * kHour);
  X509_set_pubkey(made, key_.get());
  X509_NAME* name = X509_get_subject_name(made);
  X509_NAME_add_entry_by_txt(
      name, "CN", MBSTRING_UTF8,
      reinterpret_cast<const unsigned char*>(wish.name.c_str()), -1, -1, 0);
  X509_set_issuer_name(
      made,
      issuer == nullptr ? name : X509_get_subject_name(issuer->certificate()));
  if (!wish.alternatives.empty()) {
    AddExtension(made, NID_subject_alt_name, wish.alternatives);
  }
  AddExtension(made, NID_basic_constraints,
               wish.is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  EVP_PKEY* signer = issuer == nullptr ? key_.get() : issuer->key();
  CARAVEL_CHECK(X509_sign(made, signer, EVP_sha256()) > 0);
}

TestCertificate TestCertificate::Authority(const std::string& name) {
  return TestCertificate(
      {.name = name, .alternatives = "", .is_authority = true}, nullptr);
}

std::string TestCertificate::Pem() const {
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_X509(bio.get(), certificate_.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

TlsTestServer::TlsTestServer(const TestCertificate& certificate)
    : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
  SSL_CTX_use_certificate(context_.get(), certificate.certificate());
  SSL_CTX_use_PrivateKey(context_.get(), certificate.key());
  SSL_CTX_set_alpn_select_cb(context_.get(), ChooseProtocol, nullptr);
  session_.reset(SSL_new(context_.get()), SSL_free);
  from_client_ = BIO_new(BIO_s_mem());
  to_client_ = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(from_client_, -1);
  SSL_set_bio(session_.get(), from_client_, to_client_);
  SSL_set_accept_state(session_.get());
}

void TlsTestServer::Receive(std::string_view ciphertext) {
  if (!ciphertext.empty()) {
    BIO_write(from_client_, ciphertext.data(),
              static_cast<int>(ciphertext.size()));
  }
  std::array<char, 4096> bytes;
  size_t got = 0;
  while (SSL_read_ex(session_.get(), bytes.data(), bytes.size(), &got) == 1) {
    received_.append(bytes.data(), got);
  }
}

void TlsTestServer::Send(std::string_view plaintext) {
  size_t written = 0;
  CARAVEL_CHECK(SSL_write_ex(session_.get(), plaintext.data(), plaintext.size(),
                             &written) == 1);
}

void TlsTestServer::End() { SSL_shutdown(session_.get()); }

std::string TlsTestServer::TakeOutput() {
  char* data = nullptr;
  const long size = BIO_get_mem_data(to_client_, &data);
  std::string output(data, static_cast<size_t>(std::max(size, 0L)));
  static_cast<void>(BIO_reset(to_client_));
  return output;
}

std::string TlsTestServer::server_name() const {
  const char* name =
      SSL_get_servername(session_.get(), TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? "" : name;
}

std::string TlsTestServer::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(session_.get(), &name, &size);
  return std::string(reinterpret_cast<const char*>(name), size);
}

}  // namespace caravel::net
