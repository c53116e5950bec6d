#pragma once

#include <v8.h>

#include <string>
#include <string_view>
#include <vector>

#include "runtime/inbox.h"
#include "runtime/js/function.h"

namespace caravel::runtime {

// The header by which Workers tell the client's address. The platform sets it:
// what a client sends under this name is left out.
// Source: Cloudflare's documentation, "HTTP headers", CF-Connecting-IP.
inline constexpr std::string_view kClientAddressField = "CF-Connecting-IP";
bool IsClientAddressField(std::string_view name);

class IsolateState;

// The request that a handler answers, and bodies as they arrive. An id whose
// invocation is over answers as an empty request would.
// Source: Fetch Standard, "Body mixin"; Workers documentation, "Request".
struct RequestOps {
  static std::string Url(js::Scope& scope, InvocationId id);
  static v8::Local<v8::Array> Headers(js::Scope& scope, InvocationId id);
  static std::string Cf(js::Scope& scope, InvocationId id);

  // The whole body as an ArrayBuffer, or as text, when all of it has arrived;
  // else undefined.
  static v8::MaybeLocal<v8::Value> BodyTake(js::Scope& scope, BodyId id);
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

// What has arrived is buffered first, for all bodies, before any JS of the turn
// runs; a reader that waits is served afterwards, as part of its invocation.
void BufferArrived(IsolateState& state, BodyArrived& arrived);
void BufferFailed(IsolateState& state, const BodyFailed& failed);
void ServeReader(js::Scope& scope, BodyId id);

}  // namespace caravel::runtime
