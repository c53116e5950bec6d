// Tests: node_crypto_test.cc, tests/node/same/macs.js.
#include "runtime/ops/node/crypto/macs.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include <vector>

#include "runtime/ops/node/crypto/failure.h"

namespace caravel::runtime {
namespace {

using FetchedMac = std::unique_ptr<EVP_MAC, FreeWith<&EVP_MAC_free>>;

js::Result<v8::Value> ThrowOption(js::Scope& scope, std::string_view option,
                                  std::string_view why) {
  return ThrowCoded(scope, ErrorClass::kTypeError, "ERR_INVALID_ARG_VALUE",
                    fmt::format("The property 'options.{}' {}", option, why));
}

js::Result<v8::Value> ThrowNotBegun(js::Scope& scope) {
  if (ERR_peek_error() != 0) return ThrowFirstOpenSsl(scope, "MAC");
  return ThrowCoded(scope, ErrorClass::kError, "ERR_CRYPTO_OPERATION_FAILED",
                    "Failed to initialize MAC");
}

// An option of createMac(), and OpenSSL's parameter for it.
struct Option {
  const char* name;
  const char* parameter;
  bool given;
};

OSSL_PARAM TextParameter(const char* name, std::string& text) {
  return OSSL_PARAM_construct_utf8_string(name, text.data(), text.size());
}

OSSL_PARAM BytesParameter(const char* name, std::string_view bytes) {
  return OSSL_PARAM_construct_octet_string(
      name, const_cast<char*>(bytes.empty() ? "" : bytes.data()), bytes.size());
}

}  // namespace

bool NodeMac::Update(js::Scope&, js::BytesView bytes) {
  const bool well = context_ != nullptr &&
                    EVP_MAC_update(context_.get(), BytesOf(bytes.bytes),
                                   bytes.bytes.size()) == 1;
  ERR_clear_error();
  return well;
}

js::Result<v8::Value> NodeMac::Finish(js::Scope& scope) {
  if (context_ == nullptr) {
    js::ThrowTypeError(scope, "finish: the code is finished already");
    return {};
  }
  const MacContext context = std::move(context_);
  v8::Local<v8::ArrayBuffer> buffer;
  if (!NewCryptoBuffer(scope, size_).ToLocal(&buffer)) return {};
  size_t written = 0;
  if (size_ > 0 &&
      EVP_MAC_final(context.get(), BytesOf(buffer), &written, size_) != 1) {
    return ThrowFirstOpenSsl(scope, "MAC");
  }
  ERR_clear_error();
  return buffer;
}

js::Result<v8::Value> NodeMacs::MacNew(
    js::Scope& scope, std::string name, std::optional<std::string> digest,
    std::optional<std::string> cipher, std::optional<uint32_t> size,
    js::BytesView key, std::optional<js::BytesView> iv,
    std::optional<js::BytesView> customization,
    std::optional<js::BytesView> salt) {
  ERR_clear_error();
  const FetchedMac mac(EVP_MAC_fetch(nullptr, name.c_str(), nullptr));
  if (mac == nullptr) {
    return ThrowCoded(scope, ErrorClass::kTypeError, "ERR_CRYPTO_INVALID_MAC",
                      fmt::format("Invalid MAC: {}", name));
  }
  const auto is = [&mac](const char* kind) {
    return EVP_MAC_is_a(mac.get(), kind) == 1;
  };
  if (is("HMAC") && !digest) {
    return ThrowOption(scope, "digest", "is required for HMAC");
  }
  if (is("CMAC") && !cipher) {
    return ThrowOption(scope, "cipher", "is required for CMAC");
  }
  if (is("GMAC") && !cipher) {
    return ThrowOption(scope, "cipher", "is required for GMAC");
  }
  if (is("GMAC") && (!iv || iv->bytes.empty())) {
    return ThrowOption(scope, "iv", "must be non-empty for GMAC");
  }
  const OSSL_PARAM* const settable = EVP_MAC_settable_ctx_params(mac.get());
  for (const Option& option :
       {Option{"digest", OSSL_MAC_PARAM_DIGEST, digest.has_value()},
        Option{"cipher", OSSL_MAC_PARAM_CIPHER, cipher.has_value()},
        Option{"iv", OSSL_MAC_PARAM_IV, iv.has_value()},
        Option{"customization", OSSL_MAC_PARAM_CUSTOM,
               customization.has_value()},
        Option{"salt", OSSL_MAC_PARAM_SALT, salt.has_value()},
        Option{"outputLength", OSSL_MAC_PARAM_SIZE, size.has_value()}}) {
    if (option.given &&
        (settable == nullptr ||
         OSSL_PARAM_locate_const(settable, option.parameter) == nullptr)) {
      return ThrowOption(scope, option.name,
                         fmt::format("is not supported by MAC {}", name));
    }
  }

  size_t wanted = size.value_or(0);
  std::vector<OSSL_PARAM> parameters;
  if (digest) {
    parameters.push_back(TextParameter(OSSL_MAC_PARAM_DIGEST, *digest));
  }
  if (cipher) {
    parameters.push_back(TextParameter(OSSL_MAC_PARAM_CIPHER, *cipher));
  }
  if (iv) parameters.push_back(BytesParameter(OSSL_MAC_PARAM_IV, iv->bytes));
  if (customization) {
    parameters.push_back(
        BytesParameter(OSSL_MAC_PARAM_CUSTOM, customization->bytes));
  }
  if (salt) {
    parameters.push_back(BytesParameter(OSSL_MAC_PARAM_SALT, salt->bytes));
  }
  if (size) {
    parameters.push_back(
        OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &wanted));
  }
  parameters.push_back(OSSL_PARAM_construct_end());

  MacContext context(EVP_MAC_CTX_new(mac.get()));
  static constexpr unsigned char kNoKey = 0;
  if (context == nullptr ||
      EVP_MAC_init(context.get(),
                   key.bytes.empty() ? &kNoKey : BytesOf(key.bytes),
                   key.bytes.size(), parameters.data()) != 1) {
    return ThrowNotBegun(scope);
  }
  ERR_clear_error();
  const size_t own = EVP_MAC_CTX_get_mac_size(context.get());
  if (size && own != wanted) {
    return ThrowOption(scope, "outputLength",
                       fmt::format("was not honored by MAC {}", name));
  }
  return WrapCounted<NodeMac>(scope, "the MAC", std::move(context), own);
}

}  // namespace caravel::runtime
