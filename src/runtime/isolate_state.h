#pragma once

#include <v8.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "base/spares.h"
#include "registry/compatibility.h"
#include "registry/host_protocol.h"
#include "registry/published.h"
#include "runtime/engine.h"
#include "runtime/inbox.h"
#include "runtime/js/class.h"
#include "runtime/js/scope.h"
#include "runtime/ops/random_pool.h"
#include "runtime/outbox.h"
#include "runtime/promise_hooks.h"
#include "runtime/run_guard.h"
#include "runtime/synthetic_modules.h"
#include "runtime/tick_queue.h"
#include "runtime/wasm_memories.h"

namespace caravel::runtime {

class MemoryAccount;
class ModuleMap;

// What an event's entries hold, where they gather.
struct LogUse {
  size_t bytes = 0;
  bool full = false;  // what comes now is left out, as the last entry says
};

// One call of a handler, from the arrival of its request to the end of all that
// it started.
struct Invocation {
  std::unique_ptr<net::RequestHead> head;
  std::unique_ptr<ServiceCall> service;  // of another Worker; or nullptr
  // Where log lines and exceptions gather; most requests have none.
  std::unique_ptr<registry::LogEvent> event;
  LogUse log_use;
  double start_ms = 0;         // since the epoch
  uint64_t cpu_us = 0;         // used so far
  uint64_t cpu_before_us = 0;  // of that, before the running message: each of a
                               // WebSocket's has the whole limit
  uint16_t status = 0;         // of the answer
  // Bytes of the answer that may be written before the client has taken any.
  // Below 0: a piece went beyond it, and is paid for before the next.
  int64_t response_credit = 64 * 1024;
  uint32_t subrequests = 0;
  bool answered = false;     // an answer or an error page was begun
  bool answer_open = false;  // it was begun and more of it is to come
  bool cut_short = false;    // its client left before all of it was sent
  bool client_gone = false;
  bool passes_through = false;  // ctx.passThroughOnException() was called
  // Uploads to fetches whose answers were forwarded, and WebSockets: `finished`
  // waits for them.
  uint32_t holds = 0;
  v8::Global<v8::Value> signal;  // of the request, once JS has asked for it
  bool finished = false;  // its handlers and waitUntil promises have settled
  // Set while JS waits to write more of the answer.
  v8::Global<v8::Promise::Resolver> write_waiter;

  std::string url;  // made when it is first asked for
  const std::string& Url() CARAVEL_LIFETIME_BOUND;
  registry::LogEvent& Event() CARAVEL_LIFETIME_BOUND;
};

// A body that arrives: what has come and was not taken yet.
struct ArrivingBody {
  InvocationId invocation = 0;
  std::deque<std::string> pieces;
  bool read = false;  // JS has taken some of it
  bool ended = false;
  std::optional<std::string> failure;
  v8::Global<v8::Promise::Resolver> reader;  // set while JS waits for a piece
};

struct RunningFetch {
  InvocationId invocation = 0;
  // What JS keeps for the answer: given back with its head, or with the
  // failure.
  v8::Global<v8::Value> asker;
  int64_t credit = 64 * 1024;  // as response_credit, of the request's body
  bool answered = false;
  bool uploading = false;  // more of the request's body comes from JS
  bool refused = false;    // nobody takes it
  bool forwarded = false;  // its answer is pumped to the client: it is kept for
                           // what is uploaded
  v8::Global<v8::Data> frame;  // the caller's continuation data
  v8::Global<v8::Promise::Resolver> write_waiter;
};

// A connection of the Worker's own. What arrives on it is a body of its number.
struct RunningSocket {
  InvocationId invocation = 0;
  int64_t credit = 64 * 1024;  // as response_credit, of what is written
  bool opened = false;
  bool secured = false;  // through TLS, or about to be
  bool ended = false;    // JS writes no more
  bool over = false;     // nothing comes any more, from no side
  std::string failure;
  std::string local;
  std::string remote;
  // Set while JS waits.
  v8::Global<v8::Promise::Resolver> open_waiter;
  v8::Global<v8::Promise::Resolver> close_waiter;
  v8::Global<v8::Promise::Resolver> write_waiter;
};

struct RunningQuestion {
  InvocationId invocation = 0;
  v8::Global<v8::Promise::Resolver> waiter;
};

struct RunningKv {
  InvocationId invocation = 0;
  registry::KvVerb verb = registry::KvVerb::kGet;
  bool as_text = false;  // what is found is given as text
  v8::Global<v8::Promise::Resolver> waiter;
};

struct RunningRateLimit {
  InvocationId invocation = 0;
  v8::Global<v8::Promise::Resolver> waiter;
};

// A WebSocket between the isolate and a client or an origin.
struct RunningWebSocket {
  InvocationId invocation = 0;
  InvocationId accepted_by = 0;  // which may be another; 0: by none yet
  bool holds = false;            // its invocation
  bool read = false;             // what arrives
  bool compressed = false;
  bool close_sent = false;
  bool close_received = false;
  v8::Global<v8::Data> frame;      // the continuation data of who accepted it
  v8::Global<v8::Value> receiver;  // whom JS has named to get what arrives
  size_t unsent = 0;               // when its shard told it last
  size_t sent = 0;                 // in `sent_turn`
  uint64_t sent_turn = 0;
};

// One whose invocation is over, and nobody has been told.
struct EndedWebSocket {
  InvocationId accepted_by = 0;
  v8::Global<v8::Value> receiver;
};

struct RunningTimer {
  TimerId id = 0;
  InvocationId invocation = 0;
  bool repeat = false;
  v8::Global<v8::Value> timer;  // JS's own
  v8::Global<v8::Data> frame;
};

// What a service binding names.
struct BoundService {
  std::string worker;
  std::string entrypoint;  // empty: the default export
  std::string props;       // JSON; empty: none
};

// Everything that native code of one isolate may touch: the tables of what runs
// in it, and the outbox of the running turn.
//
// Threads: the one that is in the isolate, or between turns owns it.
class IsolateState {
 public:
  explicit IsolateState(const Engine& engine) : engine_(engine) {}

  const Engine& engine() const { return engine_; }
  // No other isolate has it.
  const uint64_t number = base::RandomNumber();

  // ---- the running turn ----
  Outbox* outbox = nullptr;  // nullptr outside of a turn
  uint64_t turn = 0;         // its number
  double now_ms = 0;         // the turn's time; JS sees no other
  double time_origin_ms = 0;
  RunGuard* guard = nullptr;  // of the thread that is inside
  // The running call has come to a limit: native code that would run on for
  // long gives up, with any error.
  bool CallIsEnding() const {
    return out_of_memory || (guard != nullptr && guard->Dying() != 0);
  }
  // Whose handlers and waitUntil promises have all settled in this call: ended
  // when it returns, so that what the call still reports is in their events.
  std::vector<InvocationId> finished;

  // Count `bytes` that are about to be copied out of the isolate against the
  // memory limit, until the shard has passed them on. An answer, or a piece of
  // one, up to kPassedAtOnce does not wait for its client, and so finds room
  // whatever waits. False beyond the limit: the running call is being ended,
  // and with it the invocation that asked; the caller returns at once.
  static constexpr size_t kPassedAtOnce = 64 * 1024;
  [[nodiscard]] bool ChargeAnswer(js::Scope& scope, size_t bytes);
  [[nodiscard]] bool ChargeFetch(js::Scope& scope, size_t bytes);

  // Whether one turn may ask for one thing more: for what script can ask for
  // again and again, however little each holds. False as above.
  static constexpr size_t kMostEntries = size_t{1} << 18;
  [[nodiscard]] bool ChargeEntry(js::Scope& scope);

  // Appends to the outbox, on behalf of `invocation`.
  // Requires: a turn runs.
  void Ask(InvocationId invocation, OutboxAction action);

  // An empty answer, with the memory of an earlier one where there is any; and
  // Isolate::TakeBack(), which brings those.
  Respond NewAnswer();
  void TakeBack(Outbox& outbox);
  void DropSpareAnswers();
  size_t spare_bytes() const {
    return spare_bytes_ + spare_answers_.capacity() * sizeof(Respond);
  }

  // The invocation that the running JS belongs to, 0 at global scope: the
  // continuation data is its number, or an array of it and of what Node's
  // library keeps there (ops/node/async_binding.h), which script never sees.
  InvocationId Current(js::Scope& scope) const;

  // Requires: `id` is new.
  Invocation& AddInvocation(InvocationId id);
  void RemoveInvocation(InvocationId id);
  // nullptr when it is over.
  Invocation* FindInvocation(InvocationId id);
  ArrivingBody* FindBody(BodyId id);
  RunningFetch* FindFetch(FetchId id);
  RunningSocket* FindSocket(SocketId id);
  RunningWebSocket* FindWebSocket(WebSocketId id);
  // One of the holds on its end is gone.
  void ReleaseHold(InvocationId id);

  // ---- what runs ----
  boost::unordered_flat_map<InvocationId, std::unique_ptr<Invocation>>
      invocations;
  std::unordered_map<BodyId, ArrivingBody> bodies;
  std::unordered_map<FetchId, RunningFetch> fetches;
  // Calls of this very isolate that have arrived in it: what answers which.
  std::unordered_map<FetchId, InvocationId> own_calls;
  std::unordered_map<SocketId, RunningSocket> sockets;
  std::unordered_map<QuestionId, RunningQuestion> questions;
  std::unordered_map<QuestionId, RunningKv> kv_questions;
  std::unordered_map<QuestionId, RunningRateLimit> rate_questions;
  std::unordered_map<WebSocketId, RunningWebSocket> web_sockets;
  std::vector<EndedWebSocket> ended_web_sockets;
  std::unordered_map<TimerNumber, RunningTimer> timers;
  uint32_t timer_starts = 0;
  FetchId last_fetch = 0;  // socket or question: they share numbers

  // ---- the worker ----
  registry::Limits limits;
  registry::Compatibility compatibility;
  MemoryAccount* memory = nullptr;  // of the isolate; outlives this
  bool out_of_memory = false;       // all that runs is being ended
  // Whose copies found no room: it is being ended with the running call.
  std::optional<InvocationId> no_room;
  WasmMemories wasm_memories;
  ModuleMap* modules = nullptr;  // of the isolate, once it loads a Worker
  v8::Global<v8::Function> prepare_stack_trace;  // of Node's library too
  TickQueue ticks;             // of Node's library, once it is used
  PromiseHooks promise_hooks;  // of Node's library too
  std::unique_ptr<js::ClassTable> classes = std::make_unique<js::ClassTable>();
  std::unique_ptr<SyntheticModules> synthetic_modules =
      std::make_unique<SyntheticModules>();
  std::map<std::string, v8::Global<v8::Value>, std::less<>> lazy_exports;
  // What the snapshot's script got and gave, for the lazy modules.
  v8::Global<v8::Object> native;
  v8::Global<v8::Object> dispatch;
  // What the module of WebSockets has told to be called.
  v8::Global<v8::Function> on_web_socket_message;
  v8::Global<v8::Function> on_web_socket_close;
  v8::Global<v8::Function> on_web_socket_over;
  std::vector<BoundService> services;  // by the number that JS has of them
  std::vector<std::shared_ptr<const RateLimit>> rate_limits;  // the same
  v8::Global<v8::Object> env;  // the bindings, made before the modules run

  // The Isolate's implementation, for V8's callbacks, which bring no data.
  template <typename T>
  T* owner() const {
    return static_cast<T*>(owner_);
  }
  void set_owner(void* owner) { owner_ = owner; }

  // Drops all that refers to V8. Requires: the isolate is locked.
  void Clear();

  RandomPool random;
  std::string latin1;  // for the running op, which finds no content in it

  uint32_t* scratch() const { return scratch_; }
  void set_scratch(uint32_t* memory) { scratch_ = memory; }

  // Log lines and exceptions outside of any invocation (start-up).
  registry::LogEvent startup_event;
  LogUse startup_log_use;
  registry::LogEvent& EventOf(InvocationId id);
  LogUse& LogUseOf(InvocationId id);
  // Of all events that gather here.
  size_t log_bytes = 0;

 private:
  bool EndUnless(js::Scope& scope, bool room);

  const Engine& engine_;
  // Over, to be used again: a busy isolate starts thousands a second.
  base::Spares<Invocation> spare_invocations_{64};
  // Enough for what one turn answers to many clients, if it is short.
  static constexpr size_t kMostSpareAnswers = 64;
  static constexpr size_t kMostSpareBytes = size_t{32} << 10;
  std::vector<Respond> spare_answers_;
  size_t spare_bytes_ = 0;  // of what these hold, beside themselves
  void* owner_ = nullptr;
  uint32_t* scratch_ = nullptr;
};

// Keeps the answer to a question that JS waits for: resolves (or rejects with
// an Error) and forgets the resolver.
void Settle(js::Scope& scope, v8::Global<v8::Promise::Resolver>& waiter,
            v8::Local<v8::Value> value);
void Reject(js::Scope& scope, v8::Global<v8::Promise::Resolver>& waiter,
            std::string_view message);

}  // namespace caravel::runtime
