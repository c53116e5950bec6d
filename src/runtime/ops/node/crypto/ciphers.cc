// Tests: node_crypto_test.cc, and Node's own tests (tests/node).
#include "runtime/ops/node/crypto/ciphers.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <array>
#include <climits>
#include <cstring>

#include "runtime/ops/node/crypto/failure.h"

namespace caravel::runtime {
namespace {

using FetchedCipher = std::unique_ptr<EVP_CIPHER, FreeWith<&EVP_CIPHER_free>>;

constexpr size_t kLongestTag = 16;

FetchedCipher FetchCipher(const std::string& name) {
  ERR_set_mark();
  const EVP_CIPHER* const known = EVP_get_cipherbyname(name.c_str());
  FetchedCipher found(EVP_CIPHER_fetch(
      nullptr, known == nullptr ? name.c_str() : EVP_CIPHER_get0_name(known),
      nullptr));
  ERR_pop_to_mark();
  // Those with a MAC in them are for TLS, and Node does not know them.
  if (found != nullptr &&
      EVP_CIPHER_get_mode(found.get()) == EVP_CIPH_CBC_MODE &&
      (EVP_CIPHER_get_flags(found.get()) & EVP_CIPH_FLAG_AEAD_CIPHER) != 0) {
    return nullptr;
  }
  return found;
}

bool IsChaChaPoly(const EVP_CIPHER* cipher) {
  return EVP_CIPHER_is_a(cipher, "ChaCha20-Poly1305") == 1;
}

bool Authenticates(const EVP_CIPHER* cipher) {
  const int mode = EVP_CIPHER_get_mode(cipher);
  return mode == EVP_CIPH_GCM_MODE || mode == EVP_CIPH_CCM_MODE ||
         mode == EVP_CIPH_OCB_MODE || mode == EVP_CIPH_SIV_MODE ||
         IsChaChaPoly(cipher);
}

bool IsGcmTagSize(size_t size) {
  return size == 4 || size == 8 || (size >= 12 && size <= kLongestTag);
}

js::Result<v8::Value> ThrowInvalidIv(js::Scope& scope) {
  return ThrowCoded(scope, ErrorClass::kTypeError, "ERR_CRYPTO_INVALID_IV",
                    "Invalid initialization vector");
}

js::Result<v8::Value> ThrowInvalidTag(js::Scope& scope,
                                      std::string_view message) {
  return ThrowCoded(scope, ErrorClass::kTypeError,
                    "ERR_CRYPTO_INVALID_AUTH_TAG", message);
}

std::string TagSizeText(int64_t size) {
  return fmt::format("Invalid authentication tag length: {}", size);
}

// What the mode says of IV and tag; false: the exception is thrown.
bool BeginAuthenticated(js::Scope& scope, EVP_CIPHER_CTX* context,
                        const EVP_CIPHER* cipher, const std::string& name,
                        int32_t tag_size, size_t iv_size,
                        NodeCipher::Settings& settings) {
  if (settings.is_siv) {
    if (tag_size >= 0 && tag_size != int{kLongestTag}) {
      ThrowInvalidTag(scope, TagSizeText(tag_size));
      return false;
    }
    settings.tag_size = kLongestTag;
    return true;
  }
  if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN,
                          static_cast<int>(iv_size), nullptr) != 1) {
    ThrowInvalidIv(scope);
    return false;
  }
  if (EVP_CIPHER_get_mode(cipher) == EVP_CIPH_GCM_MODE) {
    if (tag_size < 0) return true;
    if (!IsGcmTagSize(static_cast<size_t>(tag_size))) {
      ThrowInvalidTag(scope, TagSizeText(tag_size));
      return false;
    }
    settings.tag_size = static_cast<size_t>(tag_size);
    return true;
  }
  if (tag_size < 0) {
    if (!IsChaChaPoly(cipher)) {
      ThrowInvalidTag(scope,
                      fmt::format("authTagLength required for {}", name));
      return false;
    }
    tag_size = kLongestTag;
  }
  if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_size, nullptr) !=
      1) {
    ThrowInvalidTag(scope, TagSizeText(tag_size));
    return false;
  }
  settings.tag_size = static_cast<size_t>(tag_size);
  // The longer the IV, the fewer bytes are left to count with.
  if (settings.is_ccm && iv_size == 12) settings.longest = (1 << 24) - 1;
  if (settings.is_ccm && iv_size == 13) settings.longest = (1 << 16) - 1;
  return true;
}

bool SetVariant(EVP_CIPHER_CTX* context, const char* parameter,
                std::optional<std::string>& name) {
  if (!name) return true;
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(parameter, name->data(), 0),
      OSSL_PARAM_construct_end()};
  return EVP_CIPHER_CTX_set_params(context, parameters) == 1;
}

const char* NameOfMode(const EVP_CIPHER* cipher) {
  switch (EVP_CIPHER_get_mode(cipher)) {
    case EVP_CIPH_ECB_MODE:
      return "ecb";
    case EVP_CIPH_CBC_MODE:
      return "cbc";
    case EVP_CIPH_CFB_MODE:
      return "cfb";
    case EVP_CIPH_OFB_MODE:
      return "ofb";
    case EVP_CIPH_CTR_MODE:
      return "ctr";
    case EVP_CIPH_GCM_MODE:
      return "gcm";
    case EVP_CIPH_CCM_MODE:
      return "ccm";
    case EVP_CIPH_XTS_MODE:
      return "xts";
    case EVP_CIPH_WRAP_MODE:
      return "wrap";
    case EVP_CIPH_OCB_MODE:
      return "ocb";
    case EVP_CIPH_SIV_MODE:
      return "siv";
    default:
      return "stream";
  }
}

// Whether the cipher takes a key or an IV of that size.
bool Takes(const EVP_CIPHER* cipher, int32_t key_size, int32_t iv_size) {
  const CipherContext context(EVP_CIPHER_CTX_new());
  if (context == nullptr || EVP_CipherInit_ex(context.get(), cipher, nullptr,
                                              nullptr, nullptr, 1) != 1) {
    return false;
  }
  if (key_size >= 0 &&
      EVP_CIPHER_CTX_set_key_length(context.get(), key_size) != 1) {
    return false;
  }
  if (iv_size < 0) return true;
  if (!Authenticates(cipher) ||
      EVP_CIPHER_get_mode(cipher) == EVP_CIPH_SIV_MODE) {
    return iv_size == EVP_CIPHER_get_iv_length(cipher);
  }
  return EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, iv_size,
                             nullptr) == 1;
}

}  // namespace

js::Result<v8::Value> NodeCiphers::CipherNew(js::Scope& scope, bool encrypts,
                                             std::string name, int32_t tag_size,
                                             std::optional<std::string> cts,
                                             std::optional<std::string> xts,
                                             js::BytesView key,
                                             std::optional<js::BytesView> iv) {
  const FetchedCipher cipher = FetchCipher(name);
  if (cipher == nullptr) {
    return ThrowCoded(scope, ErrorClass::kError, "ERR_CRYPTO_UNKNOWN_CIPHER",
                      "Unknown cipher");
  }
  const int mode = EVP_CIPHER_get_mode(cipher.get());
  const size_t iv_size = iv ? iv->bytes.size() : 0;
  const auto usual =
      static_cast<size_t>(EVP_CIPHER_get_iv_length(cipher.get()));
  NodeCipher::Settings settings{.encrypts = encrypts,
                                .authenticates = Authenticates(cipher.get()),
                                .is_ccm = mode == EVP_CIPH_CCM_MODE,
                                .is_siv = mode == EVP_CIPH_SIV_MODE,
                                .is_wrap = mode == EVP_CIPH_WRAP_MODE,
                                .tag_size = {},
                                .longest = INT_MAX};
  if ((!iv && usual != 0) || iv_size > INT_MAX ||
      ((!settings.authenticates || settings.is_siv) && iv &&
       iv_size != usual) ||
      (IsChaChaPoly(cipher.get()) && iv_size > 12)) {
    return ThrowInvalidIv(scope);
  }
  CipherContext context(EVP_CIPHER_CTX_new());
  if (context == nullptr) return ThrowOpenSsl(scope, "cipher");
  if (settings.is_wrap) {
    EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  }
  if (EVP_CipherInit_ex(context.get(), cipher.get(), nullptr, nullptr, nullptr,
                        encrypts ? 1 : 0) != 1) {
    return ThrowOpenSslWhole(scope, "Failed to initialize cipher");
  }
  if (settings.authenticates &&
      !BeginAuthenticated(scope, context.get(), cipher.get(), name, tag_size,
                          iv_size, settings)) {
    return {};
  }
  if (key.bytes.size() > INT_MAX ||
      EVP_CIPHER_CTX_set_key_length(context.get(),
                                    static_cast<int>(key.bytes.size())) != 1) {
    return ThrowCoded(scope, ErrorClass::kRangeError,
                      "ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length");
  }
  if (!SetVariant(context.get(), OSSL_CIPHER_PARAM_CTS_MODE, cts) ||
      !SetVariant(context.get(), OSSL_CIPHER_PARAM_XTS_STANDARD, xts) ||
      EVP_CipherInit_ex(context.get(), nullptr, nullptr, BytesOf(key.bytes),
                        iv_size == 0 ? nullptr : BytesOf(iv->bytes),
                        encrypts ? 1 : 0) != 1) {
    return ThrowOpenSslWhole(scope, "Failed to initialize cipher");
  }
  return WrapCounted<NodeCipher>(scope, "the cipher", std::move(context),
                                 settings);
}

js::Result<v8::Value> NodeCiphers::CipherInfo(js::Scope& scope,
                                              std::string name, int32_t number,
                                              int32_t key_size,
                                              int32_t iv_size) {
  if (name.empty()) {
    const char* const found = OBJ_nid2sn(number);
    if (found == nullptr) return v8::Undefined(scope.isolate());
    name = found;
  }
  const FetchedCipher cipher = FetchCipher(name);
  if (cipher == nullptr || ((key_size >= 0 || iv_size >= 0) &&
                            !Takes(cipher.get(), key_size, iv_size))) {
    ERR_clear_error();
    return v8::Undefined(scope.isolate());
  }
  ERR_clear_error();
  const auto number_of = [&](int value) -> v8::Local<v8::Value> {
    return v8::Integer::New(scope.isolate(), value);
  };
  const int nid = EVP_CIPHER_get_nid(cipher.get());
  // By OpenSSL's own name, which is not always the one that it was asked by.
  const char* const own =
      nid == NID_undef ? EVP_CIPHER_get0_name(cipher.get()) : OBJ_nid2sn(nid);
  v8::Local<v8::Value> parts[] = {
      js::NewString(scope, own == nullptr ? name : own),
      js::NewString(scope, NameOfMode(cipher.get())),
      number_of(nid),
      number_of(key_size >= 0 ? key_size
                              : EVP_CIPHER_get_key_length(cipher.get())),
      number_of(EVP_CIPHER_get_block_size(cipher.get())),
      number_of(iv_size >= 0 ? iv_size
                             : EVP_CIPHER_get_iv_length(cipher.get()))};
  return v8::Array::New(scope.isolate(), parts, std::size(parts));
}

bool NodeCipher::PassTag() {
  if (settings_.encrypts || !settings_.authenticates || !tag_ || tag_passed_) {
    return true;
  }
  tag_passed_ =
      EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG,
                          static_cast<int>(tag_->size()), tag_->data()) == 1;
  return tag_passed_;
}

bool NodeCipher::CheckSize(js::Scope& scope, size_t size) {
  if (size <= settings_.longest) return true;
  ThrowCoded(scope, ErrorClass::kRangeError, "ERR_CRYPTO_INVALID_MESSAGELEN",
             "Invalid message length");
  return false;
}

js::Result<v8::Value> NodeCipher::Update(js::Scope& scope,
                                         js::BytesView bytes) {
  // Whatever OpenSSL says to it.
  const auto refuse = [&] {
    ERR_clear_error();
    return ThrowOpenSsl(scope, "Trying to add data in unsupported state");
  };
  if (context_ == nullptr) return refuse();
  if (!CheckSize(scope, bytes.bytes.size())) return {};
  if (!PassTag()) return refuse();
  began_ = true;
  const auto size = static_cast<int>(bytes.bytes.size());
  // Without a place OpenSSL takes no bytes for none at all, and does nothing.
  static constexpr unsigned char kNowhere = 0;
  const unsigned char* const in =
      bytes.bytes.empty() ? &kNowhere : BytesOf(bytes.bytes);
  int asked = 0;
  if (settings_.is_wrap &&
      EVP_CipherUpdate(context_.get(), nullptr, &asked, in, size) != 1) {
    return refuse();
  }
  // OpenSSL must not come to write where script can look meanwhile, nor beyond:
  // unwrapping, it wipes more than it said it would make.
  const size_t block =
      std::max<size_t>(EVP_MAX_BLOCK_LENGTH,
                       static_cast<size_t>(std::max(
                           EVP_CIPHER_CTX_get_block_size(context_.get()), 0)));
  std::string out(std::max(bytes.bytes.size() + 2 * block,
                           static_cast<size_t>(std::max(asked, 0))),
                  '\0');
  int made = 0;
  const bool well =
      EVP_CipherUpdate(context_.get(), BytesOf(out), &made, in, size) == 1;
  if ((settings_.is_ccm || settings_.is_siv) && !settings_.encrypts) {
    // What is wrong is for finish() to tell.
    verified_ = well && tag_passed_;
    if (!well) made = 0;
    ERR_clear_error();
  } else if (!well) {
    return refuse();
  }
  return ToBuffer(scope, std::string_view(out).substr(
                             0, static_cast<size_t>(std::max(made, 0))));
}

js::Result<v8::Value> NodeCipher::Finish(js::Scope& scope) {
  if (context_ == nullptr) {
    return ThrowCoded(scope, ErrorClass::kError, "ERR_CRYPTO_INVALID_STATE",
                      "Invalid state");
  }
  const std::string_view message =
      settings_.authenticates
          ? "Unsupported state or unable to authenticate data"
          : "Unsupported state";
  bool well = PassTag();
  std::array<unsigned char, EVP_MAX_BLOCK_LENGTH> out{};
  int size = 0;
  if ((settings_.is_ccm || settings_.is_siv) && !settings_.encrypts) {
    well = well && verified_;
  } else {
    well = well && EVP_CipherFinal_ex(context_.get(), out.data(), &size) == 1;
  }
  if (well && settings_.encrypts && settings_.authenticates) {
    tag_ = std::string(settings_.tag_size.value_or(kLongestTag), '\0');
    well =
        EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG,
                            static_cast<int>(tag_->size()), tag_->data()) == 1;
  }
  context_.reset();
  if (!well) return ThrowOpenSslWhole(scope, message);
  return ToBuffer(scope, {reinterpret_cast<const char*>(out.data()),
                          static_cast<size_t>(size)});
}

bool NodeCipher::SetAutoPadding(js::Scope&, bool pads) {
  return context_ != nullptr &&
         EVP_CIPHER_CTX_set_padding(context_.get(), pads ? 1 : 0) == 1;
}

js::Result<v8::Value> NodeCipher::SetTag(js::Scope& scope, js::BytesView tag) {
  const size_t size = tag.bytes.size();
  if (context_ == nullptr || !settings_.authenticates || settings_.encrypts ||
      tag_ || (settings_.is_siv && began_)) {
    return v8::False(scope.isolate());
  }
  const bool is_gcm =
      !settings_.is_ccm &&
      EVP_CIPHER_CTX_get_mode(context_.get()) == EVP_CIPH_GCM_MODE;
  const bool fits =
      is_gcm ? IsGcmTagSize(size) && size == settings_.tag_size.value_or(size)
             : size == settings_.tag_size;
  if (!fits) return ThrowInvalidTag(scope, TagSizeText(int64_t(size)));
  tag_ = std::string(tag.bytes);
  return v8::True(scope.isolate());
}

js::Result<v8::Value> NodeCipher::SetAdditional(js::Scope& scope,
                                                int32_t text_size,
                                                js::BytesView bytes) {
  if (context_ == nullptr || !settings_.authenticates ||
      (settings_.is_siv && began_)) {
    return v8::False(scope.isolate());
  }
  if (bytes.bytes.size() > INT_MAX) return v8::False(scope.isolate());
  int made = 0;
  if (settings_.is_ccm) {
    if (text_size < 0) {
      return ThrowCoded(scope, ErrorClass::kTypeError, "ERR_MISSING_ARGS",
                        "options.plaintextLength required for CCM mode with "
                        "AAD");
    }
    if (!CheckSize(scope, static_cast<size_t>(text_size))) return {};
    if (!PassTag() || EVP_CipherUpdate(context_.get(), nullptr, &made, nullptr,
                                       text_size) != 1) {
      ERR_clear_error();
      return v8::False(scope.isolate());
    }
  }
  const bool well =
      EVP_CipherUpdate(context_.get(), nullptr, &made, BytesOf(bytes.bytes),
                       static_cast<int>(bytes.bytes.size())) == 1;
  ERR_clear_error();
  return v8::Boolean::New(scope.isolate(), well);
}

js::Result<v8::Value> NodeCipher::Tag(js::Scope& scope) {
  if (context_ != nullptr || !settings_.encrypts || !tag_) {
    return v8::Undefined(scope.isolate());
  }
  return ToBuffer(scope, *tag_);
}

}  // namespace caravel::runtime
