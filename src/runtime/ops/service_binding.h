#pragma once

#include <v8.h>

#include <memory>
#include <string>

#include "runtime/inbox.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/js/scope.h"
#include "runtime/service_call.h"

namespace caravel::runtime {

// Calls of other Workers, and the bytes of what such calls carry (docs/rpc.md).
// Made when it is first asked for.
//
// Threads: the one that is in the isolate.
struct ServiceBinding {
  // The largest message, as on Workers.
  static constexpr size_t kMostMessage = 32 << 20;

  // Begins a session of RPC with `message`, a subrequest: an exchange whose
  // request and answer are the bytes of the two sides. 0 and an exception when
  // the invocation has no subrequest left.
  static v8::MaybeLocal<v8::Value> Call(js::Scope& scope, InvocationId id,
                                        v8::Local<v8::Value> via,
                                        std::string method,
                                        js::BytesView message,
                                        v8::Local<v8::Value> asker);

  // Begins a connection to the Worker's handler connect(), a subrequest: an
  // exchange in the same way, whose request and answer are what each side
  // writes.
  static v8::MaybeLocal<v8::Value> Connect(js::Scope& scope, InvocationId id,
                                           v8::Local<v8::Value> via,
                                           std::string address,
                                           v8::Local<v8::Value> asker);

  // The Map of values that travels with the running code, and with all that it
  // starts (ops/node/async_binding.h); undefined where there is none.
  static v8::Local<v8::Value> Storages(js::Scope& scope);
  // What `call` returns, run with that Map.
  static v8::MaybeLocal<v8::Value> RunWith(js::Scope& scope,
                                           v8::Local<v8::Value> storages,
                                           v8::Local<v8::Function> call);

  // A call that the invocation serves threw, of which the caller is told: in
  // its event.
  static void Threw(js::Scope& scope, InvocationId id, std::string name,
                    std::string message, std::string stack);

  // How V8 tells of a value, whatever that is; runs no script.
  static v8::Local<v8::Value> Detail(js::Scope& scope,
                                     v8::Local<v8::Value> value);

  // A message, with its length in front: what V8's serializer makes of `value`.
  // `describe` is asked of each object that is not plain, for a list that
  // stands for it in the bytes, or null where there is none; `refuse` makes
  // what is thrown, of a text. A message beyond kMostMessage is refused.
  static v8::MaybeLocal<v8::Value> Encode(js::Scope& scope,
                                          v8::Local<v8::Value> value,
                                          v8::Local<v8::Function> describe,
                                          v8::Local<v8::Function> refuse);
  // The value of a message without its length; hostile bytes throw. `revive`
  // gets the list of what describe() gave, for the list of objects that these
  // stand for.
  static v8::MaybeLocal<v8::Value> Decode(js::Scope& scope, js::BytesView bytes,
                                          v8::Local<v8::Function> revive);

  static constexpr const char* kName = "NativeServices";
  static constexpr auto Js() {
    return js::Functions(
        js::Function("call", &Call), js::Function("connect", &Connect),
        js::Function("threw", &Threw), js::Function("detail", &Detail),
        js::Function("storages", &Storages), js::Function("runWith", &RunWith),
        js::Function("encode", &Encode), js::Function("decode", &Decode));
  }
};

// What script is to reach: [number, entrypoint, props, cf], where a number
// below 0 is the Worker's own version, whose entrypoint and props (bytes of
// V8's, or null) are script's to choose; undefined is no Worker. False: an
// exception was thrown.
bool ReadService(js::Scope& scope, v8::Local<v8::Value> via,
                 std::shared_ptr<ServiceCall>& call);

// ctx.props, of ServiceCall::props.
v8::Local<v8::Value> ReadProps(js::Scope& scope, std::string_view props);

}  // namespace caravel::runtime
