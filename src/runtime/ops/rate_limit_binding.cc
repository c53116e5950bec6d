#include "runtime/ops/rate_limit_binding.h"

#include <openssl/evp.h>

#include <utility>

#include "base/check.h"
#include "runtime/isolate_state.h"
#include "runtime/js/convert.h"
#include "runtime/promise_hooks.h"

namespace caravel::runtime {
namespace {

// What the key is counted by. A digest is made here, where it takes the
// Worker's own CPU time.
std::string CountedBy(std::string key) {
  if (key.size() <= RateLimit::kMostKeyBytes) return key;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  CARAVEL_CHECK(EVP_Digest(key.data(), key.size(), digest, &size, EVP_sha256(),
                           nullptr) == 1);
  // No text in UTF-8 has that byte.
  return "\xff" + std::string(reinterpret_cast<const char*>(digest), size);
}

}  // namespace

v8::MaybeLocal<v8::Value> TakeFromRateLimit(js::Scope& scope, InvocationId id,
                                            uint32_t limit, std::string key) {
  IsolateState& state = scope.state();
  CARAVEL_CHECK(limit < state.rate_limits.size(), limit);
  key = CountedBy(std::move(key));
  if (!state.ChargeEntry(scope) || !state.ChargeFetch(scope, key.size())) {
    return {};
  }
  v8::Local<v8::Promise::Resolver> resolver;
  if (!NewResolver(scope).ToLocal(&resolver)) return {};
  const QuestionId number = state.last_fetch += 2;
  RunningRateLimit& running = state.rate_questions[number];
  running.invocation = id;
  running.waiter.Reset(scope.isolate(), resolver);
  state.Ask(id, AskRateLimit{number, state.rate_limits[limit], std::move(key)});
  return resolver->GetPromise().As<v8::Value>();
}

void ServeRateLimit(js::Scope& scope, const RateLimited& limited) {
  auto node = scope.state().rate_questions.extract(limited.question);
  if (node.empty()) return;
  Settle(scope, node.mapped().waiter, js::ToJs(scope, limited.success));
}

}  // namespace caravel::runtime
