// A question waits on the loop's side until its Worker's turn has come, so that
// the threads' queue is never longer than there are threads.
//
// Tests: name_service_test.cc.
#include "daemon/name_service.h"

#include <deque>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "daemon/counts.h"
#include "daemon/name_lookup.h"
#include "net/fair_shares.h"

namespace caravel::daemon {

class NameService::State {
 public:
  State(net::EventLoop& event_loop, const Options& given)
      : loop(event_loop),
        options(given),
        shares(static_cast<size_t>(given.threads)) {}

  struct Asked {
    std::string host;
    registry::ResolveName question;
    Done done;  // empty once the host has left
    std::optional<net::EventLoop::TimerId> deadline;  // set while it waits
  };
  struct Task {
    uint64_t number;
    registry::ResolveName question;
  };

  void Work() CARAVEL_EXCLUDES(mutex);
  std::optional<Task> Next() CARAVEL_EXCLUDES(mutex);
  void Wait(uint64_t number);
  void Begin(uint64_t number) CARAVEL_EXCLUDES(mutex);
  void OnAnswer(uint64_t number, Result<std::string> answer);
  void OnDeadline(uint64_t number);
  void Refuse(Done done, const char* code);
  // Takes a question out of all that counts it.
  Asked Forget(uint64_t number);

  net::EventLoop& loop;
  const Options options;
  // Of the loop's thread. Answers under way refer to it weakly.
  std::shared_ptr<State*> alive = std::make_shared<State*>(this);
  net::FairShares shares;
  uint64_t last_number = 0;
  std::unordered_map<uint64_t, Asked> asked;
  Counts asked_by;    // by worker
  Counts asked_from;  // by host
  std::vector<std::thread> threads;

  base::Mutex mutex;
  base::CondVar changed;
  std::deque<Task> tasks CARAVEL_GUARDED_BY(mutex);
  bool stopping CARAVEL_GUARDED_BY(mutex) = false;
};

NameService::NameService(net::EventLoop& loop) : NameService(loop, Options()) {}

NameService::NameService(net::EventLoop& loop, const Options& options)
    : state_(std::make_unique<State>(loop, options)) {
  for (int i = 0; i < options.threads; ++i) {
    state_->threads.emplace_back([state = state_.get()] { state->Work(); });
  }
}

NameService::~NameService() {
  {
    const base::MutexLock lock(state_->mutex);
    state_->stopping = true;
    state_->changed.NotifyAll();
  }
  for (std::thread& thread : state_->threads) thread.join();
}

void NameService::Ask(const std::string& host,
                      const registry::ResolveName& question, Done done) {
  State& state = *state_;
  const std::string& worker = question.worker.value;
  if (state.asked.size() >= state.options.max_waiting ||
      state.asked_from.Of(host) >= state.options.max_waiting_for_host ||
      state.asked_by.Of(worker) >= state.options.max_waiting_for_worker) {
    return state.Refuse(std::move(done), "ENOMEM");
  }
  state.asked_from.Add(host);
  state.asked_by.Add(worker);
  const uint64_t number = ++state.last_number;
  state.asked.emplace(number,
                      State::Asked{host, question, std::move(done), {}});
  if (state.shares.TryTake(worker)) {
    state.Begin(number);
  } else {
    state.Wait(number);
  }
}

void NameService::OnHostLeft(const std::string& host) {
  State& state = *state_;
  std::vector<uint64_t> waiting;
  for (auto& [number, asked] : state.asked) {
    if (asked.host != host) continue;
    asked.done = nullptr;
    if (asked.deadline) waiting.push_back(number);
  }
  for (const uint64_t number : waiting) {
    const State::Asked asked = state.Forget(number);
    state.shares.StopWaiting(asked.question.worker.value, number);
    state.loop.Cancel(*asked.deadline);
  }
}

void NameService::State::Refuse(Done done, const char* code) {
  loop.After(std::chrono::nanoseconds(0), [done = std::move(done), code] {
    done(Error(ErrorCode::kLimit, code));
  });
}

void NameService::State::Wait(uint64_t number) {
  Asked& waits = asked.at(number);
  shares.Wait(waits.question.worker.value, number);
  const std::weak_ptr<State*> weak = alive;
  waits.deadline = loop.After(options.max_wait, [weak, number] {
    const std::shared_ptr<State*> state = weak.lock();
    if (state != nullptr) (*state)->OnDeadline(number);
  });
}

void NameService::State::OnDeadline(uint64_t number) {
  const Asked late = Forget(number);
  shares.StopWaiting(late.question.worker.value, number);
  const bool records = late.question.asks == registry::NameQuestion::kRecords;
  late.done(Error(ErrorCode::kLimit, records ? "ETIMEOUT" : "EAI_AGAIN"));
}

void NameService::State::Begin(uint64_t number) {
  Asked& begun = asked.at(number);
  if (begun.deadline) loop.Cancel(*begun.deadline);
  begun.deadline.reset();
  const base::MutexLock lock(mutex);
  tasks.push_back({number, begun.question});
  changed.NotifyOne();
}

void NameService::State::OnAnswer(uint64_t number, Result<std::string> answer) {
  const Asked answered = Forget(number);
  shares.Release(answered.question.worker.value);
  while (const std::optional<uint64_t> next = shares.TakeNext()) Begin(*next);
  if (answered.done != nullptr) answered.done(std::move(answer));
}

NameService::State::Asked NameService::State::Forget(uint64_t number) {
  auto node = asked.extract(number);
  asked_from.Remove(node.mapped().host);
  asked_by.Remove(node.mapped().question.worker.value);
  return std::move(node.mapped());
}

std::optional<NameService::State::Task> NameService::State::Next() {
  const base::MutexLock lock(mutex);
  while (tasks.empty() && !stopping) changed.Wait(mutex);
  if (stopping) return std::nullopt;
  Task task = std::move(tasks.front());
  tasks.pop_front();
  return task;
}

void NameService::State::Work() {
  LimitLookUpsOfThread();
  const std::weak_ptr<State*> weak = alive;
  while (std::optional<Task> task = Next()) {
    // A task of the loop must be copyable, a Result is not.
    auto answer = std::make_shared<Result<std::string>>(
        LookUpName(task->question, options.dns_server));
    const bool posted = loop.Post([weak, number = task->number, answer] {
      const std::shared_ptr<State*> state = weak.lock();
      if (state != nullptr) (*state)->OnAnswer(number, std::move(*answer));
    });
    if (!posted) return;  // the loop is closed: nobody waits
  }
}

}  // namespace caravel::daemon
