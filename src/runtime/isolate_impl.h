#pragma once

#include <v8.h>

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/isolate.h"
#include "runtime/isolate_state.h"

namespace caravel::runtime {

class MemoryAccount;
class TaskQueue;

// An isolate behind its interface. Its life (made, given to a Worker, disposed
// of) is in isolate.cc, its turns are in isolate_turn.cc, and
// what its limits end in isolate_limits.cc.
class Isolate::Impl final : private RunGuard::Subject {
 public:
  Impl(const Engine& engine, const base::Clock& clock);
  ~Impl() override;

  Loaded Load(std::shared_ptr<const registry::Bundle> bundle,
              const registry::Version& version, std::string_view code_cache,
              RunGuard& guard);
  std::string CodeCache();
  void Turn(Inbox& inbox, Outbox& outbox, RunGuard& guard);
  void TakeBack(Outbox& outbox) { state_.TakeBack(outbox); }

  void Shrink();

  void SetWake(std::function<void()> wake);
  bool condemned() const { return condemned_; }
  size_t running() const { return state_.invocations.size(); }
  size_t memory_bytes() const { return memory_bytes_ + state_.spare_bytes(); }
  void SetWaitingBytes(size_t bytes) { waiting_bytes_ = bytes; }

 private:
  void Terminate() override { isolate_->TerminateExecution(); }
  void Examine() override;
  registry::VersionId Version() const override { return version_; }

  enum Handler {
    kOnFetch,
    kOnService,
    kOnScheduled,
    kOnAbort,
    kOnTimer,
    kOnFetchHead,
    kOnFetchError,
    kOnUnhandledRejection,
    kOnHandledLater,
    kHandlerCount
  };
  static constexpr std::array<const char*, kHandlerCount> kHandlerNames = {
      "onFetch",       "onService",   "onScheduled",  "onAbort",
      "onTimer",       "onFetchHead", "onFetchError", "onUnhandledRejection",
      "onHandledLater"};

  void EnterContext();
  // Of buffers and of memories of WebAssembly, as far as they are not garbage
  // that V8 has seen.
  int64_t BytesBesideHeap();
  bool IsBeyondMemory();
  void MeasureHeap();
  bool IsHeapBeyondLimit();
  // Ends the running call when the heap holds more than the limit.
  void ExamineHeap();
  // Runs `call`, which enters JS, on behalf of `id`; afterwards its microtasks.
  template <typename F>
  void Run(js::Scope& scope, InvocationId id, v8::Local<v8::Data> frame,
           F call);
  void CallHandler(js::Scope& scope, Handler handler, InvocationId id,
                   v8::Local<v8::Data> frame,
                   std::initializer_list<v8::Local<v8::Value>> arguments);
  void OnTerminated(js::Scope& scope, InvocationId id);
  void EndAllForInterruption(js::Scope& scope);
  std::vector<InvocationId> RunningInOrder() const;
  void ReportRejections(js::Scope& scope);
  void EndFinished(js::Scope& scope);
  void TellEndedWebSockets(js::Scope& scope);
  void EndHung(js::Scope& scope);
  bool NothingPending() const;
  bool WaitsInVain(BodyId body) const;
  bool WaitsForOwnCall(FetchId id) const;
  v8::Local<v8::Data> FrameOf(InvocationId id) {
    return v8::Integer::New(isolate_, id);
  }

  void Fill(InboxEntry& entry);
  void Dispatch(js::Scope& scope, InboxEntry& entry);
  v8::Local<v8::String> MethodName(js::Scope& scope, std::string_view method);
  void OnRequest(js::Scope& scope, RequestArrived& request);
  void OnService(js::Scope& scope, RequestArrived& request);
  void OnTimer(js::Scope& scope, TimerId id);
  void OnAnswered(js::Scope& scope, const FetchAnswered& answered);
  void OnFetchFailed(js::Scope& scope, const FetchFailed& failed);
  void OnSocket(js::Scope& scope, SocketId id);
  template <typename F>
  void OnWebSocket(js::Scope& scope, WebSocketId id, bool is_message, F call);

  static size_t NearHeapLimit(void* self, size_t current, size_t initial);
  static void OnCollected(v8::Isolate* isolate, v8::GCType type,
                          v8::GCCallbackFlags flags, void* self);
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
  v8::Isolate* isolate_;  // owned: disposed of by the platform
  v8::Global<v8::Context> context_;
  std::array<v8::Global<v8::Function>, kHandlerCount> handlers_;
  v8::Global<v8::Uint32Array> scratch_;
  registry::VersionId version_;  // empty until Load()
  std::unique_ptr<ModuleMap> modules_;
  struct Rejection {
    v8::Global<v8::Promise> promise;
    v8::Global<v8::Value> reason;
    InvocationId invocation;
  };
  std::vector<Rejection> rejections_;
  bool condemned_ = false;
  bool examines_heap_ = false;  // ExamineHeap() is asked for
  size_t waiting_bytes_ = 0;
  size_t memory_bytes_ = 0;
  size_t heap_bytes_ = 0;
  uint64_t last_cpu_us_ = 0;
  base::SteadyTime last_reading_;  // of the clock, in this turn
  // The name of the method that the last request had, as most have the same.
  std::string method_;
  v8::Global<v8::String> method_name_;
};

// What the thread has used of the processor so far.
uint64_t ThreadCpuMicroseconds();

}  // namespace caravel::runtime
