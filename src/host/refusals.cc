#include "host/refusals.h"

#include <utility>

namespace caravel::host {

class Refusals::Answerer final : public net::Answerer {
 public:
  Answerer(net::Asker& asker, ErrorAnswer answer)
      : asker_(&asker), answer_(std::move(answer)) {}
  void OnRequestBody(std::string_view) override {}
  void OnRequestEnd() override {}
  void OnResponseCredit(uint64_t) override {}
  void OnCancel(const Error&) override { asker_ = nullptr; }
  void Give() {
    if (asker_ == nullptr) return;
    std::exchange(asker_, nullptr)->Respond(answer_.head, answer_.body);
  }

 private:
  net::Asker* asker_;
  ErrorAnswer answer_;
};

Refusals::Refusals() = default;
Refusals::~Refusals() = default;

net::Answerer& Refusals::Add(net::Asker& asker, ErrorAnswer answer) {
  waiting_.push_back(std::make_unique<Answerer>(asker, std::move(answer)));
  return *waiting_.back();
}

void Refusals::GiveAll() {
  for (const auto& answerer : waiting_) answerer->Give();
  waiting_.clear();
}

}  // namespace caravel::host
