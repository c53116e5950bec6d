#pragma once

#include <v8.h>

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/inbox.h"
#include "runtime/js/function.h"

namespace caravel::runtime {

class IsolateState;

// The answer of a handler. An invocation is answered once: what comes for one
// that was answered, or is over, does nothing.
struct RespondOps {
  static void Whole(js::Scope& scope, InvocationId id, int32_t status,
                    js::ByteString reason, v8::Local<v8::Value> headers,
                    v8::Local<v8::Value> content_type,
                    v8::Local<v8::Value> body);
  static void Start(js::Scope& scope, InvocationId id, int32_t status,
                    js::ByteString reason, v8::Local<v8::Value> headers,
                    v8::Local<v8::Value> content_type, double length);
  // Undefined: the client takes more at once. Else a promise for that.
  static v8::MaybeLocal<v8::Value> Write(js::Scope& scope, InvocationId id,
                                         js::BytesView bytes);
  static void End(js::Scope& scope, InvocationId id);
  static bool Abort(js::Scope& scope, InvocationId id, std::string why);
  static void Forward(js::Scope& scope, InvocationId id, int32_t status,
                      js::ByteString reason, v8::Local<v8::Value> headers,
                      BodyId body, double length);
  static void Fail(js::Scope& scope, InvocationId id, std::string name,
                   std::string message, std::string stack);
  // Should the handler fail, the request is to go on to the origin.
  static void PassThrough(js::Scope& scope, InvocationId id);
  static void Finish(js::Scope& scope, InvocationId id);

  static constexpr auto Js() {
    return js::Functions(
        js::Function("respond", &Whole), js::Function("respondStart", &Start),
        js::Function("respondWrite", &Write), js::Function("respondEnd", &End),
        js::Function("respondAbort", &Abort),
        js::Function("respondForward", &Forward), js::Function("fail", &Fail),
        js::Function("passThrough", &PassThrough),
        js::Function("finish", &Finish));
  }
};

// Ends an invocation with what it is known to have come to: closes its event,
// gives the client the error page `error_number` when it has no answer yet, and
// forgets all that belongs to it. The isolate calls it when it ends one itself.
void EndInvocation(js::Scope& scope, InvocationId id, std::string_view outcome,
                   int error_number);

// The client takes more of the answer: noted, and told to a writer that waits.
void AddCredit(IsolateState& state, const ResponseCredit& credit);
void ServeWriter(js::Scope& scope, InvocationId id);
// The client has gone away.
void TakeClientGone(js::Scope& scope, const ClientGone& gone);

}  // namespace caravel::runtime
