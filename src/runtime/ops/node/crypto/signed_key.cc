// SPKAC: a public key and a challenge, signed by the key's owner.
// Tests: Node's own (tests/node), node_crypto_test.cc.
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "runtime/ops/crypto/key_bounds.h"
#include "runtime/ops/node/crypto/certificate.h"
#include "runtime/ops/node/crypto/failure.h"

namespace caravel::runtime {
namespace {

using SignedKey = std::unique_ptr<NETSCAPE_SPKI, FreeWith<&NETSCAPE_SPKI_free>>;

constexpr size_t kLongestSignedKey = 64 * 1024;

// False: the exception is thrown.
bool ReadSignedKey(js::Scope& scope, std::string_view bytes, SignedKey& read) {
  if (bytes.size() > kLongestSignedKey) {
    ThrowCoded(scope, ErrorClass::kRangeError, "ERR_OUT_OF_RANGE",
               "spkac: one of more than 64 KiB is not read");
    return false;
  }
  const size_t last = bytes.find_last_not_of(" \n\r\t");
  bytes = bytes.substr(0, last == std::string_view::npos ? 0 : last + 1);
  // An empty one would be measured by OpenSSL, as a text with a zero at its
  // end.
  if (!bytes.empty()) {
    read.reset(
        NETSCAPE_SPKI_b64_decode(bytes.data(), static_cast<int>(bytes.size())));
  }
  ERR_clear_error();
  return true;
}

// nullptr where there is none, or none that OpenSSL reads.
EvpKey PublicKeyOf(const SignedKey& read) {
  return EvpKey(read == nullptr ? nullptr
                                : X509_PUBKEY_get(read->spkac->pubkey));
}

js::Result<v8::Value> NoSignedKey(js::Scope& scope) {
  ERR_clear_error();
  return v8::Null(scope.isolate());
}

}  // namespace

js::Result<v8::Value> NodeCertificates::SpkacVerify(js::Scope& scope,
                                                    js::BytesView bytes) {
  SignedKey read;
  if (!ReadSignedKey(scope, bytes.bytes, read)) return {};
  const EvpKey key = PublicKeyOf(read);
  if (key == nullptr) {
    ERR_clear_error();
    return v8::False(scope.isolate());
  }
  if (const auto refusal = RefuseNumbers(key.get())) {
    return ThrowCoded(scope, ErrorClass::kRangeError, "ERR_OUT_OF_RANGE",
                      *refusal);
  }
  const bool verified = NETSCAPE_SPKI_verify(read.get(), key.get()) > 0;
  ERR_clear_error();
  return v8::Boolean::New(scope.isolate(), verified);
}

js::Result<v8::Value> NodeCertificates::SpkacKey(js::Scope& scope,
                                                 js::BytesView bytes) {
  SignedKey read;
  if (!ReadSignedKey(scope, bytes.bytes, read)) return {};
  const EvpKey key = PublicKeyOf(read);
  const Bio bio(BIO_new(BIO_s_mem()));
  if (key == nullptr || bio == nullptr ||
      PEM_write_bio_PUBKEY(bio.get(), key.get()) != 1) {
    return NoSignedKey(scope);
  }
  ERR_clear_error();
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return ToBuffer(scope, {text, static_cast<size_t>(size)});
}

js::Result<v8::Value> NodeCertificates::SpkacChallenge(js::Scope& scope,
                                                       js::BytesView bytes) {
  SignedKey read;
  if (!ReadSignedKey(scope, bytes.bytes, read)) return {};
  if (read == nullptr) return NoSignedKey(scope);
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, read->spkac->challenge);
  if (size < 0) return NoSignedKey(scope);
  auto made = ToBuffer(
      scope, {reinterpret_cast<char*>(text), static_cast<size_t>(size)});
  OPENSSL_free(text);
  return made;
}

}  // namespace caravel::runtime
