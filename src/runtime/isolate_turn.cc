// An isolate's turns.
//
// A turn has two passes over the inbox. The first only fills buffers (bytes of
// bodies, credit), so that a handler that starts in the second finds a body
// that arrived with its request already whole. Each call into JS in the second
// pass is bracketed by the guard, runs with its invocation as the continuation
// data, and is followed by its microtasks: so CPU time is charged to the
// invocation that spent it, and a termination can take no other's continuations
// with it.
//
// Tests: isolate_test.cc, isolate_bodies_test.cc.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/check.h"
#include "base/codec.h"
#include "runtime/isolate_impl.h"
#include "runtime/js/allocate.h"
#include "runtime/js/convert.h"
#include "runtime/memory_account.h"
#include "runtime/ops/fetch_ops.h"
#include "runtime/ops/kv_binding.h"
#include "runtime/ops/log_ops.h"
#include "runtime/ops/rate_limit_binding.h"
#include "runtime/ops/request_ops.h"
#include "runtime/ops/respond_ops.h"
#include "runtime/ops/service_binding.h"
#include "runtime/ops/socket_binding.h"
#include "runtime/ops/web_socket_binding.h"
#include "runtime/task_queue.h"

namespace caravel::runtime {
namespace {

// Asking V8 for the size of its heap costs as much as a small request: one turn
// in so many asks, and each that took so long.
constexpr uint64_t kTurnsPerMeasure = 64;
constexpr std::chrono::milliseconds kLongTurn{1};
// Bytes of a call's first message that may stay in its head.
constexpr size_t kKeptMessage = 1024;

v8::Local<v8::Value> TakeAsker(js::Scope& scope, RunningFetch& fetch) {
  if (fetch.asker.IsEmpty()) return v8::Undefined(scope.isolate());
  const v8::Local<v8::Value> asker = fetch.asker.Get(scope.isolate());
  fetch.asker.Reset();
  return asker;
}

}  // namespace

uint64_t ThreadCpuMicroseconds() {
  timespec time = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000 +
         static_cast<uint64_t>(time.tv_nsec) / 1000;
}

template <typename F>
void Isolate::Impl::Run(js::Scope& scope, InvocationId id,
                        v8::Local<v8::Data> frame, F call) {
  Invocation* invocation = state_.FindInvocation(id);
  const uint64_t limit_us = uint64_t{state_.limits.cpu_ms} * 1000;
  const uint64_t used_us = invocation == nullptr
                               ? 0
                               : invocation->cpu_us - invocation->cpu_before_us;
  isolate_->SetContinuationPreservedEmbedderDataV2(frame);
  const base::SteadyTime start = last_reading_;
  bool terminated = false;
  state_.guard->Begin(*this, used_us < limit_us ? limit_us - used_us : 1);
  {
    v8::TryCatch caught(isolate_);
    call();
    if (!caught.HasTerminated()) {
      caught.Reset();
      state_.ticks.RunAll(scope);
    }
    terminated = caught.HasTerminated();
  }
  const bool killed = state_.guard->End();
  if (IsBeyondMemory()) state_.out_of_memory = true;
  // One reading is the end of this call and the start of the next.
  last_reading_ = clock_.Steady();
  uint64_t spent_us = static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(last_reading_ -
                                                            start)
          .count());
  // A short call is charged by the wall clock, which costs a few nanoseconds to
  // read. A long one may have waited for the processor: it is charged at most
  // what the thread has used since it was last looked at.
  if (spent_us > 1000) {
    const uint64_t now_us = ThreadCpuMicroseconds();
    if (now_us > last_cpu_us_) {
      spent_us = std::min(spent_us, now_us - last_cpu_us_);
    }
    last_cpu_us_ = now_us;
  }
  invocation = state_.FindInvocation(id);
  if (invocation != nullptr) invocation->cpu_us += spent_us;
  if (terminated || killed || state_.out_of_memory || state_.no_room) {
    OnTerminated(scope, id);
  }
  if (!rejections_.empty()) ReportRejections(scope);
}

void Isolate::Impl::CallHandler(
    js::Scope& scope, Handler handler, InvocationId id,
    v8::Local<v8::Data> frame,
    std::initializer_list<v8::Local<v8::Value>> arguments) {
  Run(scope, id, frame, [&] {
    std::array<v8::Local<v8::Value>, 7> list;
    CARAVEL_CHECK(arguments.size() <= list.size());
    std::copy(arguments.begin(), arguments.end(), list.begin());
    (void)handlers_[handler].Get(isolate_)->Call(
        scope.context(), v8::Undefined(isolate_),
        static_cast<int>(arguments.size()), list.data());
  });
}

void Isolate::Impl::ReportRejections(js::Scope& scope) {
  // Reporting runs JS, which may reject in turn: bounded by the CPU limit.
  std::vector<Rejection> rejections = std::exchange(rejections_, {});
  for (const Rejection& rejection : rejections) {
    if (condemned_) return;
    const v8::HandleScope handles(isolate_);
    CallHandler(
        scope, kOnUnhandledRejection, rejection.invocation,
        FrameOf(rejection.invocation),
        {rejection.promise.Get(isolate_), rejection.reason.Get(isolate_)});
  }
}

void Isolate::Impl::Turn(Inbox& inbox, Outbox& outbox, RunGuard& guard) {
  const v8::Locker locker(isolate_);
  const v8::Isolate::Scope isolate_scope(isolate_);
  const v8::HandleScope handles(isolate_);
  const v8::Context::Scope context_scope(context_.Get(isolate_));
  js::Scope scope(isolate_);
  state_.guard = &guard;
  state_.outbox = &outbox;
  state_.now_ms = base::MillisecondsSinceEpoch(clock_.Wall());
  memory_->BeginTurn(waiting_bytes_);
  const base::SteadyTime begin = last_reading_ = clock_.Steady();

  for (InboxEntry& entry : inbox) Fill(entry);
  for (InboxEntry& entry : inbox) {
    if (condemned_) break;
    const v8::HandleScope entry_handles(isolate_);
    Dispatch(scope, entry);
    EndFinished(scope);
  }
  inbox.clear();
  for (const std::unique_ptr<v8::Task>& task : tasks_->Take()) {
    if (condemned_) break;
    const v8::HandleScope task_handles(isolate_);
    Run(scope, 0, v8::Undefined(isolate_), [&] { task->Run(); });
    EndFinished(scope);
  }
  if (!condemned_ && !state_.invocations.empty()) EndHung(scope);
  state_.outbox = nullptr;
  if (state_.turn++ % kTurnsPerMeasure == 0 ||
      last_reading_ - begin > kLongTurn) {
    MeasureHeap();
  }
  memory_bytes_ = heap_bytes_ + static_cast<size_t>(BytesBesideHeap());
}

void Isolate::Impl::Fill(InboxEntry& entry) {
  if (auto* request = std::get_if<RequestArrived>(&entry)) {
    Invocation& invocation = state_.AddInvocation(request->invocation);
    invocation.head = std::move(request->head);
    invocation.start_ms = state_.now_ms;
    if (!invocation.head->service.empty()) {
      Result<ServiceCall> call =
          base::Decode<ServiceCall>(invocation.head->service);
      CARAVEL_CHECK(call.has_value());  // its shard has read it
      invocation.service = std::make_unique<ServiceCall>(std::move(*call));
      if (invocation.service->asker == state_.number) {
        state_.own_calls[invocation.service->asked_by] = request->invocation;
      }
      // What the session begins with is not kept beside what JS gets of it,
      // unless a second encoding costs more than that.
      if (invocation.service->message.size() > kKeptMessage) {
        std::string message = std::exchange(invocation.service->message, {});
        invocation.head->service = base::Encode(*invocation.service);
        invocation.service->message = std::move(message);
      }
      // Each scheduled event is in the log.
      if (!invocation.service->cron.empty()) invocation.Event();
    }
    if (request->has_body) {
      state_.bodies[request->invocation].invocation = request->invocation;
    }
  } else if (auto* body = std::get_if<BodyArrived>(&entry)) {
    BufferArrived(state_, *body);
  } else if (const auto* failed = std::get_if<BodyFailed>(&entry)) {
    BufferFailed(state_, *failed);
  } else if (const auto* credit = std::get_if<ResponseCredit>(&entry)) {
    AddCredit(state_, *credit);
  } else if (const auto* more = std::get_if<FetchCredit>(&entry)) {
    AddFetchCredit(state_, *more);
  } else if (const auto* refused = std::get_if<FetchBodyRefused>(&entry)) {
    RefuseFetchBody(state_, refused->fetch);
  } else if (const auto* opened = std::get_if<SocketOpened>(&entry)) {
    NoteSocketOpened(state_, *opened);
  } else if (const auto* closed = std::get_if<SocketClosed>(&entry)) {
    NoteSocketClosed(state_, *closed);
  } else if (const auto* taken = std::get_if<SocketCredit>(&entry)) {
    AddSocketCredit(state_, *taken);
  } else if (const auto* unsent = std::get_if<WebSocketUnsent>(&entry)) {
    RunningWebSocket* socket = state_.FindWebSocket(unsent->socket);
    if (socket != nullptr) socket->unsent = unsent->bytes;
  } else if (const auto* answered = std::get_if<FetchAnswered>(&entry)) {
    const RunningFetch* fetch = state_.FindFetch(answered->fetch);
    if (fetch != nullptr && answered->head.status == 101) {
      state_.web_sockets[answered->fetch].invocation = fetch->invocation;
    } else if (fetch != nullptr) {
      state_.bodies[answered->fetch].invocation = fetch->invocation;
    }
  }
}

void Isolate::Impl::Dispatch(js::Scope& scope, InboxEntry& entry) {
  if (auto* request = std::get_if<RequestArrived>(&entry)) {
    OnRequest(scope, *request);
  } else if (const auto* body = std::get_if<BodyArrived>(&entry)) {
    const ArrivingBody* arriving = state_.FindBody(body->body);
    const InvocationId id = arriving != nullptr     ? arriving->invocation
                            : (body->body & 1) != 0 ? body->body
                                                    : 0;
    Run(scope, id, FrameOf(id), [&] { ServeReader(scope, body->body); });
  } else if (const auto* gone = std::get_if<ClientGone>(&entry)) {
    Run(scope, gone->invocation, FrameOf(gone->invocation),
        [&] { TakeClientGone(scope, *gone); });
    const Invocation* left = state_.FindInvocation(gone->invocation);
    if (left != nullptr && !left->signal.IsEmpty()) {
      CallHandler(scope, kOnAbort, gone->invocation, FrameOf(gone->invocation),
                  {left->signal.Get(isolate_)});
    }
  } else if (const auto* timer = std::get_if<TimerFired>(&entry)) {
    OnTimer(scope, timer->timer);
  } else if (const auto* answered = std::get_if<FetchAnswered>(&entry)) {
    OnAnswered(scope, *answered);
  } else if (const auto* failed = std::get_if<FetchFailed>(&entry)) {
    OnFetchFailed(scope, *failed);
  } else if (const auto* credit = std::get_if<ResponseCredit>(&entry)) {
    Run(scope, credit->invocation, FrameOf(credit->invocation),
        [&] { ServeWriter(scope, credit->invocation); });
  } else if (const auto* more = std::get_if<FetchCredit>(&entry)) {
    const RunningFetch* fetch = state_.FindFetch(more->fetch);
    const InvocationId id = fetch == nullptr ? 0 : fetch->invocation;
    Run(scope, id, FrameOf(id), [&] { ServeFetchWriter(scope, more->fetch); });
  } else if (const auto* refused = std::get_if<FetchBodyRefused>(&entry)) {
    const RunningFetch* fetch = state_.FindFetch(refused->fetch);
    const InvocationId id = fetch == nullptr ? 0 : fetch->invocation;
    Run(scope, id, FrameOf(id),
        [&] { ServeFetchWriter(scope, refused->fetch); });
  } else if (const auto* opened = std::get_if<SocketOpened>(&entry)) {
    OnSocket(scope, opened->socket);
  } else if (const auto* closed = std::get_if<SocketClosed>(&entry)) {
    OnSocket(scope, closed->socket);
  } else if (const auto* taken = std::get_if<SocketCredit>(&entry)) {
    OnSocket(scope, taken->socket);
  } else if (const auto* name = std::get_if<NameAnswered>(&entry)) {
    const auto question = state_.questions.find(name->question);
    if (question == state_.questions.end()) return;
    const InvocationId id = question->second.invocation;
    Run(scope, id, FrameOf(id), [&] { ServeQuestion(scope, *name); });
  } else if (const auto* kv = std::get_if<KvAnswered>(&entry)) {
    const auto question = state_.kv_questions.find(kv->question);
    if (question == state_.kv_questions.end()) return;
    const InvocationId id = question->second.invocation;
    Run(scope, id, FrameOf(id), [&] { ServeKv(scope, *kv); });
  } else if (const auto* limited = std::get_if<RateLimited>(&entry)) {
    const auto question = state_.rate_questions.find(limited->question);
    if (question == state_.rate_questions.end()) return;
    const InvocationId id = question->second.invocation;
    Run(scope, id, FrameOf(id), [&] { ServeRateLimit(scope, *limited); });
  } else if (const auto* message = std::get_if<WebSocketMessage>(&entry)) {
    OnWebSocket(scope, message->socket, /*is_message=*/true,
                [&] { TakeWebSocketMessage(scope, *message); });
  } else if (const auto* end = std::get_if<WebSocketClosed>(&entry)) {
    OnWebSocket(scope, end->socket, /*is_message=*/false,
                [&] { TakeWebSocketClosed(scope, *end); });
  } else if (const auto* broken = std::get_if<BodyFailed>(&entry)) {
    const RunningSocket* socket = state_.FindSocket(broken->body);
    const InvocationId id = (broken->body & 1) != 0 ? broken->body
                            : socket != nullptr     ? socket->invocation
                                                    : 0;
    Run(scope, id, FrameOf(id), [&] { ServeReader(scope, broken->body); });
  }
}

template <typename F>
void Isolate::Impl::OnWebSocket(js::Scope& scope, WebSocketId id,
                                bool is_message, F call) {
  const RunningWebSocket* socket = state_.FindWebSocket(id);
  if (socket == nullptr) return;
  const InvocationId invocation = socket->invocation;
  Invocation* running = state_.FindInvocation(invocation);
  if (is_message && running != nullptr) {
    running->cpu_before_us = running->cpu_us;
  }
  Run(scope, invocation,
      socket->frame.IsEmpty() ? FrameOf(invocation)
                              : socket->frame.Get(isolate_),
      call);
}

v8::Local<v8::String> Isolate::Impl::MethodName(js::Scope& scope,
                                                std::string_view method) {
  if (method != method_ || method_name_.IsEmpty()) {
    method_ = method;
    method_name_.Reset(isolate_, scope.Name(method));
  }
  return method_name_.Get(isolate_);
}

void Isolate::Impl::OnRequest(js::Scope& scope, RequestArrived& request) {
  const Invocation* invocation = state_.FindInvocation(request.invocation);
  if (invocation == nullptr) return;
  if (invocation->service != nullptr) return OnService(scope, request);
  CallHandler(
      scope, kOnFetch, request.invocation, FrameOf(request.invocation),
      {v8::Integer::New(isolate_, request.invocation),
       MethodName(scope, invocation->head->method),
       v8::Integer::New(isolate_, request.has_body ? request.invocation : 0)});
}

void Isolate::Impl::OnService(js::Scope& scope, RequestArrived& request) {
  const Invocation& invocation = *state_.FindInvocation(request.invocation);
  ServiceCall& call = *invocation.service;
  if (!call.cron.empty()) {
    return CallHandler(scope, kOnScheduled, request.invocation,
                       FrameOf(request.invocation),
                       {v8::Integer::New(isolate_, request.invocation),
                        js::NewString(scope, call.cron),
                        v8::Number::New(isolate_, call.scheduled_ms)});
  }
  v8::Local<v8::Value> message = v8::Undefined(isolate_);
  v8::Local<v8::ArrayBuffer> buffer;
  if (call.rpc && js::NewBuffer(scope, call.message).ToLocal(&buffer)) {
    message = buffer;
    // One byte says to WaitsInVain() that the session began with a message.
    call.message = call.message.substr(0, 1);
  }
  v8::Local<v8::Value> address = v8::Undefined(isolate_);
  if (!call.connect.empty()) address = js::NewString(scope, call.connect);
  CallHandler(
      scope, kOnService, request.invocation, FrameOf(request.invocation),
      {v8::Integer::New(isolate_, request.invocation),
       MethodName(scope, invocation.head->method),
       v8::Integer::New(isolate_, request.has_body ? request.invocation : 0),
       js::NewString(scope, call.entrypoint), ReadProps(scope, call.props),
       message, address});
}

void Isolate::Impl::OnTimer(js::Scope& scope, TimerId id) {
  const auto found = state_.timers.find(static_cast<TimerNumber>(id));
  if (found == state_.timers.end() || found->second.id != id) return;
  const InvocationId invocation = found->second.invocation;
  const v8::Local<v8::Data> frame = found->second.frame.IsEmpty()
                                        ? FrameOf(invocation)
                                        : found->second.frame.Get(isolate_);
  const v8::Local<v8::Value> timer = found->second.timer.Get(isolate_);
  if (!found->second.repeat) state_.timers.erase(found);
  CallHandler(scope, kOnTimer, invocation, frame, {timer});
}

void Isolate::Impl::OnAnswered(js::Scope& scope,
                               const FetchAnswered& answered) {
  RunningFetch* fetch = state_.FindFetch(answered.fetch);
  if (fetch == nullptr) return;
  fetch->answered = true;
  const InvocationId invocation = fetch->invocation;
  const v8::Local<v8::Value> asker = TakeAsker(scope, *fetch);
  const v8::Local<v8::Data> frame =
      fetch->frame.IsEmpty() ? FrameOf(invocation) : fetch->frame.Get(isolate_);
  const net::Headers& headers = answered.head.headers;
  v8::LocalVector<v8::Value> flat(isolate_);
  for (size_t i = 0; i < headers.size(); ++i) {
    std::string name(headers[i].name);
    for (char& c : name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    }
    flat.push_back(scope.Name(name));
    flat.push_back(js::NewOneByteString(scope, headers[i].value));
  }
  const BodyId body = answered.head.status == 101 ? 0 : answered.fetch;
  // Framing is kept apart from the headers, but script may ask for the length.
  if (answered.head.body_size >= 0 && answered.head.status != 204) {
    flat.push_back(scope.Name("content-length"));
    flat.push_back(
        js::NewOneByteString(scope, std::to_string(answered.head.body_size)));
  }
  CallHandler(scope, kOnFetchHead, invocation, frame,
              {asker, v8::Integer::New(isolate_, answered.head.status),
               js::NewOneByteString(scope, answered.head.reason),
               v8::Array::New(isolate_, flat.data(), flat.size()),
               v8::Integer::New(isolate_, body)});
}

void Isolate::Impl::OnFetchFailed(js::Scope& scope, const FetchFailed& failed) {
  RunningFetch* fetch = state_.FindFetch(failed.fetch);
  if (fetch == nullptr) return;
  const InvocationId invocation = fetch->invocation;
  const bool answered = fetch->answered;
  const v8::Local<v8::Data> frame =
      fetch->frame.IsEmpty() ? FrameOf(invocation) : fetch->frame.Get(isolate_);
  if (answered) {
    BufferFailed(state_, {failed.fetch, failed.why});
    Run(scope, invocation, frame, [&] { ServeReader(scope, failed.fetch); });
    return;
  }
  const v8::Local<v8::Value> asker = TakeAsker(scope, *fetch);
  v8::Global<v8::Promise::Resolver> writer = std::move(fetch->write_waiter);
  Reject(scope, writer, failed.why);
  state_.fetches.erase(failed.fetch);
  state_.bodies.erase(failed.fetch);
  CallHandler(scope, kOnFetchError, invocation, frame,
              {asker, js::NewString(scope, failed.why)});
}

void Isolate::Impl::OnSocket(js::Scope& scope, SocketId id) {
  const RunningSocket* socket = state_.FindSocket(id);
  if (socket == nullptr) return;
  const InvocationId invocation = socket->invocation;
  Run(scope, invocation, FrameOf(invocation), [&] { ServeSocket(scope, id); });
}

// What was called by RPC, and has neither answered nor asked its caller
// anything, gets nothing from that but calls on the answer.
bool Isolate::Impl::WaitsInVain(BodyId body) const {
  const auto found = state_.invocations.find(body);
  if (found == state_.invocations.end()) return false;
  const Invocation& called = *found->second;
  return called.service != nullptr && called.service->rpc && !called.answered &&
         !called.service->message.empty();
}

// What waits for a call of this isolate's own, which has neither answered nor
// ended, waits for nothing that is not here.
bool Isolate::Impl::WaitsForOwnCall(FetchId id) const {
  const auto call = state_.own_calls.find(id);
  if (call == state_.own_calls.end()) return false;
  const auto called = state_.invocations.find(call->second);
  return called != state_.invocations.end() && !called->second->answered;
}

bool Isolate::Impl::NothingPending() const {
  if (!state_.timers.empty() || !state_.questions.empty() ||
      !state_.kv_questions.empty() || !state_.rate_questions.empty() ||
      !state_.web_sockets.empty()) {
    return false;
  }
  for (const auto& [id, socket] : state_.sockets) {
    if (!socket.over) return false;
  }
  for (const auto& [id, fetch] : state_.fetches) {
    if (!fetch.write_waiter.IsEmpty()) return false;
    if (!fetch.answered && !WaitsForOwnCall(id)) return false;
  }
  for (const auto& [id, body] : state_.bodies) {
    if (!body.reader.IsEmpty() && !WaitsInVain(id)) return false;
  }
  for (const auto& [id, invocation] : state_.invocations) {
    if (!invocation->write_waiter.IsEmpty()) return false;
  }
  return true;
}

void Isolate::Impl::EndFinished(js::Scope& scope) {
  while (true) {
    // Ending runs no JS, so nothing is added meanwhile.
    for (const InvocationId id : state_.finished) {
      EndInvocation(scope, id, "ok", 0);
    }
    state_.finished.clear();
    if (state_.ended_web_sockets.empty()) return;
    TellEndedWebSockets(scope);
  }
}

// Each in a call of its own, by which other invocations may end in turn.
void Isolate::Impl::TellEndedWebSockets(js::Scope& scope) {
  const std::vector<EndedWebSocket> told =
      std::exchange(state_.ended_web_sockets, {});
  for (const EndedWebSocket& ended : told) {
    if (condemned_) return;
    const v8::HandleScope handles(isolate_);
    const bool heard = state_.FindInvocation(ended.accepted_by) != nullptr;
    const InvocationId id = heard ? ended.accepted_by : 0;
    Run(scope, id, FrameOf(id),
        [&] { TellWebSocketEnded(scope, ended, heard); });
  }
}

void Isolate::Impl::EndHung(js::Scope& scope) {
  // Nothing that could make JS go on is under way, in any invocation: what has
  // not ended by now never will.
  if (!NothingPending()) return;
  std::vector<InvocationId> hung;
  for (const auto& [id, invocation] : state_.invocations) hung.push_back(id);
  std::sort(hung.begin(), hung.end());
  for (const InvocationId id : hung) {
    Invocation& invocation = *state_.invocations.at(id);
    if (invocation.answered && !invocation.answer_open) {
      EndInvocation(scope, id, "ok", 0);
      continue;
    }
    invocation.Event().exceptions.push_back(
        {"Error",
         "The Workers runtime canceled this request because it detected that "
         "your Worker's code had hung and would never generate a response.",
         "", state_.now_ms});
    EndInvocation(scope, id, "exception", 1101);
  }
}
}  // namespace caravel::runtime
