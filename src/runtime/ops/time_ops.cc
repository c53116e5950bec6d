#include "runtime/ops/time_ops.h"

#include <algorithm>
#include <cmath>

#include "runtime/isolate_state.h"

namespace caravel::runtime {
namespace {

// Delays are a signed 32-bit number of milliseconds on every other platform.
constexpr double kMaxDelayMs = 2147483647;

}  // namespace

double TimeOps::Now(js::Scope& scope) { return scope.state().now_ms; }

double TimeOps::TimeOrigin(js::Scope& scope) {
  return scope.state().time_origin_ms;
}

void TimeOps::StartTimer(js::Scope& scope, TimerId id, double delay_ms,
                         bool repeat, v8::Local<v8::Value> timer) {
  IsolateState& state = scope.state();
  // A timer of nobody would run on nobody's account.
  if (state.FindInvocation(state.Current(scope)) == nullptr) {
    js::Throw(scope,
              Error(ErrorCode::kUnavailable,
                    "Cannot perform I/O on behalf of a request that is over."));
    return;
  }
  const double delay =
      std::isnan(delay_ms) ? 0 : std::clamp(delay_ms, 0.0, kMaxDelayMs);
  RunningTimer& running = state.timers[id];
  running.invocation = state.Current(scope);
  running.repeat = repeat;
  running.timer.Reset(scope.isolate(), timer);
  const auto frame = scope.isolate()->GetContinuationPreservedEmbedderDataV2();
  if (!frame.IsEmpty()) running.frame.Reset(scope.isolate(), frame);
  state.Ask(
      running.invocation,
      runtime::StartTimer{
          id, std::chrono::microseconds(std::llround(delay * 1000)), repeat});
}

void TimeOps::StopTimer(js::Scope& scope, TimerId id) {
  IsolateState& state = scope.state();
  if (state.timers.erase(id) > 0) {
    state.Ask(state.Current(scope), runtime::StopTimer{id});
  }
}

}  // namespace caravel::runtime
