#include "runtime/tick_queue.h"

namespace caravel::runtime {

v8::Local<v8::Value> TickQueue::Start(js::Scope& scope,
                                      v8::Local<v8::Function> callback) {
  constexpr size_t kWords = 2;
  const auto memory = v8::ArrayBuffer::New(scope.isolate(), kWords);
  const auto array = v8::Uint8Array::New(memory, 0, kWords);
  memory_ = memory->GetBackingStore();
  words_ = static_cast<const uint8_t*>(memory_->Data());
  callback_.Reset(scope.isolate(), callback);
  return array;
}

void TickQueue::RunAll(js::Scope& scope) {
  if (!HasTicks()) {
    scope.context()->GetMicrotaskQueue()->PerformCheckpoint(scope.isolate());
  }
  if (!HasTicks() || scope.isolate()->IsExecutionTerminating()) return;
  // It runs the microtasks of its ticks itself.
  (void)callback_.Get(scope.isolate())
      ->Call(scope.context(), v8::Undefined(scope.isolate()), 0, nullptr);
}

void TickQueue::Clear() {
  words_ = nullptr;
  memory_.reset();
  callback_.Reset();
}

}  // namespace caravel::runtime
