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

void TimeOps::StartTimer(js::Scope& scope, TimerNumber number, double delay_ms,
                         bool repeat, v8::Local<v8::Value> timer) {
  IsolateState& state = scope.state();
  // A timer of nobody would run on nobody's account.
  if (state.FindInvocation(state.Current(scope)) == nullptr) {
    js::Throw(scope,
              Error(ErrorCode::kUnavailable,
                    "Cannot perform I/O on behalf of a request that is over."));
    return;
  }
  if (!state.ChargeEntry(scope)) return;
  const double delay =
      std::isnan(delay_ms) ? 0 : std::clamp(delay_ms, 0.0, kMaxDelayMs);
  RunningTimer& running = state.timers[number];
  if (running.id != 0) {
    state.Ask(running.invocation, runtime::StopTimer{running.id});
  }
  running.id = (TimerId{++state.timer_starts} << 32) | number;
  running.invocation = state.Current(scope);
  running.repeat = repeat;
  running.timer.Reset(scope.isolate(), timer);
  const auto frame = scope.isolate()->GetContinuationPreservedEmbedderDataV2();
  running.frame.Reset();
  if (!frame.IsEmpty()) running.frame.Reset(scope.isolate(), frame);
  state.Ask(running.invocation,
            runtime::StartTimer{
                running.id,
                std::chrono::microseconds(std::llround(delay * 1000)), repeat});
}

void TimeOps::StopTimer(js::Scope& scope, TimerNumber number) {
  IsolateState& state = scope.state();
  const auto found = state.timers.find(number);
  if (found == state.timers.end() || !state.ChargeEntry(scope)) return;
  state.Ask(state.Current(scope), runtime::StopTimer{found->second.id});
  state.timers.erase(found);
}

v8::Local<v8::Value> TimeOps::FindTimer(js::Scope& scope, TimerNumber number) {
  const IsolateState& state = scope.state();
  const auto found = state.timers.find(number);
  if (found == state.timers.end()) return v8::Undefined(scope.isolate());
  return found->second.timer.Get(scope.isolate());
}

}  // namespace caravel::runtime
