// What the limits of a Worker end, and how: the call that exceeded its CPU
// time, the invocation whose copies find no room, or, when memory itself is
// beyond the limit, all that runs in the isolate.
//
// Tests: isolate_limits_test.cc.
#include <algorithm>
#include <utility>

#include "runtime/isolate_impl.h"
#include "runtime/memory_account.h"
#include "runtime/module_map.h"
#include "runtime/ops/log_ops.h"
#include "runtime/ops/respond_ops.h"

namespace caravel::runtime {
namespace {

// What a running call may hold beyond its limit, as it may be garbage that V8
// has not collected yet.
constexpr int64_t kGarbageAllowed = 128 << 20;

// Ends `id` with 1102; its log tells which limit that was.
void EndAtLimit(js::Scope& scope, InvocationId id, std::string_view outcome,
                std::string what) {
  if (scope.state().FindInvocation(id) == nullptr) return;
  scope.state().EventOf(id).exceptions.push_back(
      MakeRecord(scope, "Error", std::move(what), /*stack=*/""));
  EndInvocation(scope, id, outcome, 1102);
}

void EndForNoRoom(js::Scope& scope, InvocationId id) {
  EndAtLimit(scope, id, "exceededMemory",
             fmt::format("what waits to be sent for the Worker exceeded {} MB; "
                         "answer with a stream, which waits for its reader",
                         scope.state().limits.memory_bytes >> 20));
}

}  // namespace

// V8's count has all buffers, and memories of WebAssembly with the size that
// they were made with; MemoryAccount, which refuses buffers beforehand, has
// those alone.
int64_t Isolate::Impl::BytesBesideHeap() {
  return std::max(
      isolate_->AdjustAmountOfExternalAllocatedMemory(0),
      static_cast<int64_t>(memory_->used() + state_.wasm_memories.bytes()));
}

void Isolate::Impl::MeasureHeap() {
  v8::HeapStatistics statistics;
  isolate_->GetHeapStatistics(&statistics);
  heap_bytes_ = statistics.total_heap_size();
}

void Isolate::Impl::Shrink() {
  const v8::Locker locker(isolate_);
  const v8::Isolate::Scope isolate_scope(isolate_);
  const v8::HandleScope handles(isolate_);
  state_.DropSpareAnswers();
  isolate_->MemoryPressureNotification(v8::MemoryPressureLevel::kCritical);
  isolate_->MemoryPressureNotification(v8::MemoryPressureLevel::kNone);
  MeasureHeap();
  memory_bytes_ = heap_bytes_ + static_cast<size_t>(BytesBesideHeap());
}

bool Isolate::Impl::IsBeyondMemory() {
  const auto beyond = [this] {
    return BytesBesideHeap() > static_cast<int64_t>(state_.limits.memory_bytes);
  };
  if (!beyond()) return false;
  // Some of it may be garbage. The time is the call's, which made it.
  isolate_->LowMemoryNotification();
  return beyond();
}

void Isolate::Impl::Examine() {
  isolate_->RequestInterrupt(
      [](v8::Isolate* isolate, void* self) {
        auto& impl = *static_cast<Impl*>(self);
        IsolateState& state = impl.state_;
        if (impl.BytesBesideHeap() <=
            static_cast<int64_t>(state.limits.memory_bytes) + kGarbageAllowed) {
          return;
        }
        state.out_of_memory = true;
        isolate->TerminateExecution();
      },
      this);
}

bool Isolate::Impl::IsHeapBeyondLimit() {
  v8::HeapStatistics statistics;
  isolate_->GetHeapStatistics(&statistics);
  return statistics.used_heap_size() > registry::Limits().memory_bytes;
}

// V8's own limit is higher than a Worker's (isolate.cc). The next collection is
// due at latest when the heap has come half of the way there, so that what is
// beyond the limit is found.
void Isolate::Impl::OnCollected(v8::Isolate* isolate, v8::GCType,
                                v8::GCCallbackFlags, void* self) {
  auto& impl = *static_cast<Impl*>(self);
  if (impl.examines_heap_ || !impl.IsHeapBeyondLimit()) return;
  impl.examines_heap_ = true;
  isolate->RequestInterrupt(
      [](v8::Isolate*, void* data) { static_cast<Impl*>(data)->ExamineHeap(); },
      self);
}

// A collection that ran beside JS leaves what became garbage meanwhile: only
// one that stops it tells what is held.
void Isolate::Impl::ExamineHeap() {
  isolate_->LowMemoryNotification();
  examines_heap_ = false;
  if (!IsHeapBeyondLimit()) return;
  state_.out_of_memory = true;
  isolate_->TerminateExecution();
}

std::vector<InvocationId> Isolate::Impl::RunningInOrder() const {
  std::vector<InvocationId> all;
  for (const auto& [running, unused] : state_.invocations) {
    all.push_back(running);
  }
  std::sort(all.begin(), all.end());
  return all;
}

void Isolate::Impl::OnTerminated(js::Scope& scope, InvocationId id) {
  isolate_->CancelTerminateExecution();
  isolate_->SetContinuationPreservedEmbedderDataV2(v8::Undefined(isolate_));
  rejections_.clear();
  const std::optional<InvocationId> no_room =
      std::exchange(state_.no_room, std::nullopt);
  if (!state_.out_of_memory) {
    if (no_room) {
      // The call may have gone on with a continuation of another's. What it
      // still had to do for its own invocation is lost, if that has not ended.
      EndForNoRoom(scope, *no_room);
      const auto& finished = state_.finished;
      if (std::find(finished.begin(), finished.end(), id) == finished.end()) {
        EndForNoRoom(scope, id);
      }
    } else {
      EndAtLimit(scope, id, "exceededCpu",
                 fmt::format("the Worker exceeded its limit of {} ms CPU time; "
                             "limits.cpu_ms sets it",
                             state_.limits.cpu_ms));
    }
    if (state_.ticks.interrupted() || modules_->interrupted()) {
      EndAllForInterruption(scope);
    }
    return;
  }
  // The heap is everybody's: whoever ran when it overflowed need not be the one
  // who filled it. All end, and the isolate goes.
  condemned_ = true;
  for (const InvocationId running : RunningInOrder()) {
    EndAtLimit(scope, running, "exceededMemory",
               fmt::format("the Worker exceeded its limit of {} MB memory",
                           state_.limits.memory_bytes >> 20));
  }
}

// Ticks of the ended invocation would run in the next one's name, and modules
// that are half loaded would stay so.
void Isolate::Impl::EndAllForInterruption(js::Scope& scope) {
  condemned_ = true;
  for (const InvocationId running : RunningInOrder()) {
    EndAtLimit(
        scope, running, "exceededCpu",
        "another request of this Worker came to a limit inside Node's "
        "library or while a module started, whose state is lost with it");
  }
}

}  // namespace caravel::runtime
