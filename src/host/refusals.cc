#include "host/refusals.h"

#include <utility>
#include <variant>

namespace caravel::host {

class Refusals::Answerer final : public net::Answerer {
 public:
  Answerer(net::Asker& asker, std::variant<ErrorAnswer, Error> answer)
      : asker_(&asker), answer_(std::move(answer)) {}
  void OnRequestBody(std::string_view) override {}
  void OnRequestEnd() override {}
  void OnResponseCredit(uint64_t) override {}
  void OnCancel(const Error&) override { asker_ = nullptr; }
  void Give() {
    if (asker_ == nullptr) return;
    net::Asker& asker = *std::exchange(asker_, nullptr);
    if (const auto* page = std::get_if<ErrorAnswer>(&answer_)) {
      asker.Respond(page->head, page->body);
    } else {
      asker.RespondAbort(std::get<Error>(answer_));
    }
  }

 private:
  net::Asker* asker_;
  std::variant<ErrorAnswer, Error> answer_;
};

Refusals::Refusals() = default;
Refusals::~Refusals() = default;

net::Answerer& Refusals::Add(net::Asker& asker, ErrorAnswer answer) {
  waiting_.push_back(std::make_unique<Answerer>(asker, std::move(answer)));
  return *waiting_.back();
}

net::Answerer& Refusals::Add(net::Asker& asker, Error why) {
  waiting_.push_back(std::make_unique<Answerer>(asker, std::move(why)));
  return *waiting_.back();
}

void Refusals::GiveAll() {
  for (const auto& answerer : waiting_) answerer->Give();
  waiting_.clear();
}

}  // namespace caravel::host
