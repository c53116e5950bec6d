#include "runtime/ops/node/async_binding.h"

#include "runtime/isolate_state.h"
#include "runtime/js/convert.h"

namespace caravel::runtime {

v8::Local<v8::Value> NodeAsyncBinding::GetFrame(js::Scope& scope) {
  const v8::Local<v8::Data> frame =
      scope.isolate()->GetContinuationPreservedEmbedderDataV2();
  if (frame.IsEmpty() || !frame->IsValue() ||
      !frame.As<v8::Value>()->IsObject()) {
    return v8::Undefined(scope.isolate());
  }
  return frame.As<v8::Value>();
}

v8::MaybeLocal<v8::Value> NodeAsyncBinding::SetFrame(
    js::Scope& scope, v8::Local<v8::Value> frame) {
  v8::Isolate* isolate = scope.isolate();
  IsolateState& state = scope.state();
  const auto invocation = v8::Integer::New(isolate, state.Current(scope));
  if (!frame->IsObject()) {
    isolate->SetContinuationPreservedEmbedderDataV2(invocation);
    return v8::Undefined(isolate);
  }
  const auto object = frame.As<v8::Object>();
  const v8::Local<v8::Private> mark = state.FrameMark(scope);
  const v8::Maybe<bool> marked = object->HasPrivate(scope.context(), mark);
  if (marked.IsNothing() ||
      (!marked.FromJust() &&
       object->SetPrivate(scope.context(), mark, invocation).IsNothing())) {
    return {};
  }
  isolate->SetContinuationPreservedEmbedderDataV2(frame);
  return v8::Undefined(isolate);
}

v8::Local<v8::Value> NodeAsyncBinding::SetTickCallback(
    js::Scope& scope, v8::Local<v8::Function> callback) {
  return scope.state().ticks.Start(scope, callback);
}

void NodeAsyncBinding::RunMicrotasks(js::Scope& scope) {
  scope.context()->GetMicrotaskQueue()->PerformCheckpoint(scope.isolate());
}

void NodeAsyncBinding::EnqueueMicrotask(js::Scope& scope,
                                        v8::Local<v8::Function> callback) {
  scope.context()->GetMicrotaskQueue()->EnqueueMicrotask(scope.isolate(),
                                                         callback);
}

}  // namespace caravel::runtime
