#include "runtime/tick_queue.h"

#include <utility>

namespace caravel::runtime {

v8::Local<v8::Value> TickQueue::Words(js::Scope& scope) {
  if (words_ == nullptr) {
    words_ = std::make_shared<WordArray>();
    words_->fill(0);
    // Memory of ours: the isolate's own may be used up, and V8 ends the process
    // when it finds none for a buffer that must be.
    std::unique_ptr<v8::BackingStore> store = v8::ArrayBuffer::NewBackingStore(
        words_->data(), words_->size(),
        [](void*, size_t, void* owner) {
          delete static_cast<std::shared_ptr<WordArray>*>(owner);
        },
        new std::shared_ptr<WordArray>(words_));
    array_.Reset(scope.isolate(),
                 v8::Uint8Array::New(
                     v8::ArrayBuffer::New(scope.isolate(), std::move(store)), 0,
                     words_->size()));
  }
  return array_.Get(scope.isolate());
}

void TickQueue::SetCallback(js::Scope& scope,
                            v8::Local<v8::Function> callback) {
  callback_.Reset(scope.isolate(), callback);
}

void TickQueue::RunAll(js::Scope& scope) {
  if (!HasTicks()) {
    scope.context()->GetMicrotaskQueue()->PerformCheckpoint(scope.isolate());
  }
  if (!HasTicks() || callback_.IsEmpty() ||
      scope.isolate()->IsExecutionTerminating()) {
    return;
  }
  // It runs the microtasks of its ticks itself.
  running_ = true;
  (void)callback_.Get(scope.isolate())
      ->Call(scope.context(), v8::Undefined(scope.isolate()), 0, nullptr);
  running_ = false;
}

void TickQueue::Clear() {
  array_.Reset();
  callback_.Reset();
}

}  // namespace caravel::runtime
