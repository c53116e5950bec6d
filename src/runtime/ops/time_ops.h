#pragma once

#include "runtime/inbox.h"
#include "runtime/js/function.h"

namespace caravel::runtime {

// Clocks and timers. The clock stands still during a turn, so that a Worker can
// not time its own computation, nor what it shares the processor with.
// Source: HTML Standard, "Timers"; Workers documentation, "Security model".
struct TimeOps {
  static double Now(js::Scope& scope);
  static double TimeOrigin(js::Scope& scope);
  static void StartTimer(js::Scope& scope, TimerNumber number, double delay_ms,
                         bool repeat, v8::Local<v8::Value> timer);
  static void StopTimer(js::Scope& scope, TimerNumber number);
  static v8::Local<v8::Value> FindTimer(js::Scope& scope, TimerNumber number);

  static constexpr auto Js() {
    return js::Functions(js::Function("now", &Now),
                         js::Function("timeOrigin", &TimeOrigin),
                         js::Function("timerStart", &StartTimer),
                         js::Function("timerStop", &StopTimer),
                         js::Function("timerFind", &FindTimer));
  }
};

}  // namespace caravel::runtime
