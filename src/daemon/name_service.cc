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
    registry::ResolveName question;
    Done done;
  };
  struct Task {
    uint64_t number;
    registry::ResolveName question;
  };

  void Work() CARAVEL_EXCLUDES(mutex);
  std::optional<Task> Next() CARAVEL_EXCLUDES(mutex);
  void Begin(uint64_t number) CARAVEL_EXCLUDES(mutex);
  void OnAnswer(uint64_t number, Result<std::string> answer);
  void Refuse(Done done, const char* code);

  net::EventLoop& loop;
  const Options options;
  // Of the loop's thread. Answers under way refer to it weakly.
  std::shared_ptr<State*> alive = std::make_shared<State*>(this);
  net::FairShares shares;
  uint64_t last_number = 0;
  std::unordered_map<uint64_t, Asked> asked;
  std::unordered_map<std::string, size_t> asked_by;  // by worker
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

void NameService::Ask(const registry::ResolveName& question, Done done) {
  State& state = *state_;
  const std::string& worker = question.worker.value;
  if (state.asked.size() >= state.options.max_waiting) {
    return state.Refuse(std::move(done), "ENOMEM");
  }
  size_t& count = state.asked_by[worker];
  if (count >= state.options.max_waiting_for_worker) {
    return state.Refuse(std::move(done), "ENOMEM");
  }
  ++count;
  const uint64_t number = ++state.last_number;
  state.asked.emplace(number, State::Asked{question, std::move(done)});
  if (state.shares.TryTake(worker)) {
    state.Begin(number);
  } else {
    state.shares.Wait(worker, number);
  }
}

void NameService::State::Refuse(Done done, const char* code) {
  loop.After(std::chrono::nanoseconds(0), [done = std::move(done), code] {
    done(Error(ErrorCode::kLimit, code));
  });
}

void NameService::State::Begin(uint64_t number) {
  const base::MutexLock lock(mutex);
  tasks.push_back({number, asked.at(number).question});
  changed.NotifyOne();
}

void NameService::State::OnAnswer(uint64_t number, Result<std::string> answer) {
  auto node = asked.extract(number);
  const std::string worker = node.mapped().question.worker.value;
  const auto count = asked_by.find(worker);
  if (--count->second == 0) asked_by.erase(count);
  shares.Release(worker);
  while (const std::optional<uint64_t> next = shares.TakeNext()) Begin(*next);
  node.mapped().done(std::move(answer));
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
