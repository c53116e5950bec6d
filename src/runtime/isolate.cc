// An isolate's life: made from the snapshot, given to a Worker, disposed of.
//
// Tests: isolate_test.cc, isolate_modules_test.cc.
#include "runtime/isolate.h"

#include <node.h>

#include <algorithm>
#include <utility>

#include "runtime/code_recorder.h"
#include "runtime/engine.h"
#include "runtime/isolate_impl.h"
#include "runtime/js/convert.h"
#include "runtime/memory_account.h"
#include "runtime/module_map.h"
#include "runtime/snapshot_builder.h"
#include "runtime/task_queue.h"
#include "runtime/worker_start.h"

namespace caravel::runtime {
namespace {

// What V8 may use beyond its limit while it unwinds from it. It ends the
// process when an allocation finds no room, and one alone can take 1 GB: the
// characters of the longest string, once they are asked for, or the elements of
// an array.
constexpr size_t kUnwindReserve = size_t{1280} << 20;
// So many rejections of one call are told, since each is kept for that.
constexpr size_t kMostRejections = 1000;
// The most of the young generation, so that what renders a page dies in it
// (bench web, react: 7 % more time with 8 MB). V8 begins with far less, and
// most isolates, which handle few requests, stay there.
constexpr size_t kMaxYoungBytes = 32 << 20;
// V8 collects everything when buffers have grown by half of what its heap may
// have, and the young generation alone, where most of them die, when 64 MB of
// them are young. With the limit alone both meet and the first would always
// win; with this the second does, unless 16 MB of others have come meanwhile.
// The limit itself is held after each collection (OnCollected).
constexpr size_t kHeapForYoungBuffers = size_t{32} << 20;

bool RefuseWasmFromBytes(v8::Local<v8::Context>, v8::Local<v8::String>) {
  return false;
}

}  // namespace

Isolate::Impl::Impl(const Engine& engine, const base::Clock& clock)
    : engine_(engine),
      clock_(clock),
      memory_(std::make_shared<MemoryAccount>(registry::Limits().memory_bytes)),
      tasks_(std::make_shared<TaskQueue>()),
      state_(engine) {
  isolate_ = v8::Isolate::Allocate();
  engine.platform().RegisterIsolate(isolate_, tasks_.get());
  v8::Isolate::CreateParams params;
  params.snapshot_blob = &engine.snapshot().blob();
  params.external_references = engine.snapshot().external_references();
  params.array_buffer_allocator_shared = memory_;
  // A waiting thread would hold its shard, and uses no CPU time to be ended by.
  params.allow_atomics_wait = false;
  params.constraints.set_max_old_generation_size_in_bytes(
      registry::Limits().memory_bytes + kHeapForYoungBuffers);
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
  isolate_->AddGCEpilogueCallback(&OnCollected, this,
                                  v8::kGCTypeMarkSweepCompact);
  EnterContext();
}

void Isolate::Impl::SetWake(std::function<void()> wake) {
  tasks_->SetWake(std::move(wake));
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
  v8::Local<v8::Data> script;
  if (engine_.recorder() != nullptr &&
      context->GetDataFromSnapshotOnce<v8::Data>(kPlatformScript)
          .ToLocal(&script)) {
    engine_.recorder()->OnPlatform(scope, script.As<v8::Script>());
  }
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
  state_.wasm_memories.Watch(scope);
  state_.time_origin_ms = state_.now_ms =
      base::MillisecondsSinceEpoch(clock_.Wall());
}

Isolate::Impl::~Impl() {
  {
    const v8::Locker locker(isolate_);
    const v8::Isolate::Scope isolate_scope(isolate_);
    const v8::HandleScope handles(isolate_);
    isolate_->RemoveNearHeapLimitCallback(&NearHeapLimit, 0);
    isolate_->RemoveGCEpilogueCallback(&OnCollected, this);
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
  // V8 says the same before it asks a last time for a buffer that was refused.
  // The heap has room then, and the Worker gets its RangeError.
  if (impl->memory_->AnnouncesRefusal() && !impl->IsHeapBeyondLimit()) {
    return current;
  }
  impl->state_.out_of_memory = true;
  impl->isolate_->TerminateExecution();
  return current + kUnwindReserve;
}

void Isolate::Impl::PromiseRejected(v8::PromiseRejectMessage message) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  js::Scope scope(isolate);
  auto* impl = scope.state().owner<Impl>();
  if (message.GetEvent() == v8::kPromiseRejectWithNoHandler) {
    if (impl->rejections_.size() >= kMostRejections) return;
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

Loaded Isolate::Impl::Load(std::shared_ptr<const registry::Bundle> bundle,
                           const registry::Version& version,
                           std::string_view code_cache, RunGuard& guard) {
  const v8::Locker locker(isolate_);
  const v8::Isolate::Scope isolate_scope(isolate_);
  const v8::HandleScope handles(isolate_);
  const v8::Context::Scope context_scope(context_.Get(isolate_));
  js::Scope scope(isolate_);
  CARAVEL_CHECK(modules_ == nullptr);
  version_ = version.id;
  state_.compatibility = registry::Compatibility::OfPublished(
      version.compatibility_date, version.compatibility_flags);
  modules_ = std::make_unique<ModuleMap>(std::move(bundle), code_cache,
                                         state_.compatibility.HasNode());
  state_.modules = modules_.get();
  state_.limits = version.limits;
  memory_->set_limit(version.limits.memory_bytes);
  state_.now_ms = state_.time_origin_ms =
      base::MillisecondsSinceEpoch(clock_.Wall());
  Outbox nobody;
  state_.outbox = &nobody;

  const uint64_t start_us = ThreadCpuMicroseconds();
  isolate_->SetContinuationPreservedEmbedderDataV2(FrameOf(0));
  state_.guard = &guard;
  state_.guard->Begin(
      *this,
      static_cast<uint64_t>(std::chrono::microseconds(kStartupLimit).count()));
  if (state_.compatibility.IsOn("allow_eval_during_startup"))
    scope.context()->AllowCodeGenerationFromStrings(true);
  Loaded loaded = StartWorker(scope, *modules_, version, state_.out_of_memory);
  scope.context()->AllowCodeGenerationFromStrings(false);
  if (state_.guard->End() || state_.out_of_memory) {
    isolate_->CancelTerminateExecution();
    if (loaded.error.empty()) {
      loaded.error = "Script startup exceeded CPU time limit";
    }
  }
  if (loaded.error.empty() && IsBeyondMemory()) {
    loaded.error = "the Worker exceeded its memory limit at start";
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
void Isolate::TakeBack(Outbox& outbox) { impl_->TakeBack(outbox); }
bool Isolate::condemned() const { return impl_->condemned(); }
void Isolate::Shrink() { impl_->Shrink(); }
size_t Isolate::running() const { return impl_->running(); }
void Isolate::SetWaitingBytes(size_t bytes) { impl_->SetWaitingBytes(bytes); }
size_t Isolate::memory_bytes() const { return impl_->memory_bytes(); }

}  // namespace caravel::runtime
