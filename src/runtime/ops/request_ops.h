#pragma once

#include <v8.h>

#include <string>
#include <vector>

#include "runtime/inbox.h"
#include "runtime/js/function.h"

namespace caravel::runtime {

// The request that a handler answers, and bodies as they arrive. An id whose
// invocation is over answers as an empty request would.
// Source: Fetch Standard, "Body mixin"; Workers documentation, "Request".
struct RequestOps {
  static std::string Url(js::Scope& scope, InvocationId id);
  static v8::Local<v8::Array> Headers(js::Scope& scope, InvocationId id);
  static std::string Cf(js::Scope& scope, InvocationId id);

  // The whole body as an ArrayBuffer, or as text, when all of it has arrived;
  // else undefined.
  static v8::Local<v8::Value> BodyTake(js::Scope& scope, BodyId id);
  static v8::MaybeLocal<v8::Value> BodyTakeText(js::Scope& scope, BodyId id);
  // The next piece, or null at the end.
  static v8::MaybeLocal<v8::Value> BodyRead(js::Scope& scope, BodyId id);
  static void BodyCancel(js::Scope& scope, BodyId id);

  static constexpr auto Js() {
    return js::Functions(js::Function("requestUrl", &Url),
                         js::Function("requestHeaders", &Headers),
                         js::Function("requestCf", &Cf),
                         js::Function("bodyTake", &BodyTake),
                         js::Function("bodyTakeText", &BodyTakeText),
                         js::Function("bodyRead", &BodyRead),
                         js::Function("bodyCancel", &BodyCancel));
  }
};

// An arrived piece goes to the reader that waits, or into the buffer; the
// isolate calls these for inbox entries, before any handler of the turn runs.
void TakeArrived(js::Scope& scope, BodyArrived& arrived);
void TakeFailed(js::Scope& scope, const BodyFailed& failed);

}  // namespace caravel::runtime
