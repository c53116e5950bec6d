// Tests: node_crypto_test.cc, and Node's own tests (tests/node).
#include "runtime/ops/node/crypto/digests.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evperr.h>

#include "runtime/ops/node/crypto/failure.h"

namespace caravel::runtime {
namespace {

constexpr std::string_view kNoDigest = "Digest method not supported";

// A state at its beginning; nothing: the exception is thrown.
DigestState Begin(js::Scope& scope, const std::string& algorithm) {
  const FetchedDigest digest = FetchDigest(algorithm);
  DigestState state(EVP_MD_CTX_new());
  if (digest != nullptr && state != nullptr &&
      EVP_DigestInit_ex(state.get(), digest.get(), nullptr) == 1) {
    return state;
  }
  ThrowOpenSsl(scope, kNoDigest);
  return nullptr;
}

bool HasOpenSize(const EVP_MD* digest) {
  return (EVP_MD_get_flags(digest) & EVP_MD_FLAG_XOF) != 0;
}

// False: the exception is thrown.
bool CheckSize(js::Scope& scope, const EVP_MD_CTX* state,
               std::optional<uint32_t> size) {
  const EVP_MD* const digest = EVP_MD_CTX_get0_md(state);
  if (!size || HasOpenSize(digest) ||
      *size == static_cast<uint32_t>(EVP_MD_get_size(digest))) {
    return true;
  }
  ERR_raise(ERR_LIB_EVP, EVP_R_NOT_XOF_OR_INVALID_LENGTH);
  ThrowOpenSsl(scope, kNoDigest);
  return false;
}

js::Result<v8::Value> FinishState(js::Scope& scope, EVP_MD_CTX* state,
                                  std::optional<uint32_t> asked) {
  const EVP_MD* const digest = EVP_MD_CTX_get0_md(state);
  // SHAKE has no size of its own; these are what OpenSSL 1 had for it.
  size_t size = static_cast<size_t>(std::max(EVP_MD_get_size(digest), 0));
  if (EVP_MD_is_a(digest, "SHAKE128") == 1) size = 16;
  if (EVP_MD_is_a(digest, "SHAKE256") == 1) size = 32;
  size = asked.value_or(size);
  v8::Local<v8::ArrayBuffer> buffer;
  if (!NewCryptoBuffer(scope, size).ToLocal(&buffer) || size == 0)
    return buffer;
  const int done = HasOpenSize(digest)
                       ? EVP_DigestFinalXOF(state, BytesOf(buffer), size)
                       : EVP_DigestFinal_ex(state, BytesOf(buffer), nullptr);
  if (done != 1) return ThrowOpenSsl(scope, "digest");
  return buffer;
}

js::Result<v8::Value> ToValue(js::Scope& scope, DigestState state,
                              std::optional<uint32_t> size) {
  return WrapCounted<NodeHash>(scope, "the digest", std::move(state), size);
}

}  // namespace

FetchedDigest FetchDigest(const std::string& name) {
  ERR_set_mark();
  const EVP_MD* const known = EVP_get_digestbyname(name.c_str());
  const char* const asked =
      known == nullptr ? name.c_str() : EVP_MD_get0_name(known);
  FetchedDigest found(EVP_MD_fetch(nullptr, asked, nullptr));
  if (found != nullptr || known == nullptr) {
    ERR_pop_to_mark();
  } else {
    ERR_clear_last_mark();
  }
  return found;
}

bool NodeHash::Update(js::Scope&, js::BytesView bytes) {
  return state_ != nullptr && EVP_DigestUpdate(state_.get(), bytes.bytes.data(),
                                               bytes.bytes.size()) == 1;
}

js::Result<v8::Value> NodeHash::Finish(js::Scope& scope) {
  if (state_ == nullptr) {
    js::ThrowTypeError(scope, "finish: the digest is finished already");
    return {};
  }
  const DigestState state = std::move(state_);
  return FinishState(scope, state.get(), size_);
}

js::Result<v8::Value> NodeHash::Copy(js::Scope& scope,
                                     std::optional<uint32_t> size) {
  DigestState copy(EVP_MD_CTX_new());
  if (state_ == nullptr || copy == nullptr ||
      EVP_MD_CTX_copy_ex(copy.get(), state_.get()) != 1) {
    return ThrowOpenSsl(scope, "Digest copy error");
  }
  if (!CheckSize(scope, copy.get(), size)) return {};
  return ToValue(scope, std::move(copy), size);
}

bool NodeHmac::Update(js::Scope&, js::BytesView bytes) {
  return running_ && running_->Update(bytes.bytes).has_value();
}

js::Result<v8::Value> NodeHmac::Finish(js::Scope& scope) {
  if (!running_) {
    js::ThrowTypeError(scope, "finish: the code is finished already");
    return {};
  }
  RunningHmac running = std::move(*running_);
  running_.reset();
  v8::Local<v8::ArrayBuffer> buffer;
  if (!NewCryptoBuffer(scope, running.size()).ToLocal(&buffer)) return {};
  if (!running.Finish(BytesOf(buffer))) return ThrowOpenSsl(scope, "HMAC");
  return buffer;
}

js::Result<v8::Value> NodeDigests::HashNew(js::Scope& scope,
                                           std::string algorithm,
                                           std::optional<uint32_t> size) {
  DigestState state = Begin(scope, algorithm);
  if (state == nullptr || !CheckSize(scope, state.get(), size)) return {};
  return ToValue(scope, std::move(state), size);
}

js::Result<v8::Value> NodeDigests::HashOnce(js::Scope& scope,
                                            std::string algorithm,
                                            std::optional<uint32_t> size,
                                            js::BytesView bytes) {
  const DigestState state = Begin(scope, algorithm);
  if (state == nullptr || !CheckSize(scope, state.get(), size)) return {};
  if (EVP_DigestUpdate(state.get(), bytes.bytes.data(), bytes.bytes.size()) !=
      1) {
    return ThrowOpenSsl(scope, "digest");
  }
  return FinishState(scope, state.get(), size);
}

js::Result<v8::Value> NodeDigests::HmacNew(js::Scope& scope,
                                           std::string algorithm,
                                           js::BytesView key) {
  const FetchedDigest digest = FetchDigest(algorithm);
  if (digest == nullptr || HasOpenSize(digest.get())) {
    return ThrowCoded(scope, ErrorClass::kTypeError,
                      "ERR_CRYPTO_INVALID_DIGEST",
                      fmt::format("Invalid digest: {}", algorithm));
  }
  auto hmac = Hmac::Create(digest.get(), key.bytes);
  if (!hmac) return ThrowOpenSsl(scope, "HMAC");
  auto running = RunningHmac::Begin(*hmac);
  if (!running) return ThrowOpenSsl(scope, "HMAC");
  return WrapCounted<NodeHmac>(scope, "the HMAC", std::move(*running));
}

bool NodeDigests::HasDigest(js::Scope&, std::string algorithm) {
  return FetchDigest(algorithm) != nullptr;
}

uint32_t NodeDigests::DigestSize(js::Scope&, std::string algorithm) {
  const FetchedDigest digest = FetchDigest(algorithm);
  const int size = digest == nullptr ? 0 : EVP_MD_get_size(digest.get());
  return static_cast<uint32_t>(std::max(size, 0));
}

}  // namespace caravel::runtime
