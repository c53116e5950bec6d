#pragma once

// For the tests of TLS: certificates made on the spot, and a server's side of
// the protocol over bytes in memory.

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

namespace caravel::net {

// A key with its certificate.
class TestCertificate {
 public:
  struct Wish {
    std::string name = "example.com";
    std::string alternatives = "DNS:example.com";  // subjectAltName; may be ""
    int begins_in_hours = -1;
    int ends_in_hours = 1;
    bool is_authority = false;
  };

  // Signed by `issuer`; by itself when that is nullptr.
  TestCertificate(const Wish& wish, const TestCertificate* issuer);
  static TestCertificate Authority(const std::string& name);

  std::string Pem() const;
  X509* certificate() const { return certificate_.get(); }
  EVP_PKEY* key() const { return key_.get(); }

 private:
  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> certificate_;
};

// The server's end of one connection: shows `certificate`.
class TlsTestServer {
 public:
  explicit TlsTestServer(const TestCertificate& certificate);

  // Takes ciphertext; what it decrypts to is added to received().
  void Receive(std::string_view ciphertext);
  // Encrypts `plaintext`; and says that nothing follows.
  void Send(std::string_view plaintext);
  void End();
  // Ciphertext for the client.
  std::string TakeOutput();

  const std::string& received() const { return received_; }
  std::string server_name() const;  // that the client asked for
  std::string protocol() const;     // chosen by ALPN

 private:
  std::shared_ptr<SSL_CTX> context_;
  std::shared_ptr<SSL> session_;
  BIO* from_client_ = nullptr;  // owned by the session
  BIO* to_client_ = nullptr;    // owned by the session
  std::string received_;
};

}  // namespace caravel::net
