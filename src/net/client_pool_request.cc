#include "net/client_pool_request.h"

#include "net/client_request.h"

namespace caravel::net {

ClientPool::Request::Request(ClientPool& pool, uint64_t number, Origin origin,
                             RequestHead& head, Asker& asker)
    : pool_(pool),
      number_(number),
      origin_(std::move(origin)),
      head_(std::move(head)),
      asker_(asker),
      may_be_sent_twice_(head_.body_size == 0 && IsIdempotent(head_.method)) {}

ClientPool::Request::~Request() { pool_.loop_.Cancel(failure_timer_); }

void ClientPool::Request::StartOn(ClientConnection& connection,
                                  bool used_before) {
  connection_ = &connection;
  may_retry_ = used_before && may_be_sent_twice_;
  answerer_ = &connection.Start(head_, *this);
  if (early_credit_ > 0) answerer_->OnResponseCredit(early_credit_);
  if (early_end_) answerer_->OnRequestEnd();
}

void ClientPool::Request::Fail(const Error& why) {
  asker_.RespondAbort(why);
  Leave();
}

void ClientPool::Request::FailSoon(Error why) {
  failure_ = std::move(why);
  failure_timer_ = pool_.loop_.At(pool_.loop_.Now(), [this] {
    const Error failure(std::move(*failure_));
    Fail(failure);
  });
}

void ClientPool::Request::Leave() {
  // Kept until the end of the call: it is `this` that goes.
  const auto gone = pool_.requests_.extract(number_);
}

void ClientPool::Request::OnRequestBody(std::string_view bytes) {
  // None is granted before there is a connection.
  if (answerer_ != nullptr) answerer_->OnRequestBody(bytes);
}

void ClientPool::Request::OnRequestEnd() {
  early_end_ = true;
  if (answerer_ != nullptr) answerer_->OnRequestEnd();
}

void ClientPool::Request::OnResponseCredit(uint64_t bytes) {
  early_credit_ += bytes;
  if (answerer_ != nullptr) answerer_->OnResponseCredit(bytes);
}

void ClientPool::Request::OnCancel(const Error& why) {
  if (answerer_ != nullptr) {
    answerer_->OnCancel(why);
  } else {
    pool_.shares_.StopWaiting(origin_.owner, number_);
  }
  Leave();
}

void ClientPool::Request::Respond(const ResponseHead& head,
                                  std::string_view body) {
  asker_.Respond(head, body);
  Leave();
}

void ClientPool::Request::RespondStart(const ResponseHead& head) {
  asker_.RespondStart(head);
}

void ClientPool::Request::RespondBody(std::string_view bytes) {
  asker_.RespondBody(bytes);
}

void ClientPool::Request::RespondEnd() {
  asker_.RespondEnd();
  Leave();
}

void ClientPool::Request::RespondAbort(const Error& why) {
  const bool nothing_came = !connection_->response_begun();
  connection_ = nullptr;
  answerer_ = nullptr;
  if (may_retry_ && nothing_came) {
    may_retry_ = false;
    pool_.DialAgain(number_, origin_);
    return;
  }
  Fail(why.Clone().In("fetch to " + origin_.ToText()));
}

void ClientPool::Request::GrantRequestBody(uint64_t bytes) {
  asker_.GrantRequestBody(bytes);
}

}  // namespace caravel::net
