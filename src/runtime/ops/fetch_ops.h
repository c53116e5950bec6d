#pragma once

#include <v8.h>

#include <string>

#include "runtime/inbox.h"
#include "runtime/js/function.h"
#include "runtime/ops/kv_binding.h"
#include "runtime/ops/service_binding.h"
#include "runtime/ops/socket_binding.h"
#include "runtime/ops/web_socket_binding.h"
#include "runtime/outbox.h"

namespace caravel::runtime {

class IsolateState;
struct Invocation;

// Outbound requests. The answer's head comes by the inbox (FetchAnswered), its
// body under the id of the fetch (RequestOps::BodyRead).
// Source: Fetch Standard, "HTTP-network fetch"; Workers documentation, "Fetch".
struct FetchOps {
  // 0 and an exception when the invocation has no subrequest left.
  static v8::MaybeLocal<v8::Value> Start(
      js::Scope& scope, InvocationId id, std::string method, std::string url,
      v8::Local<v8::Array> headers, v8::Local<v8::Value> body,
      bool body_follows, v8::Local<v8::Value> asker, v8::Local<v8::Value> via);
  static v8::MaybeLocal<v8::Value> Write(js::Scope& scope, FetchId id,
                                         js::BytesView bytes);
  static void End(js::Scope& scope, FetchId id);
  static void Abort(js::Scope& scope, FetchId id);

  // Calls of other Workers.
  static js::Group<struct ServiceBinding> Services(js::Scope& scope);
  // Connections that carry what a Worker likes.
  static js::Group<struct SocketBinding> Sockets(js::Scope& scope);
  static js::Group<struct WebSocketBinding> WebSockets(js::Scope& scope);
  // Questions to KV namespaces, which count as requests do.
  static js::Group<struct KvBinding> Kv(js::Scope& scope);
  // Questions to rate limits, which do not.
  static v8::MaybeLocal<v8::Value> RateLimit(js::Scope& scope, InvocationId id,
                                             uint32_t limit, std::string key);

  static constexpr auto Js() {
    return js::Functions(
        js::Function("fetch", &Start), js::Function("fetchWrite", &Write),
        js::Function("fetchEnd", &End), js::Function("fetchAbort", &Abort),
        js::Function("serviceBinding", &Services),
        js::Function("socketBinding", &Sockets),
        js::Function("webSocketBinding", &WebSockets),
        js::Function("kvBinding", &Kv), js::Function("rateLimit", &RateLimit));
  }
};

// Counts one more of the requests and connections that `id` may have; the
// invocation, or nullptr and an exception when it has none left or is over.
Invocation* TakeSubrequest(js::Scope& scope, InvocationId id);

// Asks the shard for the exchange, whose answer JS waits for with `asker`; its
// number, or 0 beyond the memory limit.
FetchId BeginFetch(js::Scope& scope, InvocationId id, StartFetch ask,
                   v8::Local<v8::Value> asker);

// The origin takes more of the body of a fetch: noted, and told to a writer
// that waits.
void AddFetchCredit(IsolateState& state, const FetchCredit& credit);
void ServeFetchWriter(js::Scope& scope, FetchId id);
// Nobody takes more of it: noted, and told to a writer by ServeFetchWriter().
void RefuseFetchBody(IsolateState& state, FetchId id);

// The answer of the fetch goes to the client past the isolate; what JS uploads
// to it goes on, and holds its invocation.
void ForwardAnswer(IsolateState& state, FetchId id);

}  // namespace caravel::runtime
