// Threads take names from one queue and post the answers to the loop. An answer
// finds its caller by number in a map that only the loop's thread touches, so
// that a destroyed resolver's answers fall away.
#include "daemon/egress_resolver.h"

#include <netdb.h>

#include <cerrno>
#include <deque>
#include <thread>
#include <unordered_map>

#include "base/mutex.h"
#include "daemon/name_lookup.h"

namespace caravel::daemon {
namespace {

constexpr size_t kMaxWaitingNames = 1024;

Result<Resolver::Addresses> LookUp(const std::string& name) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  const int failure = ::getaddrinfo(name.c_str(), nullptr, &hints, &raw);
  const int error_number = errno;
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(raw,
                                                            ::freeaddrinfo);
  if (failure == EAI_SYSTEM) return ErrnoError("the resolver", error_number);
  if (failure != 0) {
    const bool may_pass = failure == EAI_AGAIN || failure == EAI_MEMORY;
    return Error(may_pass ? ErrorCode::kUnavailable : ErrorCode::kNotFound,
                 ::gai_strerror(failure));
  }
  Resolver::Addresses addresses;
  for (const addrinfo* each = list.get(); each != nullptr;
       each = each->ai_next) {
    const std::optional<net::IpAddress> address =
        net::IpAddress::From(*each->ai_addr);
    if (address) addresses.push_back(*address);
  }
  if (addresses.empty()) {
    return Error(ErrorCode::kNotFound, "it has no address");
  }
  return addresses;
}

}  // namespace

class SystemResolver::State {
 public:
  explicit State(net::EventLoop& event_loop) : loop(event_loop) {}

  struct Question {
    uint64_t number;
    std::string name;
  };
  // Who waits for an answer, by number. Touched from the loop only; shared with
  // the answers under way, which find it gone.
  using Callers = std::unordered_map<uint64_t, Done>;

  void Work() CARAVEL_EXCLUDES(mutex);
  std::optional<Question> Next() CARAVEL_EXCLUDES(mutex);

  net::EventLoop& loop;
  std::shared_ptr<Callers> callers = std::make_shared<Callers>();
  uint64_t last_number = 0;
  std::vector<std::thread> threads;

  base::Mutex mutex;
  base::CondVar changed;
  std::deque<Question> questions CARAVEL_GUARDED_BY(mutex);
  bool stopping CARAVEL_GUARDED_BY(mutex) = false;
};

std::optional<SystemResolver::State::Question> SystemResolver::State::Next() {
  const base::MutexLock lock(mutex);
  while (questions.empty() && !stopping) changed.Wait(mutex);
  if (stopping) return std::nullopt;
  Question question = std::move(questions.front());
  questions.pop_front();
  return question;
}

void SystemResolver::State::Work() {
  LimitLookUpsOfThread();
  while (std::optional<Question> question = Next()) {
    // A task must be copyable, a Result is not.
    auto answer = std::make_shared<Result<Addresses>>(LookUp(question->name));
    const std::weak_ptr<Callers> weak = callers;
    const bool posted = loop.Post([weak, number = question->number, answer] {
      const std::shared_ptr<Callers> alive = weak.lock();
      if (alive == nullptr) return;
      auto found = alive->extract(number);
      if (!found.empty()) found.mapped()(std::move(*answer));
    });
    if (!posted) return;  // the loop is closed: nobody waits
  }
}

SystemResolver::SystemResolver(net::EventLoop& loop, int threads)
    : state_(std::make_unique<State>(loop)) {
  for (int i = 0; i < threads; ++i) {
    state_->threads.emplace_back([state = state_.get()] { state->Work(); });
  }
}

SystemResolver::~SystemResolver() {
  {
    const base::MutexLock lock(state_->mutex);
    state_->stopping = true;
    state_->changed.NotifyAll();
  }
  for (std::thread& thread : state_->threads) thread.join();
}

void SystemResolver::Resolve(const std::string& name, Done done) {
  const base::MutexLock lock(state_->mutex);
  if (state_->questions.size() >= kMaxWaitingNames) {
    state_->loop.After(std::chrono::nanoseconds(0), [done = std::move(done)] {
      done(Error(ErrorCode::kLimit,
                 fmt::format("{} names wait for the resolver already",
                             kMaxWaitingNames)));
    });
    return;
  }
  const uint64_t number = ++state_->last_number;
  state_->callers->emplace(number, std::move(done));
  state_->questions.push_back({number, name});
  state_->changed.NotifyOne();
}

}  // namespace caravel::daemon
