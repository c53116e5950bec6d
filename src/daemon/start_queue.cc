#include "daemon/start_queue.h"

#include <utility>

namespace caravel::daemon {

bool StartQueue::Add(const std::string& host, std::function<void()> answer) {
  if (open_) {
    answer();
    return true;
  }
  if (waiting_.size() >= max_waiting_ ||
      waiting_of_.Of(host) >= max_waiting_ / 2) {
    return false;
  }
  waiting_.push_back({host, std::move(answer)});
  waiting_of_.Add(host);
  return true;
}

void StartQueue::Open() {
  open_ = true;
  waiting_of_ = Counts();
  // An answer may be the end of a host, whose other questions then go.
  while (!waiting_.empty()) {
    const Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    next.answer();
  }
}

void StartQueue::OnHostLeft(const std::string& host) {
  waiting_of_.Forget(host);
  std::erase_if(waiting_,
                [&host](const Waiting& each) { return each.host == host; });
}

}  // namespace caravel::daemon
