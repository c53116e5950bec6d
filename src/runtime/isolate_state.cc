#include "runtime/isolate_state.h"

#include "runtime/js/convert.h"
#include "runtime/memory_account.h"
#include "runtime/request_url.h"

namespace caravel::runtime {
namespace {

size_t HeldBy(const Respond& answer) {
  return answer.head.reason.capacity() + answer.head.headers.held() +
         answer.body.capacity();
}

}  // namespace

const std::string& Invocation::Url() {
  if (url.empty()) url = AbsoluteUrl(*head);
  return url;
}

registry::LogEvent& Invocation::Event() {
  if (event == nullptr) event = std::make_unique<registry::LogEvent>();
  return *event;
}

bool IsolateState::ChargeAnswer(js::Scope& scope, size_t bytes) {
  return EndUnless(scope, bytes <= kPassedAtOnce ? memory->AddPassing(bytes)
                                                 : memory->AddWaiting(bytes));
}

bool IsolateState::ChargeFetch(js::Scope& scope, size_t bytes) {
  return EndUnless(scope, memory->AddWaiting(bytes));
}

bool IsolateState::ChargeEntry(js::Scope& scope) {
  return EndUnless(scope, outbox->size() < kMostEntries);
}

bool IsolateState::EndUnless(js::Scope& scope, bool room) {
  if (room) return true;
  no_room = Current(scope);
  scope.isolate()->TerminateExecution();
  return false;
}

void IsolateState::Ask(InvocationId invocation, OutboxAction action) {
  CARAVEL_CHECK(outbox != nullptr);
  outbox->emplace_back(invocation, std::nullopt, std::move(action));
}

Respond IsolateState::NewAnswer() {
  if (spare_answers_.empty()) return {};
  Respond answer = std::move(spare_answers_.back());
  spare_answers_.pop_back();
  spare_bytes_ -= HeldBy(answer);
  return answer;
}

void IsolateState::TakeBack(Outbox& outbox) {
  for (OutboxEntry& entry : outbox) {
    if (spare_answers_.size() == kMostSpareAnswers) break;
    auto* carried_out = std::get_if<Respond>(&entry.action);
    if (carried_out == nullptr) continue;
    Respond spare;
    spare.head.headers = std::move(carried_out->head.headers);
    spare.head.headers.Clear();
    spare.body = std::move(carried_out->body);
    spare.body.clear();
    const size_t bytes = HeldBy(spare);
    if (bytes > kMostSpareBytes - spare_bytes_) continue;
    spare_bytes_ += bytes;
    spare_answers_.push_back(std::move(spare));
  }
  outbox.clear();
}

void IsolateState::DropSpareAnswers() {
  spare_answers_ = std::vector<Respond>();
  spare_bytes_ = 0;
}

InvocationId IsolateState::Current(js::Scope& scope) const {
  const v8::Local<v8::Data> frame =
      scope.isolate()->GetContinuationPreservedEmbedderDataV2();
  if (frame.IsEmpty() || !frame->IsValue()) return 0;
  const auto value = frame.As<v8::Value>();
  if (value->IsInt32()) return value.As<v8::Int32>()->Value();
  v8::Local<v8::Value> number;
  if (!value->IsArray() ||
      !value.As<v8::Array>()->Get(scope.context(), 0).ToLocal(&number)) {
    return 0;
  }
  return number->IsInt32() ? number.As<v8::Int32>()->Value() : 0;
}

Invocation& IsolateState::AddInvocation(InvocationId id) {
  std::unique_ptr<Invocation>& place = invocations[id];
  CARAVEL_CHECK(place == nullptr, id);
  place = spare_invocations_.Take();
  if (place == nullptr) place = std::make_unique<Invocation>();
  return *place;
}

void IsolateState::RemoveInvocation(InvocationId id) {
  const auto found = invocations.find(id);
  if (found == invocations.end()) return;
  std::unique_ptr<Invocation> removed = std::move(found->second);
  invocations.erase(found);
  *removed = Invocation();
  spare_invocations_.Return(std::move(removed));
}

Invocation* IsolateState::FindInvocation(InvocationId id) {
  const auto found = invocations.find(id);
  return found == invocations.end() ? nullptr : found->second.get();
}

ArrivingBody* IsolateState::FindBody(BodyId id) {
  const auto found = bodies.find(id);
  return found == bodies.end() ? nullptr : &found->second;
}

RunningFetch* IsolateState::FindFetch(FetchId id) {
  const auto found = fetches.find(id);
  return found == fetches.end() ? nullptr : &found->second;
}

RunningSocket* IsolateState::FindSocket(SocketId id) {
  const auto found = sockets.find(id);
  return found == sockets.end() ? nullptr : &found->second;
}

RunningWebSocket* IsolateState::FindWebSocket(WebSocketId id) {
  const auto found = web_sockets.find(id);
  return found == web_sockets.end() ? nullptr : &found->second;
}

void IsolateState::ReleaseHold(InvocationId id) {
  Invocation* invocation = FindInvocation(id);
  if (invocation == nullptr) return;
  --invocation->holds;
  if (invocation->holds == 0 && invocation->finished) finished.push_back(id);
}

registry::LogEvent& IsolateState::EventOf(InvocationId id) {
  Invocation* invocation = FindInvocation(id);
  return invocation == nullptr ? startup_event : invocation->Event();
}

LogUse& IsolateState::LogUseOf(InvocationId id) {
  Invocation* invocation = FindInvocation(id);
  return invocation == nullptr ? startup_log_use : invocation->log_use;
}

void IsolateState::Clear() {
  invocations.clear();
  spare_invocations_.Clear();
  bodies.clear();
  fetches.clear();
  sockets.clear();
  questions.clear();
  kv_questions.clear();
  rate_questions.clear();
  own_calls.clear();
  web_sockets.clear();
  ended_web_sockets.clear();
  timers.clear();
  lazy_exports.clear();
  native.Reset();
  dispatch.Reset();
  env.Reset();
  on_web_socket_message.Reset();
  on_web_socket_close.Reset();
  on_web_socket_over.Reset();
  ticks.Clear();
  promise_hooks.Clear();
  prepare_stack_trace.Reset();
  classes.reset();
  synthetic_modules.reset();
  wasm_memories.Clear();
}

void Settle(js::Scope& scope, v8::Global<v8::Promise::Resolver>& waiter,
            v8::Local<v8::Value> value) {
  if (waiter.IsEmpty()) return;
  const auto resolver = waiter.Get(scope.isolate());
  waiter.Reset();
  const PromiseHooks::Pause pause(scope);
  // Only a termination makes this fail, and then nobody waits any more.
  (void)resolver->Resolve(scope.context(), value);
}

void Reject(js::Scope& scope, v8::Global<v8::Promise::Resolver>& waiter,
            std::string_view message) {
  if (waiter.IsEmpty()) return;
  const auto resolver = waiter.Get(scope.isolate());
  waiter.Reset();
  const PromiseHooks::Pause pause(scope);
  (void)resolver->Reject(scope.context(),
                         v8::Exception::Error(js::NewString(scope, message)));
}

}  // namespace caravel::runtime
