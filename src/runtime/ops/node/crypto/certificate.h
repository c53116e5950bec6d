#pragma once

#include <v8.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/js/class.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/ops/crypto/openssl.h"
#include "runtime/ops/node/crypto/key.h"
#include "runtime/ops/node/crypto/memory_share.h"

namespace caravel::runtime {

using Certificate = std::unique_ptr<X509, FreeWith<&X509_free>>;

// An X.509 certificate (RFC 5280) for Node's X509Certificate: what it says, as
// the texts that Node shows, and what can be held to it. Nothing here looks at
// the clock or at who is trusted. What a certificate has not got is null.
//
// Threads: the one that is in the isolate.
class NodeCertificate final : public js::Object {
 public:
  // One beyond this is not read: reading cannot be ended.
  static constexpr size_t kLongest = 64 * 1024;

  // PEM or DER. What OpenSSL refuses is thrown as Node throws it.
  static js::Result<v8::Value> Read(js::Scope& scope, js::BytesView bytes);

  size_t external_size() const override { return share_.size(); }

  // The name of the subject or of its issuer: a line for each attribute.
  std::optional<std::string> Name(js::Scope& scope, bool of_issuer);
  // The same as pairs, one after the other: a type ("CN"), then its value.
  std::vector<std::string> NameParts(js::Scope& scope, bool of_issuer);
  // The extensions "subjectAltName" and "authorityInfoAccess" (RFC 5280,
  // sections 4.2.1.6 and 4.2.2.1); general_names.h says how names are written.
  std::optional<std::string> AlternativeNames(js::Scope& scope);
  std::optional<std::string> InfoAccess(js::Scope& scope);
  // When it begins or ends to be valid, as a text and in ms since 1970; NaN for
  // a date that is none.
  std::string Validity(js::Scope& scope, bool end);
  double ValidityTime(js::Scope& scope, bool end);
  // Pairs of hexadecimal digits with colons between them.
  std::optional<std::string> Fingerprint(js::Scope& scope, std::string digest);
  // Identifiers of the extended key usage.
  std::optional<std::vector<std::string>> Purposes(js::Scope& scope);
  std::optional<std::string> Serial(js::Scope& scope);
  // Of the signature, by OpenSSL's name or as numbers.
  std::optional<std::string> Algorithm(js::Scope& scope, bool as_numbers);
  std::optional<std::string> Pem(js::Scope& scope);
  js::Result<v8::Value> Der(js::Scope& scope);
  js::Result<v8::Value> PublicKey(js::Scope& scope);
  bool IsAuthority(js::Scope& scope);

  // Whether it is for that host, email address or IP address, by X509_check_…
  // with its flags: the name that matched, undefined for none.
  js::Result<v8::Value> CheckHost(js::Scope& scope, uint32_t flags,
                                  std::string host);
  js::Result<v8::Value> CheckEmail(js::Scope& scope, uint32_t flags,
                                   std::string email);
  js::Result<v8::Value> CheckIp(js::Scope& scope, uint32_t flags,
                                std::string ip);
  // By names and extensions; the signature is Verify()'s.
  bool IsIssuedBy(js::Scope& scope, NodeCertificate* other);
  bool IsOfPrivateKey(js::Scope& scope, NodeKey* key);
  bool Verify(js::Scope& scope, NodeKey* key);

  static constexpr auto Js() {
    return js::Class(
        "NodeCertificate", js::Method("name", &NodeCertificate::Name),
        js::Method("nameParts", &NodeCertificate::NameParts),
        js::Method("alternativeNames", &NodeCertificate::AlternativeNames),
        js::Method("infoAccess", &NodeCertificate::InfoAccess),
        js::Method("validity", &NodeCertificate::Validity),
        js::Method("validityTime", &NodeCertificate::ValidityTime),
        js::Method("fingerprint", &NodeCertificate::Fingerprint),
        js::Method("purposes", &NodeCertificate::Purposes),
        js::Method("serial", &NodeCertificate::Serial),
        js::Method("algorithm", &NodeCertificate::Algorithm),
        js::Method("pem", &NodeCertificate::Pem),
        js::Method("der", &NodeCertificate::Der),
        js::Method("publicKey", &NodeCertificate::PublicKey),
        js::Method("isAuthority", &NodeCertificate::IsAuthority),
        js::Method("checkHost", &NodeCertificate::CheckHost),
        js::Method("checkEmail", &NodeCertificate::CheckEmail),
        js::Method("checkIp", &NodeCertificate::CheckIp),
        js::Method("isIssuedBy", &NodeCertificate::IsIssuedBy),
        js::Method("isOfPrivateKey", &NodeCertificate::IsOfPrivateKey),
        js::Method("verify", &NodeCertificate::Verify));
  }

 private:
  NodeCertificate(MemoryShare share, Certificate certificate)
      : share_(std::move(share)), certificate_(std::move(certificate)) {}

  const MemoryShare share_;
  const Certificate certificate_;
};

// Certificates of Node's internal binding `crypto`.
struct NodeCertificates {
  // The name that NIST has for a curve of OpenSSL's ("P-256"), if any.
  static std::optional<std::string> NistCurve(js::Scope& scope,
                                              std::string curve);

  // Signed public keys with a challenge (SPKAC), in base64. Null for what is
  // none; spkacVerify() answers false then.
  static js::Result<v8::Value> SpkacVerify(js::Scope& scope,
                                           js::BytesView bytes);
  // The public key as PEM.
  static js::Result<v8::Value> SpkacKey(js::Scope& scope, js::BytesView bytes);
  static js::Result<v8::Value> SpkacChallenge(js::Scope& scope,
                                              js::BytesView bytes);

  static constexpr auto Js() {
    return js::Functions(
        js::Function("certificateRead", &NodeCertificate::Read),
        js::Function("nistCurve", &NistCurve),
        js::Function("spkacVerify", &SpkacVerify),
        js::Function("spkacKey", &SpkacKey),
        js::Function("spkacChallenge", &SpkacChallenge));
  }
};

}  // namespace caravel::runtime
