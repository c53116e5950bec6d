#include "daemon/deferred_answers.h"

namespace caravel::daemon {

class DeferredAnswers::Call final : public net::Answerer {
 public:
  Call(net::Asker& asker, Make make) : asker_(&asker), make_(std::move(make)) {}

  void OnRequestBody(std::string_view) override {}
  void OnRequestEnd() override {}
  void OnResponseCredit(uint64_t) override {}
  void OnCancel(const Error&) override { asker_ = nullptr; }

  void Answer() {
    if (asker_ == nullptr) return;
    const api::Reply reply = make_();
    net::ResponseHead head;
    head.status = reply.status;
    head.headers.Add("Content-Type", reply.content_type);
    head.headers.Add("Cache-Control", "no-store");
    head.body_size = static_cast<int64_t>(reply.body.size());
    asker_->Respond(head, reply.body);
  }

 private:
  net::Asker* asker_;  // nullptr once it has gone
  const Make make_;
};

DeferredAnswers::DeferredAnswers(net::EventLoop& loop) : loop_(loop) {}

DeferredAnswers::~DeferredAnswers() { loop_.Cancel(timer_); }

net::Answerer& DeferredAnswers::Add(net::Asker& asker, Make make) {
  if (calls_.empty()) {
    timer_ = loop_.After(std::chrono::nanoseconds(0), [this] { Answer(); });
  }
  calls_.push_back(std::make_unique<Call>(asker, std::move(make)));
  return *calls_.back();
}

void DeferredAnswers::Answer() {
  const auto calls = std::exchange(calls_, {});
  for (const auto& call : calls) call->Answer();
}

}  // namespace caravel::daemon
