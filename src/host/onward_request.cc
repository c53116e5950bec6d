#include "host/onward_request.h"

#include <algorithm>
#include <utility>

namespace caravel::host {

OnwardRequest::~OnwardRequest() {
  OnCancel(Error(ErrorCode::kUnavailable, "the Worker was ended"));
}

void OnwardRequest::Begin(net::Target& origin, net::RequestHead& head,
                          uint64_t credit) {
  origin_ = &origin.Start(head, *this);
  if (credit > 0) origin_->OnResponseCredit(credit);
  owner_.FlushSoon();
}

void OnwardRequest::OnRequestBody(std::string_view bytes) {
  expected_ -= std::min<uint64_t>(expected_, bytes.size());
  body_ += bytes;
  owner_.FlushSoon();
}

void OnwardRequest::OnRequestEnd() {
  ends_ = true;
  owner_.FlushSoon();
}

void OnwardRequest::OnResponseCredit(uint64_t bytes) {
  if (origin_ != nullptr) origin_->OnResponseCredit(bytes);
}

void OnwardRequest::OnCancel(const Error& why) {
  if (origin_ != nullptr) std::exchange(origin_, nullptr)->OnCancel(why);
}

void OnwardRequest::Flush() {
  if (origin_ == nullptr) return;
  const size_t now =
      static_cast<size_t>(std::min<uint64_t>(credit_, body_.size()));
  if (now > 0) {
    credit_ -= now;
    origin_->OnRequestBody(std::string_view(body_).substr(0, now));
    body_.erase(0, now);
  }
  if (ends_ && body_.empty() && !std::exchange(told_end_, true)) {
    origin_->OnRequestEnd();
  }
  const uint64_t coming = body_.size() + expected_;
  if (!ends_ && credit_ > coming && owner_.client() != nullptr) {
    owner_.client()->GrantRequestBody(credit_ - coming);
    expected_ += credit_ - coming;
  }
}

void OnwardRequest::Respond(const net::ResponseHead& head,
                            std::string_view body) {
  origin_ = nullptr;
  if (owner_.client() != nullptr) owner_.client()->Respond(head, body);
  owner_.OnOver();
}

void OnwardRequest::RespondStart(const net::ResponseHead& head) {
  if (owner_.client() != nullptr) owner_.client()->RespondStart(head);
}

void OnwardRequest::RespondBody(std::string_view bytes) {
  if (owner_.client() != nullptr) owner_.client()->RespondBody(bytes);
}

void OnwardRequest::RespondEnd() {
  origin_ = nullptr;
  if (owner_.client() != nullptr) owner_.client()->RespondEnd();
  owner_.OnOver();
}

void OnwardRequest::RespondAbort(const Error& why) {
  origin_ = nullptr;
  if (owner_.client() != nullptr) owner_.client()->RespondAbort(why);
  owner_.OnOver();
}

void OnwardRequest::GrantRequestBody(uint64_t bytes) {
  credit_ += bytes;
  owner_.FlushSoon();
}

}  // namespace caravel::host
