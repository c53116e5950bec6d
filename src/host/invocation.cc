#include "host/invocation.h"

#include <algorithm>
#include <utility>

#include "host/error_page.h"
#include "host/slot.h"

namespace caravel::host {

Invocation::Invocation(Slot& slot)
    : slot_(slot), waiting_(slot.waiting_bytes(), 2 * kWholeAnswer) {}

void Invocation::Begin(runtime::InvocationId id, net::Asker& asker,
                       base::SteadyTime start, uint64_t reference,
                       bool has_body, Caller caller) {
  id_ = id;
  asker_ = &asker;
  start_ = start;
  reference_ = reference;
  credit_ = 0;
  waiting_.set_window(2 * kWholeAnswer);
  end_waiting_ = false;
  body_open_ = has_body;
  pumped_.reset();
  ended_ = false;
  caller_ = std::move(caller);
  is_called_ = caller_.count != nullptr;
  status_ = 0;
}

std::string Invocation::reference() const {
  return fmt::format("{:016x}", reference_);
}

void Invocation::Respond(const net::ResponseHead& head, std::string&& body) {
  status_ = head.status;
  if (asker_ == nullptr) return;
  if (body.size() <= kWholeAnswer) {
    TakeAsker().Respond(head, body);
    return;
  }
  asker_->RespondStart(head);
  waiting_.Append(std::move(body));
  end_waiting_ = true;
  Flush();
}

void Invocation::RespondStart(const net::ResponseHead& head) {
  status_ = head.status;
  if (asker_ != nullptr) asker_->RespondStart(head);
}

void Invocation::RespondBody(std::string bytes) {
  if (asker_ == nullptr) return;
  waiting_.Append(std::move(bytes));
  Flush();
}

void Invocation::RespondEnd() {
  if (asker_ == nullptr) return;
  end_waiting_ = true;
  Flush();
}

void Invocation::RespondAbort(const Error& why) {
  if (asker_ == nullptr) return;
  TakeAsker().RespondAbort(why);
  waiting_.Clear();
  if (socket_ != nullptr) socket_->OnGone();
}

void Invocation::Fail(int number, const std::string& why) {
  if (caller_.hears_why) {
    return RespondAbort(Error(ErrorCode::kUnavailable, why));
  }
  ErrorAnswer page = WorkerError(number, reference());
  Respond(page.head, std::move(page.body));
}

void Invocation::PassOn(net::Target& origin,
                        runtime::RespondError::PassOn& request) {
  if (asker_ == nullptr) return;
  if (request.has_body) {  // whoever reads it in the Worker reads no more
    body_open_ = false;
    slot_.Deliver(
        runtime::BodyFailed{id_, "the request went on to the origin"});
  }
  const uint64_t expected =
      request.has_body && !request.body_ends
          ? kBodyWindow - std::min<uint64_t>(kBodyWindow, request.body.size())
          : 0;
  onward_ = std::make_unique<OnwardRequest>(
      static_cast<OnwardRequest::Owner&>(*this), std::move(request.body),
      request.body_ends || (!request.has_body && request.head.upgrade.empty()),
      expected);
  onward_->Begin(origin, request.head, credit_);
}

void Invocation::OnOver() {
  DropAsker();
  slot_.FlushLater(id_);
}

void Invocation::FlushSoon() { slot_.FlushLater(id_); }

void Invocation::PumpFrom(runtime::BodyId body) {
  pumped_ = body;
  // The isolate has no part in how many of the origin's bytes wait.
  waiting_.set_window(2 * FetchRun::kAnswerWindow);
}

void Invocation::Accept(runtime::AcceptWebSocket accept) {
  if (asker_ == nullptr) {  // the client has left
    slot_.Deliver(runtime::WebSocketClosed{id_, net::kWebSocketAbnormal,
                                           "the connection was lost", false});
    return;
  }
  socket_ = std::make_unique<WebSocketRun>(
      slot_.web_sockets(), id_, net::WebSocketRole::kServer, accept.deflate,
      static_cast<WebSocketRun::Connection&>(*this));
  status_ = accept.head.status;
  asker_->RespondStart(accept.head);
  asker_->GrantRequestBody(WebSocketRun::kWindow);
}

void Invocation::SendBytes(std::string_view bytes) {
  if (asker_ != nullptr) asker_->RespondBody(bytes);
}

void Invocation::GrantBytes(uint64_t bytes) { GrantBody(bytes); }

void Invocation::EndBytes() {
  if (asker_ != nullptr) DropAsker()->RespondEnd();
  slot_.FlushLater(id_);
}

void Invocation::CutBytes() {
  RespondAbort(
      Error(ErrorCode::kUnavailable, "the client of a WebSocket was cut off"));
  slot_.FlushLater(id_);
}

void Invocation::GrantBody(uint64_t bytes) {
  // What a Worker reads that has failed is not asked for any more.
  if (onward_ != nullptr) return;
  if (asker_ != nullptr) asker_->GrantRequestBody(bytes);
}

void Invocation::Flush() {
  if (asker_ == nullptr) return LeaveBody();
  if (onward_ != nullptr) return onward_->Flush();
  if (socket_ != nullptr) return socket_->Flush();
  const std::string_view now = waiting_.Take(credit_);
  if (!now.empty()) {
    asker_->RespondBody(now);
    if (pumped_) {
      slot_.GrantBody(*pumped_, now.size());
    } else if (!ended_) {
      slot_.Deliver(runtime::ResponseCredit{id_, now.size()});
    }
  }
  waiting_.Release();
  if (waiting_.empty() && end_waiting_) TakeAsker().RespondEnd();
}

// Later, when one that ends with its answer is forgotten.
net::Asker& Invocation::TakeAsker() {
  if (body_open_) slot_.FlushLater(id_);
  return *DropAsker();
}

net::Asker* Invocation::DropAsker() {
  if (is_called_ && !ended_ && asker_ != nullptr) {
    place_ = InvocationPlace::Keep(caller_.count);
  }
  return std::exchange(asker_, nullptr);
}

void Invocation::LeaveBody() {
  if (!std::exchange(body_open_, false) || ended_) return;
  // What Cloudflare's runtime says.
  slot_.OnBodyFailed(
      id_, "Can't read from request stream after response has been sent.");
}

void Invocation::OnRequestBody(std::string_view bytes) {
  if (onward_ != nullptr) return onward_->OnRequestBody(bytes);
  if (socket_ != nullptr) return socket_->OnBytes(bytes);
  slot_.OnBody(id_, bytes, false);
}

void Invocation::OnRequestEnd() {
  const bool was_open = std::exchange(body_open_, false);
  if (onward_ != nullptr) return onward_->OnRequestEnd();
  // A client that has ended its side may still listen. The end of a body that
  // never was is not worth a turn of the isolate.
  if (was_open && socket_ == nullptr) slot_.OnBody(id_, {}, true);
}

void Invocation::OnResponseCredit(uint64_t bytes) {
  if (onward_ != nullptr) return onward_->OnResponseCredit(bytes);
  credit_ += bytes;
  if (!waiting_.empty() || socket_ != nullptr) slot_.FlushLater(id_);
}

void Invocation::OnCancel(const Error& why) {
  DropAsker();
  body_open_ = false;  // the isolate is told that the client is gone
  if (onward_ != nullptr) onward_->OnCancel(why);
  waiting_.Clear();
  if (socket_ != nullptr) {
    socket_->OnGone();
    return slot_.FlushLater(id_);
  }
  if (!ended_) slot_.Deliver(runtime::ClientGone{id_});
  if (pumped_) slot_.CancelBody(*pumped_);
  slot_.FlushLater(id_);
}

}  // namespace caravel::host
