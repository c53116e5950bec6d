#include "host/fetch_run.h"

#include <utility>

#include "host/slot.h"
#include "net/websocket_handshake.h"

namespace caravel::host {

FetchRun::FetchRun(Slot& slot, runtime::FetchId id)
    : slot_(slot), id_(id), waiting_(slot.waiting_bytes(), 0) {}

FetchRun::~FetchRun() {
  Abort();
  DropHead();
}

void FetchRun::Begin(net::Target& origin, net::RequestHead& head) {
  head_bytes_ = head.method.size() + head.authority.size() +
                head.target.size() + head.headers.bytes() + head.service.size();
  slot_.waiting_bytes() += head_bytes_;
  origin_ = &origin.Start(head, *this);
}

void FetchRun::Start(net::Target& origin, net::RequestHead& head,
                     std::string body, bool body_follows) {
  Begin(origin, head);
  waiting_.Append(std::move(body));
  end_waiting_ = !body_follows;
  origin_->OnResponseCredit(kAnswerWindow);
  if (waiting_.empty()) Flush();
}

void FetchRun::StartWebSocket(net::Target& origin, net::RequestHead& head,
                              bool compress) {
  key_ = net::MakeWebSocketKey();
  compress_ = compress;
  sent_end_ = true;  // nothing is sent before the answer
  head.upgrade = net::kWebSocketUpgrade;
  head.body_size = -1;
  net::AddWebSocketRequest(key_, compress, head.headers);
  Begin(origin, head);
  origin_->OnResponseCredit(kAnswerWindow);
}

void FetchRun::BeginWebSocket(const net::ResponseHead& head) {
  const auto agreed = net::ReadWebSocketAnswer(head.headers, key_, compress_);
  if (!agreed) {
    slot_.OnFetchFailed(id_, agreed.error().message());
    return slot_.CancelLater(id_);
  }
  socket_ = std::make_unique<WebSocketRun>(
      slot_.web_sockets(), id_, net::WebSocketRole::kClient, *agreed,
      static_cast<WebSocketRun::Connection&>(*this));
  slot_.OnFetchAnswered(id_, head);
}

void FetchRun::SendBytes(std::string_view bytes) {
  if (origin_ != nullptr) origin_->OnRequestBody(bytes);
}

void FetchRun::GrantBytes(uint64_t bytes) { Grant(bytes); }

void FetchRun::EndBytes() {
  if (origin_ != nullptr) origin_->OnRequestEnd();
}

void FetchRun::CutBytes() {
  Cancel();
  slot_.ForgetLater(id_);
}

void FetchRun::SendBody(std::string bytes) {
  if (origin_ == nullptr) return;
  waiting_.Append(std::move(bytes));
  Flush();
}

void FetchRun::SendEnd() {
  if (origin_ == nullptr) return;
  end_waiting_ = true;
  Flush();
}

void FetchRun::Abort() {
  place_.reset();
  if (origin_ == nullptr) return;
  std::exchange(origin_, nullptr)
      ->OnCancel(
          Error(ErrorCode::kUnavailable, "the Worker aborted the fetch"));
}

void FetchRun::Cancel() {
  Abort();
  if (socket_ != nullptr) socket_->OnGone();
}

void FetchRun::Grant(uint64_t bytes) {
  if (origin_ != nullptr) origin_->OnResponseCredit(bytes);
}

void FetchRun::Flush() {
  if (origin_ == nullptr) return;
  if (socket_ != nullptr) return socket_->Flush();
  const std::string_view now = waiting_.Take(credit_);
  if (!now.empty()) {
    origin_->OnRequestBody(now);
    if (!end_waiting_) slot_.Deliver(runtime::FetchCredit{id_, now.size()});
  }
  waiting_.Release();
  if (waiting_.empty() && end_waiting_) {
    end_waiting_ = false;
    sent_end_ = true;
    origin_->OnRequestEnd();
  }
}

void FetchRun::DropHead() {
  slot_.waiting_bytes() -= std::exchange(head_bytes_, 0);
}

void FetchRun::RefuseBody() {
  waiting_.Clear();
  if (!sent_end_) slot_.Deliver(runtime::FetchBodyRefused{id_});
}

void FetchRun::GrantRequestBody(uint64_t bytes) {
  credit_ += bytes;
  waiting_.set_window(kBodyWindow);
  DropHead();
  if (!waiting_.empty() || socket_ != nullptr) slot_.FlushLater(id_);
}

void FetchRun::Respond(const net::ResponseHead& head, std::string_view body) {
  origin_ = nullptr;
  place_.reset();
  DropHead();
  slot_.OnFetchAnswered(id_, head);
  slot_.OnBody(id_, body, true);
  RefuseBody();
}

void FetchRun::RespondStart(const net::ResponseHead& head) {
  answered_ = true;
  DropHead();
  if (head.status == 101) return BeginWebSocket(head);
  slot_.OnFetchAnswered(id_, head);
}

void FetchRun::RespondBody(std::string_view bytes) {
  if (socket_ != nullptr) return socket_->OnBytes(bytes);
  slot_.OnBody(id_, bytes, false);
}

void FetchRun::RespondEnd() {
  origin_ = nullptr;
  place_.reset();
  if (socket_ != nullptr) {
    socket_->OnGone();
    return slot_.ForgetLater(id_);
  }
  slot_.OnBody(id_, {}, true);
  RefuseBody();
}

void FetchRun::RespondAbort(const Error& why) {
  origin_ = nullptr;
  place_.reset();
  DropHead();
  if (socket_ != nullptr) {
    socket_->OnGone();
    slot_.ForgetLater(id_);
  } else if (answered_) {
    slot_.OnBodyFailed(id_, why.message());
    RefuseBody();
  } else {
    slot_.OnFetchFailed(id_, why.message());
  }
}

}  // namespace caravel::host
