#include "daemon/edit_checks.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/check.h"

namespace caravel::daemon {

EditChecks::EditChecks(net::EventLoop& loop, Check check, Tell tell)
    : loop_(loop), check_(std::move(check)), tell_(std::move(tell)) {}

EditChecks::~EditChecks() {
  CARAVEL_CHECK(!busy_);
  if (thread_.joinable()) thread_.join();
}

void EditChecks::Submit(Edit edit) {
  const auto older = std::ranges::find_if(waiting_, [&](const Edit& each) {
    return each.worker.id == edit.worker.id;
  });
  if (older != waiting_.end()) {
    *older = std::move(edit);
  } else {
    waiting_.push_back(std::move(edit));
  }
  BeginNext();
}

void EditChecks::Start() {
  may_begin_ = true;
  BeginNext();
}

void EditChecks::Stop() {
  stopped_ = true;
  waiting_.clear();
}

void EditChecks::BeginNext() {
  if (waiting_.empty() || busy_ || !may_begin_ || stopped_) return;
  busy_ = true;
  if (thread_.joinable()) thread_.join();
  thread_ = std::thread([this, edit = std::move(waiting_.front())]() mutable {
    auto checked = std::make_shared<Checked>(check_(std::move(edit)));
    const bool posted = loop_.Post([this, checked] {
      busy_ = false;
      if (stopped_) return;
      tell_(std::move(*checked));
      BeginNext();
    });
    CARAVEL_CHECK(posted);  // the loop runs until busy() is false
  });
  waiting_.erase(waiting_.begin());
}

}  // namespace caravel::daemon
