#include "daemon/edit_checks.h"

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
  waiting_ = std::move(edit);
  BeginNext();
}

void EditChecks::Start() {
  may_begin_ = true;
  BeginNext();
}

void EditChecks::Stop() {
  stopped_ = true;
  waiting_.reset();
}

void EditChecks::BeginNext() {
  if (!waiting_ || busy_ || !may_begin_ || stopped_) return;
  busy_ = true;
  if (thread_.joinable()) thread_.join();
  thread_ = std::thread([this, edit = std::move(*waiting_)]() mutable {
    auto served =
        std::make_shared<Result<VersionServed>>(check_(std::move(edit)));
    const bool posted = loop_.Post([this, served] {
      busy_ = false;
      if (stopped_) return;
      tell_(std::move(*served));
      BeginNext();
    });
    CARAVEL_CHECK(posted);  // the loop runs until busy() is false
  });
  waiting_.reset();
}

}  // namespace caravel::daemon
