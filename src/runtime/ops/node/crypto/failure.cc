#include "runtime/ops/node/crypto/failure.h"

#include <openssl/err.h>

#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "runtime/js/convert.h"
#include "runtime/ops/crypto/openssl.h"

namespace caravel::runtime {
namespace {

struct LibraryName {
  int number;
  std::string_view name;
};
// Whose name stands in the code. Those of SSL have no OSSL_ before it.
constexpr auto kLibraryNames = std::to_array<LibraryName>(
    {{ERR_LIB_SYS, "SYS_"},       {ERR_LIB_BN, "BN_"},
     {ERR_LIB_RSA, "RSA_"},       {ERR_LIB_DH, "DH_"},
     {ERR_LIB_EVP, "EVP_"},       {ERR_LIB_BUF, "BUF_"},
     {ERR_LIB_OBJ, "OBJ_"},       {ERR_LIB_PEM, "PEM_"},
     {ERR_LIB_DSA, "DSA_"},       {ERR_LIB_X509, "X509_"},
     {ERR_LIB_ASN1, "ASN1_"},     {ERR_LIB_CONF, "CONF_"},
     {ERR_LIB_CRYPTO, "CRYPTO_"}, {ERR_LIB_EC, "EC_"},
     {ERR_LIB_SSL, "SSL_"},       {ERR_LIB_BIO, "BIO_"},
     {ERR_LIB_PKCS7, "PKCS7_"},   {ERR_LIB_X509V3, "X509V3_"},
     {ERR_LIB_PKCS12, "PKCS12_"}, {ERR_LIB_RAND, "RAND_"},
     {ERR_LIB_DSO, "DSO_"},       {ERR_LIB_KDF, "KDF_"}});

std::string CodeOf(unsigned long error, std::string_view reason) {
  std::string_view library;
  for (const auto& [number, name] : kLibraryNames) {
    if (number == ERR_GET_LIB(error)) library = name;
  }
  std::string code = library == "SSL_" ? "ERR_" : "ERR_OSSL_";
  code += library;
  for (const char letter : reason) {
    if (letter == ' ') {
      code += '_';
    } else {
      code += letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 32)
                                             : letter;
    }
  }
  return code;
}

std::string TextOf(unsigned long error) {
  std::array<char, 256> text{};
  ERR_error_string_n(error, text.data(), text.size());
  return text.data();
}

bool Set(js::Scope& scope, v8::Local<v8::Object> target, const char* name,
         v8::Local<v8::Value> value) {
  return target->CreateDataProperty(scope.context(), scope.Name(name), value)
      .FromMaybe(false);
}

// Of OpenSSL's errors, taken from it, the oldest first.
js::Result<v8::Value> Throw(js::Scope& scope, std::string_view message,
                            MessageOf owner, size_t first_of_stack) {
  std::vector<unsigned long> errors;
  while (const unsigned long error = ERR_get_error()) errors.push_back(error);
  const bool is_ours = owner == MessageOf::kOurs || errors.empty();
  const auto thrown =
      v8::Exception::Error(js::NewString(scope, is_ours
                                                    ? std::string(message)
                                                    : TextOf(errors.front())))
          .As<v8::Object>();
  v8::LocalVector<v8::Value> stack(scope.isolate());
  for (size_t i = errors.size(); i > first_of_stack; --i) {
    stack.push_back(js::NewString(scope, TextOf(errors[i - 1])));
  }
  bool well = stack.empty() ||
              Set(scope, thrown, "opensslErrorStack",
                  v8::Array::New(scope.isolate(), stack.data(), stack.size()));
  if (!errors.empty()) {
    const unsigned long error = errors.front();
    const char* const library = ERR_lib_error_string(error);
    const char* const reason = ERR_reason_error_string(error);
    if (library != nullptr) {
      well =
          well && Set(scope, thrown, "library", js::NewString(scope, library));
    }
    if (reason != nullptr) {
      well = well &&
             Set(scope, thrown, "reason", js::NewString(scope, reason)) &&
             Set(scope, thrown, "code",
                 js::NewString(scope, CodeOf(error, reason)));
    }
  }
  if (well) scope.isolate()->ThrowException(thrown);
  return {};
}

}  // namespace

js::Result<v8::Value> ThrowOpenSsl(js::Scope& scope,
                                   std::string_view otherwise) {
  return Throw(scope, otherwise, MessageOf::kOpenSsl, 1);
}

js::Result<v8::Value> ThrowOpenSslWhole(js::Scope& scope,
                                        std::string_view message,
                                        MessageOf owner) {
  return Throw(scope, message, owner, 0);
}

js::Result<v8::Value> ThrowFirstOpenSsl(js::Scope& scope,
                                        std::string_view otherwise) {
  const unsigned long first = ERR_get_error();
  ERR_clear_error();
  if (first != 0) ERR_raise(ERR_GET_LIB(first), ERR_GET_REASON(first));
  return ThrowOpenSsl(scope, otherwise);
}

js::Result<v8::Value> ThrowCoded(js::Scope& scope, ErrorClass kind,
                                 std::string_view code,
                                 std::string_view message) {
  ERR_clear_error();
  const v8::Local<v8::String> text = js::NewString(scope, message);
  const v8::Local<v8::Value> thrown =
      kind == ErrorClass::kTypeError    ? v8::Exception::TypeError(text)
      : kind == ErrorClass::kRangeError ? v8::Exception::RangeError(text)
                                        : v8::Exception::Error(text);
  if (Set(scope, thrown.As<v8::Object>(), "code", js::NewString(scope, code))) {
    scope.isolate()->ThrowException(thrown);
  }
  return {};
}

js::Result<v8::Value> ThrowKeyTooLong(js::Scope& scope) {
  return ThrowCoded(scope, ErrorClass::kRangeError, "ERR_OUT_OF_RANGE",
                    "a key of more than 64 KiB is not read");
}

js::Result<v8::Value> ThrowCallEnds(js::Scope& scope) {
  ERR_clear_error();
  js::Throw(scope, Error(ErrorCode::kLimit, "the call is being ended"));
  return {};
}

js::Result<v8::ArrayBuffer> NewCryptoBuffer(js::Scope& scope, size_t size) {
  auto made = NewResult(scope, size);
  if (made) return *made;
  js::Throw(scope, made.error());
  return {};
}

js::Result<v8::Value> ToBuffer(js::Scope& scope, std::string_view bytes) {
  v8::Local<v8::ArrayBuffer> buffer;
  if (!NewCryptoBuffer(scope, bytes.size()).ToLocal(&buffer)) return {};
  if (!bytes.empty()) std::memcpy(buffer->Data(), bytes.data(), bytes.size());
  return buffer;
}

}  // namespace caravel::runtime
