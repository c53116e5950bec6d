#include "runtime/ops/respond_ops.h"

#include "base/utf8.h"
#include "runtime/event_request.h"
#include "runtime/isolate_state.h"
#include "runtime/module_map.h"
#include "runtime/ops/fetch_ops.h"
#include "runtime/ops/header_list.h"
#include "runtime/ops/kv_binding.h"
#include "runtime/ops/log_ops.h"
#include "runtime/ops/request_ops.h"
#include "runtime/ops/socket_binding.h"
#include "runtime/ops/web_socket_binding.h"
#include "runtime/promise_hooks.h"

namespace caravel::runtime {
namespace {

// The invocation, if it can still be answered; it then counts as answered.
Invocation* BeginAnswer(js::Scope& scope, InvocationId id, int32_t status) {
  Invocation* invocation = scope.state().FindInvocation(id);
  if (invocation == nullptr || invocation->answered) return nullptr;
  // Response.error() has status 0, and 1xx are no final answers.
  if (status < 200 || status > 599) {
    js::ThrowRangeError(
        scope, fmt::format("a Response with status {} cannot be sent", status));
    return nullptr;
  }
  invocation->answered = true;
  invocation->status = static_cast<uint16_t>(status);
  return invocation;
}

// `content_type` stands where no header names one. It is a body's own, and
// checked like those of the list: one that could not stand in its line is left
// out. False: an exception was thrown, or the running call is being ended. Then
// the invocation has no answer yet, and gets an error page.
bool MakeHead(js::Scope& scope, Invocation& invocation, int32_t status,
              js::ByteString& reason, v8::Local<v8::Value> headers,
              v8::Local<v8::Value> content_type, int64_t size,
              net::ResponseHead& head) {
  head.status = static_cast<uint16_t>(status);
  head.reason = std::move(reason.bytes);
  head.body_size = size;
  bool has_content_type = false;
  if ((headers->IsArray() && !ReadHeaderList(scope, headers.As<v8::Array>(),
                                             head.headers, has_content_type)) ||
      !scope.state().ChargeAnswer(scope,
                                  head.reason.size() + head.headers.bytes())) {
    invocation.answered = false;
    return false;
  }
  if (!has_content_type && content_type->IsString()) {
    std::string& value = scope.state().latin1;
    if (js::ToLatin1(scope, content_type.As<v8::String>(), value) &&
        IsHeaderValue(value)) {
      head.headers.Add("content-type", value);
    }
  }
  return true;
}

// What a Worker that asked is told, in the words of Workers.
std::string WhyEnded(std::string_view outcome) {
  if (outcome == "exceededCpu") {
    return "Error: Worker exceeded CPU time limit.";
  }
  if (outcome == "exceededMemory") {
    return "Error: Worker exceeded memory limit.";
  }
  return "Error: The Workers runtime canceled this request because it detected "
         "that your Worker's code had hung and would never generate a "
         "response.";
}

// What is to go on to the origin; nullptr where that was not asked for, or
// where JS has read of the body.
std::unique_ptr<RespondError::PassOn> MakePassOn(IsolateState& state,
                                                 InvocationId id,
                                                 const Invocation& invocation) {
  if (!invocation.passes_through || invocation.service != nullptr ||
      invocation.head == nullptr) {
    return nullptr;
  }
  auto pass_on = std::make_unique<RespondError::PassOn>();
  pass_on->head = *invocation.head;
  pass_on->has_body =
      pass_on->head.body_size != 0 && pass_on->head.upgrade.empty();
  if (!pass_on->has_body) return pass_on;
  const ArrivingBody* body = state.FindBody(id);
  if (body == nullptr || body->read || !body->reader.IsEmpty() ||
      body->failure) {
    return nullptr;
  }
  for (const std::string& piece : body->pieces) pass_on->body += piece;
  pass_on->body_ends = body->ended;
  return pass_on;
}

}  // namespace

void RespondOps::Whole(js::Scope& scope, InvocationId id, int32_t status,
                       js::ByteString reason, v8::Local<v8::Value> headers,
                       v8::Local<v8::Value> content_type,
                       v8::Local<v8::Value> body) {
  IsolateState& state = scope.state();
  Invocation* invocation = BeginAnswer(scope, id, status);
  if (invocation == nullptr) return;
  Respond answer = state.NewAnswer();
  if (body->IsString()) {
    js::AppendUtf8(scope, body.As<v8::String>(), answer.body);
  } else if (!body->IsNullOrUndefined()) {
    js::BytesView view;
    if (!js::FromJs(scope, body, {"respond", 6}, view)) return;
    answer.body.assign(view.bytes);
  }
  if (!state.ChargeAnswer(scope, answer.body.size())) {
    invocation->answered = false;  // with 1102 instead
    return;
  }
  if (!MakeHead(scope, *invocation, status, reason, headers, content_type,
                static_cast<int64_t>(answer.body.size()), answer.head)) {
    return;
  }
  state.Ask(id, std::move(answer));
}

void RespondOps::Start(js::Scope& scope, InvocationId id, int32_t status,
                       js::ByteString reason, v8::Local<v8::Value> headers,
                       v8::Local<v8::Value> content_type, double length) {
  Invocation* invocation = BeginAnswer(scope, id, status);
  if (invocation == nullptr) return;
  RespondStart answer;
  if (MakeHead(scope, *invocation, status, reason, headers, content_type,
               static_cast<int64_t>(length), answer.head)) {
    invocation->answer_open = true;
    scope.state().Ask(id, std::move(answer));
  }
}

v8::MaybeLocal<v8::Value> RespondOps::Write(js::Scope& scope, InvocationId id,
                                            js::BytesView bytes) {
  Invocation* invocation = scope.state().FindInvocation(id);
  if (invocation == nullptr || invocation->client_gone) {
    js::Throw(scope, Error(ErrorCode::kUnavailable, "the client is gone"));
    return {};
  }
  if (!scope.state().ChargeAnswer(scope, bytes.bytes.size())) return {};
  scope.state().Ask(id, RespondBody{std::string(bytes.bytes)});
  invocation->response_credit -= static_cast<int64_t>(bytes.bytes.size());
  if (invocation->response_credit > 0) return v8::Undefined(scope.isolate());
  v8::Local<v8::Promise::Resolver> resolver;
  if (!NewResolver(scope).ToLocal(&resolver)) return {};
  invocation->write_waiter.Reset(scope.isolate(), resolver);
  return resolver->GetPromise();
}

void RespondOps::End(js::Scope& scope, InvocationId id) {
  Invocation* invocation = scope.state().FindInvocation(id);
  if (invocation == nullptr) return;
  invocation->answer_open = false;
  scope.state().Ask(id, RespondEnd{});
}

bool RespondOps::Abort(js::Scope& scope, InvocationId id, std::string why) {
  Invocation* invocation = scope.state().FindInvocation(id);
  if (invocation == nullptr) return true;
  invocation->answer_open = false;
  invocation->cut_short = invocation->client_gone;
  constexpr size_t kMostReason = 1024;
  scope.state().Ask(
      id, RespondAbort{std::string(base::Utf8Prefix(why, kMostReason))});
  return !invocation->client_gone;
}

void RespondOps::Forward(js::Scope& scope, InvocationId id, int32_t status,
                         js::ByteString reason, v8::Local<v8::Value> headers,
                         BodyId body_id, double length) {
  IsolateState& state = scope.state();
  Invocation* invocation = BeginAnswer(scope, id, status);
  if (invocation == nullptr) return;
  net::ResponseHead head;
  if (!MakeHead(scope, *invocation, status, reason, headers,
                v8::Null(scope.isolate()), static_cast<int64_t>(length),
                head)) {
    return;
  }
  ArrivingBody* body = state.FindBody(body_id);
  if (body == nullptr) {  // it was empty
    state.Ask(id, Respond{std::move(head), {}});
    return;
  }
  // What has arrived already stands in front; the shard pumps the rest.
  std::deque<std::string> pieces = std::move(body->pieces);
  const bool ended = body->ended;
  const std::optional<std::string> failure = std::move(body->failure);
  state.bodies.erase(body_id);
  // It outlives the invocation: the shard pumps it to the client.
  ForwardAnswer(state, body_id);
  if (ended && !failure) {
    state.Ask(id, RespondStart{std::move(head)});
    for (std::string& piece : pieces) {
      state.Ask(id, RespondBody{std::move(piece)});
    }
    state.Ask(id, RespondEnd{});
  } else if (failure) {
    state.Ask(id, RespondStart{std::move(head)});
    state.Ask(id, RespondAbort{*failure});
  } else {
    // From here on the shard asks for more as the client takes these.
    state.Ask(id, RespondForward{std::move(head), body_id});
    for (std::string& piece : pieces) {
      state.Ask(id, RespondBody{std::move(piece)});
    }
  }
}

void RespondOps::PassThrough(js::Scope& scope, InvocationId id) {
  Invocation* invocation = scope.state().FindInvocation(id);
  if (invocation != nullptr) invocation->passes_through = true;
}

void RespondOps::Fail(js::Scope& scope, InvocationId id, std::string name,
                      std::string message, std::string stack) {
  IsolateState& state = scope.state();
  Invocation* invocation = state.FindInvocation(id);
  if (invocation == nullptr) return;
  invocation->Event().outcome = "exception";
  std::string why;
  if (invocation->service != nullptr) {
    constexpr size_t kMostWhy = 64 * 1024;
    why = base::Utf8Prefix(fmt::format("{}: {}", name, message), kMostWhy);
  }
  invocation->Event().exceptions.push_back(
      MakeRecord(scope, std::move(name), std::move(message), stack));
  if (!invocation->answered) {
    invocation->answered = true;
    invocation->status = 500;
    state.Ask(id, RespondError{1101, std::move(why),
                               MakePassOn(state, id, *invocation)});
  } else if (invocation->answer_open) {
    invocation->answer_open = false;
    state.Ask(id, RespondAbort{"the Worker failed while it answered"});
  }
}

void RespondOps::Finish(js::Scope& scope, InvocationId id) {
  Invocation* invocation = scope.state().FindInvocation(id);
  if (invocation == nullptr) return;
  invocation->finished = true;
  if (invocation->holds == 0) scope.state().finished.push_back(id);
}

void EndInvocation(js::Scope& scope, InvocationId id, std::string_view outcome,
                   int error_number) {
  IsolateState& state = scope.state();
  Invocation* invocation = state.FindInvocation(id);
  if (invocation == nullptr) return;
  if (error_number != 0) {
    if (!invocation->answered) {
      invocation->status = error_number == 1102 ? 503 : 500;
      state.Ask(id, RespondError{error_number, WhyEnded(outcome)});
    } else if (invocation->answer_open) {
      state.Ask(
          id, RespondAbort{invocation->service == nullptr ? std::string(outcome)
                                                          : WhyEnded(outcome)});
    }
  }
  if (invocation->client_gone &&
      (!invocation->answered || (invocation->cut_short && outcome == "ok"))) {
    outcome = "canceled";
  }
  if (invocation->event != nullptr || outcome != "ok") {
    registry::LogEvent& event = invocation->Event();
    if (event.outcome.empty()) event.outcome = outcome;
    SetRequest(event, *invocation->head, invocation->Url(),
               invocation->service.get());
    event.status = invocation->status;
    event.time_ms = invocation->start_ms;
    event.cpu_us = invocation->cpu_us;
  }
  state.log_bytes -= invocation->log_use.bytes;
  state.Ask(id,
            InvocationEnded{invocation->cpu_us, std::move(invocation->event),
                            std::move(invocation->head)});
  state.bodies.erase(id);
  for (auto fetch = state.fetches.begin(); fetch != state.fetches.end();) {
    if (fetch->second.invocation == id) {
      state.Ask(id, FetchAbort{fetch->first});
      state.bodies.erase(fetch->first);
      fetch = state.fetches.erase(fetch);
    } else {
      ++fetch;
    }
  }
  if (!state.sockets.empty()) CloseSocketsOf(state, id);
  std::erase_if(state.questions, [id](const auto& question) {
    return question.second.invocation == id;
  });
  std::erase_if(state.kv_questions, [id](const auto& question) {
    return question.second.invocation == id;
  });
  std::erase_if(state.rate_questions, [id](const auto& question) {
    return question.second.invocation == id;
  });
  if (!state.web_sockets.empty()) ForgetWebSocketsOf(state, id);
  for (auto timer = state.timers.begin(); timer != state.timers.end();) {
    if (timer->second.invocation == id) {
      state.Ask(id, StopTimer{timer->second.id});
      timer = state.timers.erase(timer);
    } else {
      ++timer;
    }
  }
  if (invocation->service != nullptr &&
      invocation->service->asker == state.number) {
    state.own_calls.erase(invocation->service->asked_by);
  }
  state.RemoveInvocation(id);
}

void AddCredit(IsolateState& state, const ResponseCredit& credit) {
  Invocation* invocation = state.FindInvocation(credit.invocation);
  if (invocation == nullptr) return;
  invocation->response_credit += static_cast<int64_t>(credit.bytes);
}

void ServeWriter(js::Scope& scope, InvocationId id) {
  Invocation* invocation = scope.state().FindInvocation(id);
  if (invocation == nullptr || invocation->response_credit <= 0) return;
  Settle(scope, invocation->write_waiter, v8::Undefined(scope.isolate()));
}

void TakeClientGone(js::Scope& scope, const ClientGone& gone) {
  Invocation* invocation = scope.state().FindInvocation(gone.invocation);
  if (invocation == nullptr) return;
  invocation->client_gone = true;
  Reject(scope, invocation->write_waiter, "the client is gone");
  BufferFailed(scope.state(), {gone.invocation, "the client is gone"});
  ServeReader(scope, gone.invocation);
}

}  // namespace caravel::runtime
