#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "control/answer.h"
#include "net/event_loop.h"
#include "net/exchange.h"

namespace caravel::daemon {

// Answers that are known at once, given in the loop's next round: none may be
// given from within net::Target::Start(). Bodies of requests are not taken.
//
// Threads: the one that drives the loop.
class DeferredAnswers {
 public:
  using Make = std::function<api::Reply()>;

  // `loop` outlives this.
  explicit DeferredAnswers(net::EventLoop& loop);
  ~DeferredAnswers();
  DeferredAnswers(const DeferredAnswers&) = delete;
  DeferredAnswers& operator=(const DeferredAnswers&) = delete;

  // What Start() returns. `make` is called when the answer is given.
  net::Answerer& Add(net::Asker& asker, Make make);

 private:
  class Call;

  void Answer();

  net::EventLoop& loop_;
  std::vector<std::unique_ptr<Call>> calls_;
  net::EventLoop::TimerId timer_;
};

}  // namespace caravel::daemon
