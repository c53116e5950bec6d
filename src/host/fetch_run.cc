#include "host/fetch_run.h"

#include <utility>

#include "host/slot.h"

namespace caravel::host {

FetchRun::FetchRun(Slot& slot, runtime::FetchId id)
    : slot_(slot), id_(id), waiting_(slot.waiting_bytes(), 0) {}

FetchRun::~FetchRun() {
  Abort();
  DropHead();
}

void FetchRun::Start(net::Target& origin, net::RequestHead& head,
                     std::string body, bool body_follows) {
  head_bytes_ = head.method.size() + head.authority.size() +
                head.target.size() + head.headers.bytes();
  slot_.waiting_bytes() += head_bytes_;
  origin_ = &origin.Start(head, *this);
  waiting_.Append(std::move(body));
  end_waiting_ = !body_follows;
  origin_->OnResponseCredit(kAnswerWindow);
  if (waiting_.empty()) Flush();
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
  if (origin_ == nullptr) return;
  std::exchange(origin_, nullptr)
      ->OnCancel(
          Error(ErrorCode::kUnavailable, "the Worker aborted the fetch"));
}

void FetchRun::Grant(uint64_t bytes) {
  if (origin_ != nullptr) origin_->OnResponseCredit(bytes);
}

void FetchRun::Flush() {
  if (origin_ == nullptr) return;
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
  if (!waiting_.empty()) slot_.FlushLater(id_);
}

void FetchRun::Respond(const net::ResponseHead& head, std::string_view body) {
  origin_ = nullptr;
  DropHead();
  slot_.OnFetchAnswered(id_, head);
  slot_.OnBody(id_, body, true);
  RefuseBody();
}

void FetchRun::RespondStart(const net::ResponseHead& head) {
  answered_ = true;
  DropHead();
  slot_.OnFetchAnswered(id_, head);
}

void FetchRun::RespondBody(std::string_view bytes) {
  slot_.OnBody(id_, bytes, false);
}

void FetchRun::RespondEnd() {
  origin_ = nullptr;
  slot_.OnBody(id_, {}, true);
  RefuseBody();
}

void FetchRun::RespondAbort(const Error& why) {
  origin_ = nullptr;
  DropHead();
  if (answered_) {
    slot_.OnBodyFailed(id_, why.message());
    RefuseBody();
  } else {
    slot_.OnFetchFailed(id_, why.message());
  }
}

}  // namespace caravel::host
