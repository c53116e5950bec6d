#include "runtime/ops/node/crypto/big_number.h"

#include <algorithm>

#include "runtime/isolate_state.h"
#include "runtime/ops/node/crypto/failure.h"

namespace caravel::runtime {

std::string_view WithoutZeroes(std::string_view bytes) {
  bytes.remove_prefix(std::min(bytes.find_first_not_of('\0'), bytes.size()));
  return bytes;
}

BigNumber NumberFrom(std::string_view bytes) {
  return BigNumber(
      BN_bin2bn(BytesOf(bytes), static_cast<int>(bytes.size()), nullptr));
}

js::Result<v8::Value> NumberToBuffer(js::Scope& scope, const BIGNUM* number,
                                     size_t size) {
  const auto own = static_cast<size_t>(BN_num_bytes(number));
  v8::Local<v8::ArrayBuffer> buffer;
  if (!NewCryptoBuffer(scope, std::max(own, size)).ToLocal(&buffer)) return {};
  BN_bn2binpad(number, BytesOf(buffer), static_cast<int>(std::max(own, size)));
  return buffer;
}

NumberProgress NewNumberProgress(js::Scope& scope) {
  NumberProgress progress(BN_GENCB_new());
  if (progress == nullptr) return progress;
  // OpenSSL asks it again and again whether to go on.
  BN_GENCB_set(
      progress.get(),
      [](int, int, BN_GENCB* asked) {
        const auto& state =
            *static_cast<const IsolateState*>(BN_GENCB_get_arg(asked));
        return state.CallIsEnding() ? 0 : 1;
      },
      &scope.state());
  return progress;
}

void LetGenerationEnd(js::Scope& scope, EVP_PKEY_CTX* context) {
  EVP_PKEY_CTX_set_app_data(context, &scope.state());
  EVP_PKEY_CTX_set_cb(context, [](EVP_PKEY_CTX* asking) {
    const auto* state =
        static_cast<const IsolateState*>(EVP_PKEY_CTX_get_app_data(asking));
    return state->CallIsEnding() ? 0 : 1;
  });
}

EvpKey GenerateParameters(js::Scope& scope, EVP_PKEY_CTX* context,
                          std::string_view otherwise) {
  LetGenerationEnd(scope, context);
  EVP_PKEY* made = nullptr;
  if (EVP_PKEY_paramgen(context, &made) == 1) return EvpKey(made);
  if (scope.state().CallIsEnding()) {
    ThrowCallEnds(scope);
  } else {
    ThrowOpenSsl(scope, otherwise);
  }
  return nullptr;
}

}  // namespace caravel::runtime
