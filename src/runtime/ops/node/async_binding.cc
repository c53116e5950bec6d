#include "runtime/ops/node/async_binding.h"

#include <array>
#include <cstdint>
#include <string_view>

#include "runtime/isolate_state.h"
#include "runtime/js/convert.h"

namespace caravel::runtime {

v8::Local<v8::Value> StoragesOf(js::Scope& scope) {
  const v8::Local<v8::Data> data =
      scope.isolate()->GetContinuationPreservedEmbedderDataV2();
  v8::Local<v8::Value> frame;
  if (data.IsEmpty() || !data->IsValue() || !data.As<v8::Value>()->IsArray() ||
      !data.As<v8::Value>()
           .As<v8::Array>()
           ->Get(scope.context(), 1)
           .ToLocal(&frame)) {
    return {};
  }
  return frame;
}

void SetStorages(js::Scope& scope, int32_t invocation,
                 v8::Local<v8::Value> frame) {
  v8::Isolate* isolate = scope.isolate();
  const v8::Local<v8::Value> number = v8::Integer::New(isolate, invocation);
  if (frame.IsEmpty() || !frame->IsObject()) {
    isolate->SetContinuationPreservedEmbedderDataV2(number);
    return;
  }
  std::array<v8::Local<v8::Value>, 2> both = {number, frame};
  isolate->SetContinuationPreservedEmbedderDataV2(
      v8::Array::New(isolate, both.data(), both.size()));
}

namespace {

v8::Local<v8::Function> FunctionOrNone(v8::Local<v8::Value> value) {
  return value->IsFunction() ? value.As<v8::Function>()
                             : v8::Local<v8::Function>();
}

// More frames than the platform ever has of V8's builtins in a row.
constexpr int kMostFrames = 8;
constexpr std::string_view kOfPlatform = "caravel:";

bool IsOfPlatform(v8::Isolate* isolate, v8::Local<v8::String> script) {
  std::array<uint8_t, kOfPlatform.size()> start = {};
  if (script->Length() < static_cast<int>(start.size())) return false;
  script->WriteOneByteV2(isolate, 0, start.size(), start.data());
  return std::string_view(reinterpret_cast<const char*>(start.data()),
                          start.size()) == kOfPlatform;
}

}  // namespace

v8::Local<v8::Value> NodeAsyncBinding::ContinuationData(js::Scope& scope) {
  return scope.context()->GetExtrasBindingObject();
}

void NodeAsyncBinding::EnterInvocation(js::Scope& scope, int32_t invocation) {
  SetStorages(scope, invocation, StoragesOf(scope));
}

v8::Local<v8::Value> NodeAsyncBinding::Words(js::Scope& scope) {
  return scope.state().ticks.Words(scope);
}

void NodeAsyncBinding::SetTickCallback(js::Scope& scope,
                                       v8::Local<v8::Function> callback) {
  scope.state().ticks.SetCallback(scope, callback);
}

void NodeAsyncBinding::RunMicrotasks(js::Scope& scope) {
  if (!scope.state().ticks.running()) return;
  scope.context()->GetMicrotaskQueue()->PerformCheckpoint(scope.isolate());
}

void NodeAsyncBinding::EnqueueMicrotask(js::Scope& scope,
                                        v8::Local<v8::Function> callback) {
  scope.context()->GetMicrotaskQueue()->EnqueueMicrotask(scope.isolate(),
                                                         callback);
}

void NodeAsyncBinding::SetPromiseHooks(js::Scope& scope,
                                       v8::Local<v8::Value> init,
                                       v8::Local<v8::Value> before,
                                       v8::Local<v8::Value> after,
                                       v8::Local<v8::Value> settled) {
  scope.state().promise_hooks.Set(
      scope, {FunctionOrNone(init), FunctionOrNone(before),
              FunctionOrNone(after), FunctionOrNone(settled)});
}

std::optional<bool> NodeAsyncBinding::CalledByPlatform(js::Scope& scope) {
  v8::Isolate* isolate = scope.isolate();
  const auto stack = v8::StackTrace::CurrentStackTrace(
      isolate, kMostFrames, v8::StackTrace::kScriptName);
  // The topmost frame is that of the function that asks.
  for (int i = 1; i < stack->GetFrameCount(); ++i) {
    const auto script =
        stack->GetFrame(isolate, static_cast<uint32_t>(i))->GetScriptName();
    if (!script.IsEmpty() && script->Length() > 0) {
      return IsOfPlatform(isolate, script);
    }
  }
  return std::nullopt;
}

}  // namespace caravel::runtime
