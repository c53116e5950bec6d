// An isolate's life: made from the snapshot, given to a Worker, run in turns.
//
// A turn has two passes over the inbox. The first only fills buffers (bytes of
// bodies, credit), so that a handler that starts in the second finds a body
// that arrived with its request already whole. Each call into JS in the second
// pass is bracketed by the guard, runs with its invocation as the continuation
// data, and is followed by its microtasks: so CPU time is charged to the
// invocation that spent it, and a termination can take no other's continuations
// with it.
#include "runtime/isolate.h"

#include <node.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/engine.h"
#include "runtime/isolate_state.h"
#include "runtime/js/convert.h"
#include "runtime/memory_account.h"
#include "runtime/module_map.h"
#include "runtime/native_ops.h"
#include "runtime/ops/fetch_ops.h"
#include "runtime/ops/header_list.h"
#include "runtime/ops/request_ops.h"
#include "runtime/ops/respond_ops.h"
#include "runtime/snapshot_builder.h"
#include "runtime/task_queue.h"
#include "runtime/worker_start.h"

namespace caravel::runtime {
namespace {

// What V8 may use beyond its limit while it unwinds from it.
constexpr size_t kUnwindReserve = 64 << 20;
// The young generation: small, since most isolates handle few requests.
constexpr size_t kMaxYoungBytes = 8 << 20;

// Asking V8 for the size of its heap costs as much as a small request.
constexpr uint64_t kTurnsPerMeasure = 64;

double MillisecondsSinceEpoch(const base::Clock& clock) {
  return std::chrono::duration<double, std::milli>(
             clock.Wall().time_since_epoch())
      .count();
}

uint64_t ThreadCpuMicroseconds() {
  timespec time = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000 +
         static_cast<uint64_t>(time.tv_nsec) / 1000;
}

bool RefuseWasmFromBytes(v8::Local<v8::Context>, v8::Local<v8::String>) {
  return false;
}

}  // namespace

class Isolate::Impl final : private RunGuard::Subject {
 public:
  Impl(const Engine& engine, const base::Clock& clock);
  ~Impl() override;

  Loaded Load(std::shared_ptr<const registry::Bundle> bundle,
              const registry::Version& version, std::string_view code_cache,
              RunGuard& guard);
  std::string CodeCache();
  void Turn(Inbox& inbox, Outbox& outbox, RunGuard& guard);

  void SetWake(std::function<void()> wake) { tasks_->SetWake(std::move(wake)); }
  bool condemned() const { return condemned_; }
  size_t running() const { return state_.invocations.size(); }
  size_t memory_bytes() const { return memory_bytes_; }
  void SetWaitingBytes(size_t bytes) { waiting_bytes_ = bytes; }

 private:
  void Terminate() override { isolate_->TerminateExecution(); }

  enum Handler {
    kOnFetch,
    kOnAbort,
    kOnTimer,
    kOnFetchHead,
    kOnFetchError,
    kOnUnhandledRejection,
    kOnHandledLater,
    kHandlerCount
  };
  static constexpr std::array<const char*, kHandlerCount> kHandlerNames = {
      "onFetch",       "onAbort",      "onTimer",
      "onFetchHead",   "onFetchError", "onUnhandledRejection",
      "onHandledLater"};

  void EnterContext();
  // Runs `call`, which enters JS, on behalf of `id`; afterwards its microtasks.
  template <typename F>
  void Run(js::Scope& scope, InvocationId id, v8::Local<v8::Data> frame,
           F call);
  void CallHandler(js::Scope& scope, Handler handler, InvocationId id,
                   v8::Local<v8::Data> frame,
                   std::initializer_list<v8::Local<v8::Value>> arguments);
  void OnTerminated(js::Scope& scope, InvocationId id);
  void ReportRejections(js::Scope& scope);
  void EndFinished(js::Scope& scope);
  void EndHung(js::Scope& scope);
  bool NothingPending() const;
  v8::Local<v8::Data> FrameOf(InvocationId id) {
    return v8::Integer::New(isolate_, id);
  }

  void Fill(InboxEntry& entry);
  void Dispatch(js::Scope& scope, InboxEntry& entry);
  v8::Local<v8::String> MethodName(js::Scope& scope, std::string_view method);
  void OnRequest(js::Scope& scope, RequestArrived& request);
  void OnTimer(js::Scope& scope, TimerId id);
  void OnAnswered(js::Scope& scope, const FetchAnswered& answered);
  void OnFetchFailed(js::Scope& scope, const FetchFailed& failed);

  static size_t NearHeapLimit(void* self, size_t current, size_t initial);
  static void PromiseRejected(v8::PromiseRejectMessage message);
  static v8::MaybeLocal<v8::Promise> ImportDynamically(
      v8::Local<v8::Context> context, v8::Local<v8::Data> options,
      v8::Local<v8::Value> resource, v8::Local<v8::String> specifier,
      v8::Local<v8::FixedArray> attributes);

  const Engine& engine_;
  const base::Clock& clock_;
  std::shared_ptr<MemoryAccount> memory_;
  std::shared_ptr<TaskQueue> tasks_;
  IsolateState state_;
  RunGuard* guard_ = nullptr;  // of the thread that is inside
  v8::Isolate* isolate_;       // owned: disposed of by the platform
  v8::Global<v8::Context> context_;
  std::array<v8::Global<v8::Function>, kHandlerCount> handlers_;
  v8::Global<v8::Uint32Array> scratch_;
  std::unique_ptr<ModuleMap> modules_;
  struct Rejection {
    v8::Global<v8::Promise> promise;
    v8::Global<v8::Value> reason;
    InvocationId invocation;
  };
  std::vector<Rejection> rejections_;
  bool condemned_ = false;
  size_t waiting_bytes_ = 0;
  size_t memory_bytes_ = 0;
  size_t heap_bytes_ = 0;
  uint64_t turns_ = 0;
  uint64_t last_cpu_us_ = 0;
  base::SteadyTime last_reading_;  // of the clock, in this turn
  // The name of the method that the last request had, as most have the same.
  std::string method_;
  v8::Global<v8::String> method_name_;
};

Isolate::Impl::Impl(const Engine& engine, const base::Clock& clock)
    : engine_(engine),
      clock_(clock),
      memory_(std::make_shared<MemoryAccount>(registry::Limits().memory_bytes)),
      tasks_(std::make_shared<TaskQueue>()),
      state_(engine) {
  isolate_ = v8::Isolate::Allocate();
  engine.platform().RegisterIsolate(isolate_, tasks_.get());
  v8::Isolate::CreateParams params;
  params.snapshot_blob = &engine.snapshot();
  params.external_references = ExternalReferences().data();
  params.array_buffer_allocator_shared = memory_;
  // A waiting thread would hold its shard, and uses no CPU time to be ended by.
  params.allow_atomics_wait = false;
  params.constraints.set_max_old_generation_size_in_bytes(
      registry::Limits().memory_bytes);
  params.constraints.set_max_young_generation_size_in_bytes(kMaxYoungBytes);
  v8::Isolate::Initialize(isolate_, params);
  state_.set_owner(this);
  state_.memory = memory_.get();
  isolate_->SetData(js::Scope::kStateSlot, &state_);
  isolate_->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
  isolate_->SetPromiseRejectCallback(&PromiseRejected);
  isolate_->SetHostImportModuleDynamicallyCallback(&ImportDynamically);
  isolate_->SetAllowWasmCodeGenerationCallback(&RefuseWasmFromBytes);
  isolate_->AddNearHeapLimitCallback(&NearHeapLimit, this);
  EnterContext();
}

void Isolate::Impl::EnterContext() {
  const v8::Locker locker(isolate_);
  const v8::Isolate::Scope isolate_scope(isolate_);
  const v8::HandleScope handles(isolate_);
  const auto context = v8::Context::New(isolate_);
  const v8::Context::Scope context_scope(context);
  context->AllowCodeGenerationFromStrings(false);
  context_.Reset(isolate_, context);
  js::Scope scope(isolate_);

  const auto dispatch =
      context->GetDataFromSnapshotOnce<v8::Object>(kDispatchObject)
          .ToLocalChecked();
  const auto native =
      context->GetDataFromSnapshotOnce<v8::Object>(kNativeObject)
          .ToLocalChecked();
  state_.dispatch.Reset(isolate_, dispatch);
  state_.native.Reset(isolate_, native);
  for (size_t i = 0; i < kHandlerCount; ++i) {
    handlers_[i].Reset(isolate_,
                       dispatch->Get(context, scope.Name(kHandlerNames[i]))
                           .ToLocalChecked()
                           .As<v8::Function>());
  }
  const auto scratch = native->Get(context, scope.Name("scratch"))
                           .ToLocalChecked()
                           .As<v8::Uint32Array>();
  scratch_.Reset(isolate_, scratch);
  state_.set_scratch(static_cast<uint32_t*>(scratch->Buffer()->Data()) +
                     scratch->ByteOffset() / sizeof(uint32_t));
  state_.time_origin_ms = state_.now_ms = MillisecondsSinceEpoch(clock_);
}

Isolate::Impl::~Impl() {
  {
    const v8::Locker locker(isolate_);
    const v8::Isolate::Scope isolate_scope(isolate_);
    const v8::HandleScope handles(isolate_);
    isolate_->RemoveNearHeapLimitCallback(&NearHeapLimit, 0);
    tasks_->SetWake({});
    tasks_->Take();
    rejections_.clear();
    modules_.reset();
    state_.Clear();
    scratch_.Reset();
    method_name_.Reset();
    for (auto& handler : handlers_) handler.Reset();
    context_.Reset();
  }
  engine_.platform().DisposeIsolate(isolate_);
}

size_t Isolate::Impl::NearHeapLimit(void* self, size_t current, size_t) {
  auto* impl = static_cast<Impl*>(self);
  impl->state_.out_of_memory = true;
  impl->isolate_->TerminateExecution();
  return current + kUnwindReserve;
}

void Isolate::Impl::PromiseRejected(v8::PromiseRejectMessage message) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  js::Scope scope(isolate);
  auto* impl = scope.state().owner<Impl>();
  if (message.GetEvent() == v8::kPromiseRejectWithNoHandler) {
    impl->rejections_.push_back(
        {v8::Global<v8::Promise>(isolate, message.GetPromise()),
         v8::Global<v8::Value>(isolate, message.GetValue()),
         scope.state().Current(scope)});
    return;
  }
  if (message.GetEvent() != v8::kPromiseHandlerAddedAfterReject) return;
  auto& rejections = impl->rejections_;
  const auto known = std::find_if(
      rejections.begin(), rejections.end(),
      [&](const Rejection& r) { return r.promise == message.GetPromise(); });
  if (known != rejections.end()) rejections.erase(known);
}

v8::MaybeLocal<v8::Promise> Isolate::Impl::ImportDynamically(
    v8::Local<v8::Context>, v8::Local<v8::Data>, v8::Local<v8::Value> resource,
    v8::Local<v8::String> specifier, v8::Local<v8::FixedArray>) {
  js::Scope scope(v8::Isolate::GetCurrent());
  ModuleMap* modules = scope.state().modules;
  CARAVEL_CHECK(modules != nullptr);
  return modules->Import(
      scope, specifier,
      resource->IsString() ? js::ToUtf8(scope, resource.As<v8::String>()) : "");
}

template <typename F>
void Isolate::Impl::Run(js::Scope& scope, InvocationId id,
                        v8::Local<v8::Data> frame, F call) {
  Invocation* invocation = state_.FindInvocation(id);
  const uint64_t limit_us = uint64_t{state_.limits.cpu_ms} * 1000;
  const uint64_t used_us = invocation == nullptr ? 0 : invocation->cpu_us;
  isolate_->SetContinuationPreservedEmbedderDataV2(frame);
  const base::SteadyTime start = last_reading_;
  bool terminated = false;
  guard_->Begin(*this, used_us < limit_us ? limit_us - used_us : 1);
  {
    v8::TryCatch caught(isolate_);
    call();
    if (!caught.HasTerminated()) {
      caught.Reset();
      scope.context()->GetMicrotaskQueue()->PerformCheckpoint(isolate_);
    }
    terminated = caught.HasTerminated();
  }
  const bool killed = guard_->End();
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
  if (terminated || killed || state_.out_of_memory) OnTerminated(scope, id);
  if (!rejections_.empty()) ReportRejections(scope);
}

void Isolate::Impl::OnTerminated(js::Scope& scope, InvocationId id) {
  isolate_->CancelTerminateExecution();
  isolate_->SetContinuationPreservedEmbedderDataV2(v8::Undefined(isolate_));
  rejections_.clear();
  if (!state_.out_of_memory) {
    EndInvocation(scope, id, "exceededCpu", 1102);
    return;
  }
  // The heap is everybody's: whoever ran when it overflowed need not be the one
  // who filled it. All end, and the isolate goes.
  condemned_ = true;
  std::vector<InvocationId> all;
  for (const auto& [running, unused] : state_.invocations)
    all.push_back(running);
  std::sort(all.begin(), all.end());
  for (const InvocationId running : all) {
    EndInvocation(scope, running, "exceededMemory", 1102);
  }
}

void Isolate::Impl::CallHandler(
    js::Scope& scope, Handler handler, InvocationId id,
    v8::Local<v8::Data> frame,
    std::initializer_list<v8::Local<v8::Value>> arguments) {
  Run(scope, id, frame, [&] {
    std::array<v8::Local<v8::Value>, 6> list;
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
  guard_ = &guard;
  state_.outbox = &outbox;
  state_.now_ms = MillisecondsSinceEpoch(clock_);
  memory_->SetOutside(waiting_bytes_ + state_.log_bytes);
  last_reading_ = clock_.Steady();

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
  if (turns_++ % kTurnsPerMeasure == 0) {
    v8::HeapStatistics statistics;
    isolate_->GetHeapStatistics(&statistics);
    heap_bytes_ = statistics.total_heap_size();
  }
  memory_bytes_ = heap_bytes_ + memory_->used();
}

void Isolate::Impl::Fill(InboxEntry& entry) {
  if (auto* request = std::get_if<RequestArrived>(&entry)) {
    Invocation& invocation = state_.AddInvocation(request->invocation);
    invocation.head = std::move(request->head);
    invocation.start_ms = state_.now_ms;
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
  } else if (const auto* answered = std::get_if<FetchAnswered>(&entry)) {
    const RunningFetch* fetch = state_.FindFetch(answered->fetch);
    if (fetch != nullptr) {
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
    if (state_.FindInvocation(gone->invocation) != nullptr) {
      CallHandler(scope, kOnAbort, gone->invocation, FrameOf(gone->invocation),
                  {v8::Integer::New(isolate_, gone->invocation)});
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
  } else if (const auto* broken = std::get_if<BodyFailed>(&entry)) {
    const InvocationId id = (broken->body & 1) != 0 ? broken->body : 0;
    Run(scope, id, FrameOf(id), [&] { ServeReader(scope, broken->body); });
  }
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
  CallHandler(
      scope, kOnFetch, request.invocation, FrameOf(request.invocation),
      {v8::Integer::New(isolate_, request.invocation),
       MethodName(scope, invocation->head->method),
       v8::Integer::New(isolate_, request.has_body ? request.invocation : 0)});
}

void Isolate::Impl::OnTimer(js::Scope& scope, TimerId id) {
  const auto found = state_.timers.find(id);
  if (found == state_.timers.end()) return;
  const InvocationId invocation = found->second.invocation;
  const v8::Local<v8::Data> frame = found->second.frame.IsEmpty()
                                        ? FrameOf(invocation)
                                        : found->second.frame.Get(isolate_);
  if (!found->second.repeat) state_.timers.erase(found);
  CallHandler(scope, kOnTimer, invocation, frame,
              {v8::Integer::New(isolate_, id)});
}

void Isolate::Impl::OnAnswered(js::Scope& scope,
                               const FetchAnswered& answered) {
  RunningFetch* fetch = state_.FindFetch(answered.fetch);
  if (fetch == nullptr) return;
  fetch->answered = true;
  const InvocationId invocation = fetch->invocation;
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
  // Framing is kept apart from the headers, but script may ask for the length.
  if (answered.head.body_size >= 0 && answered.head.status != 204) {
    flat.push_back(scope.Name("content-length"));
    flat.push_back(
        js::NewOneByteString(scope, std::to_string(answered.head.body_size)));
  }
  CallHandler(scope, kOnFetchHead, invocation, frame,
              {v8::Integer::New(isolate_, answered.fetch),
               v8::Integer::New(isolate_, answered.head.status),
               js::NewOneByteString(scope, answered.head.reason),
               v8::Array::New(isolate_, flat.data(), flat.size()),
               v8::Integer::New(isolate_, answered.fetch)});
}

void Isolate::Impl::OnFetchFailed(js::Scope& scope, const FetchFailed& failed) {
  const RunningFetch* fetch = state_.FindFetch(failed.fetch);
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
  v8::Global<v8::Promise::Resolver> writer =
      std::move(state_.fetches.at(failed.fetch).write_waiter);
  Reject(scope, writer, failed.why);
  state_.fetches.erase(failed.fetch);
  state_.bodies.erase(failed.fetch);
  CallHandler(scope, kOnFetchError, invocation, frame,
              {v8::Integer::New(isolate_, failed.fetch),
               js::NewString(scope, failed.why)});
}

bool Isolate::Impl::NothingPending() const {
  if (!state_.timers.empty()) return false;
  for (const auto& [id, fetch] : state_.fetches) {
    if (!fetch.answered || !fetch.write_waiter.IsEmpty()) return false;
  }
  for (const auto& [id, body] : state_.bodies) {
    if (!body.reader.IsEmpty()) return false;
  }
  for (const auto& [id, invocation] : state_.invocations) {
    if (!invocation->write_waiter.IsEmpty()) return false;
  }
  return true;
}

void Isolate::Impl::EndFinished(js::Scope& scope) {
  // Ending runs no JS, so nothing is added meanwhile.
  for (const InvocationId id : state_.finished) {
    EndInvocation(scope, id, "ok", 0);
  }
  state_.finished.clear();
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

Loaded Isolate::Impl::Load(std::shared_ptr<const registry::Bundle> bundle,
                           const registry::Version& version,
                           std::string_view code_cache, RunGuard& guard) {
  const v8::Locker locker(isolate_);
  const v8::Isolate::Scope isolate_scope(isolate_);
  const v8::HandleScope handles(isolate_);
  const v8::Context::Scope context_scope(context_.Get(isolate_));
  js::Scope scope(isolate_);
  CARAVEL_CHECK(modules_ == nullptr);
  modules_ = std::make_unique<ModuleMap>(std::move(bundle), code_cache);
  state_.modules = modules_.get();
  state_.limits = version.limits;
  memory_->set_limit(version.limits.memory_bytes);
  state_.now_ms = state_.time_origin_ms = MillisecondsSinceEpoch(clock_);
  Outbox nobody;
  state_.outbox = &nobody;

  const uint64_t start_us = ThreadCpuMicroseconds();
  isolate_->SetContinuationPreservedEmbedderDataV2(FrameOf(0));
  guard_ = &guard;
  guard_->Begin(*this, static_cast<uint64_t>(
                           std::chrono::microseconds(kStartupLimit).count()));
  Loaded loaded = StartWorker(scope, *modules_, version, state_.out_of_memory);
  if (guard_->End() || state_.out_of_memory) {
    isolate_->CancelTerminateExecution();
    if (loaded.error.empty()) {
      loaded.error = "Script startup exceeded CPU time limit";
    }
  }
  loaded.startup_us = ThreadCpuMicroseconds() - start_us;
  rejections_.clear();
  state_.outbox = nullptr;
  return loaded;
}

std::string Isolate::Impl::CodeCache() {
  const v8::Locker locker(isolate_);
  const v8::Isolate::Scope isolate_scope(isolate_);
  const v8::HandleScope handles(isolate_);
  const v8::Context::Scope context_scope(context_.Get(isolate_));
  js::Scope scope(isolate_);
  return modules_->MakeCodeCache(scope);
}

Isolate::Isolate(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Isolate::~Isolate() = default;

std::unique_ptr<Isolate> Isolate::Create(const Engine& engine,
                                         const base::Clock& clock) {
  return std::unique_ptr<Isolate>(
      new Isolate(std::make_unique<Impl>(engine, clock)));
}

void Isolate::SetWake(std::function<void()> wake) {
  impl_->SetWake(std::move(wake));
}
Loaded Isolate::Load(std::shared_ptr<const registry::Bundle> bundle,
                     const registry::Version& version,
                     std::string_view code_cache, RunGuard& guard) {
  return impl_->Load(std::move(bundle), version, code_cache, guard);
}
std::string Isolate::CodeCache() { return impl_->CodeCache(); }
void Isolate::Turn(Inbox& inbox, Outbox& outbox, RunGuard& guard) {
  impl_->Turn(inbox, outbox, guard);
}
bool Isolate::condemned() const { return impl_->condemned(); }
size_t Isolate::running() const { return impl_->running(); }
void Isolate::SetWaitingBytes(size_t bytes) { impl_->SetWaitingBytes(bytes); }
size_t Isolate::memory_bytes() const { return impl_->memory_bytes(); }

}  // namespace caravel::runtime
