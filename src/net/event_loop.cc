// Three sources of work and one system call a round. Descriptors: epoll returns
// a number and the generation of its watch; a generation that has passed marks
// an event fetched before Unwatch(). Timers: a binary heap whose cancelled
// entries stay until they surface or are more than half of it. Tasks: a list
// under a lock, looked at only when `signal_` says that somebody posted; the
// eventfd is written only when the driver sleeps, so posting within a round
// costs no system call.
//
// Tests: event_loop_test.cc.
#include "net/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <vector>

#include "base/check.h"
#include "base/fd.h"
#include "base/mutex.h"

namespace caravel::net {
namespace {

constexpr int kMaxEventsPerRound = 256;
constexpr size_t kFewStaleTimers = 64;

uint64_t Key(uint32_t generation, int fd) {
  return uint64_t{generation} << 32 | static_cast<uint32_t>(fd);
}

// Timers in the order of their time, and of their making where that is equal.
class TimerHeap {
 public:
  EventLoop::TimerId Add(base::SteadyTime when, EventLoop::Task task);
  void Cancel(EventLoop::TimerId timer);

  // The time of the next timer; nothing when there is none.
  std::optional<base::SteadyTime> Next();

  // Runs what is due at `now`. What a task adds waits for the next call, so
  // that a timer which sets itself again leaves the loop to others.
  void Run(base::SteadyTime now);

 private:
  struct Slot {
    EventLoop::Task task;
    uint32_t generation = 0;  // raised when its timer is over
    bool used = false;
  };
  struct Entry {
    base::SteadyTime when;
    uint64_t sequence = 0;
    uint32_t slot = 0;
    uint32_t generation = 0;
  };
  static bool Later(const Entry& a, const Entry& b) {
    return a.when != b.when ? a.when > b.when : a.sequence > b.sequence;
  }
  bool IsStale(const Entry& entry) const {
    return slots_[entry.slot].generation != entry.generation;
  }
  EventLoop::Task Free(uint32_t index);
  void Pop() {
    std::pop_heap(heap_.begin(), heap_.end(), Later);
    heap_.pop_back();
  }

  std::vector<Entry> heap_;
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
  uint64_t next_sequence_ = 0;
  size_t stale_ = 0;
};

EventLoop::TimerId TimerHeap::Add(base::SteadyTime when, EventLoop::Task task) {
  uint32_t index = 0;
  if (free_.empty()) {
    index = static_cast<uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Slot& slot = slots_[index];
  slot.task = std::move(task);
  slot.used = true;
  heap_.push_back({when, next_sequence_++, index, slot.generation});
  std::push_heap(heap_.begin(), heap_.end(), Later);
  return {uint64_t{slot.generation} << 32 | (index + 1)};
}

EventLoop::Task TimerHeap::Free(uint32_t index) {
  Slot& slot = slots_[index];
  ++slot.generation;
  slot.used = false;
  free_.push_back(index);
  return std::exchange(slot.task, nullptr);
}

void TimerHeap::Cancel(EventLoop::TimerId timer) {
  const auto number = static_cast<uint32_t>(timer.value);
  if (number == 0 || number > slots_.size()) return;
  const Slot& slot = slots_[number - 1];
  if (!slot.used || slot.generation != timer.value >> 32) return;
  const EventLoop::Task dropped = Free(number - 1);
  if (++stale_ < kFewStaleTimers || stale_ * 2 < heap_.size()) return;
  std::erase_if(heap_, [this](const Entry& entry) { return IsStale(entry); });
  std::make_heap(heap_.begin(), heap_.end(), Later);
  stale_ = 0;
}

std::optional<base::SteadyTime> TimerHeap::Next() {
  while (!heap_.empty() && IsStale(heap_.front())) {
    Pop();
    --stale_;
  }
  if (heap_.empty()) return std::nullopt;
  return heap_.front().when;
}

void TimerHeap::Run(base::SteadyTime now) {
  const uint64_t end = next_sequence_;
  while (true) {
    const std::optional<base::SteadyTime> next = Next();
    if (!next.has_value() || *next > now) return;
    if (heap_.front().sequence >= end) return;
    const uint32_t slot = heap_.front().slot;
    Pop();
    const EventLoop::Task task = Free(slot);
    task();
  }
}

class EpollLoop final : public EventLoop {
 public:
  EpollLoop(const base::Clock& clock, base::Fd epoll, base::Fd wake)
      : clock_(clock),
        epoll_(std::move(epoll)),
        wake_(std::move(wake)),
        now_(clock.Steady()) {}

  Status Watch(int fd, uint32_t events, Watcher& watcher) override;
  void Change(int fd, uint32_t events) override;
  void Unwatch(int fd) override;
  TimerId At(base::SteadyTime when, Task task) override {
    return timers_.Add(when, std::move(task));
  }
  void Cancel(TimerId timer) override { timers_.Cancel(timer); }
  bool Post(Task task) override;
  void Wake() override;
  void Close() override;
  void Poll(std::chrono::nanoseconds timeout) override;
  base::SteadyTime Now() const override { return now_; }

 private:
  struct WatchEntry {
    Watcher* watcher = nullptr;
    uint32_t generation = 0;
  };
  // Whether the driver sleeps, and whether somebody has called it.
  enum class Signal : unsigned char { kAwake, kAsleep, kCalled };

  int WaitMilliseconds(std::chrono::nanoseconds timeout);
  void RunTasks();

  const base::Clock& clock_;
  const base::Fd epoll_;
  const base::Fd wake_;
  base::SteadyTime now_;
  std::vector<WatchEntry> watches_;  // by descriptor
  TimerHeap timers_;
  std::array<epoll_event, kMaxEventsPerRound> events_;
  std::vector<Task> running_;

  std::atomic<Signal> signal_ = Signal::kAwake;
  base::Mutex mutex_;
  std::vector<Task> tasks_ CARAVEL_GUARDED_BY(mutex_);
  bool closed_ CARAVEL_GUARDED_BY(mutex_) = false;
};

Status EpollLoop::Watch(int fd, uint32_t events, Watcher& watcher) {
  CARAVEL_CHECK(fd >= 0, fd);
  const auto index = static_cast<size_t>(fd);
  if (index >= watches_.size()) watches_.resize(index + 1);
  WatchEntry& watch = watches_[index];
  CARAVEL_CHECK(watch.watcher == nullptr, fd);
  epoll_event event = {};
  event.events = events;
  event.data.u64 = Key(watch.generation, fd);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    return ErrnoError(fmt::format("wait for descriptor {}", fd), errno);
  }
  watch.watcher = &watcher;
  return {};
}

void EpollLoop::Change(int fd, uint32_t events) {
  const auto index = static_cast<size_t>(fd);
  CARAVEL_CHECK(index < watches_.size(), fd);
  CARAVEL_CHECK(watches_[index].watcher != nullptr, fd);
  epoll_event event = {};
  event.events = events;
  event.data.u64 = Key(watches_[index].generation, fd);
  const int changed = ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
  CARAVEL_CHECK(changed == 0, fd, errno);
}

void EpollLoop::Unwatch(int fd) {
  const auto index = static_cast<size_t>(fd);
  if (fd < 0 || index >= watches_.size()) return;
  WatchEntry& watch = watches_[index];
  if (watch.watcher == nullptr) return;
  watch.watcher = nullptr;
  ++watch.generation;
  epoll_event unused = {};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, &unused);
}

bool EpollLoop::Post(Task task) {
  {
    const base::MutexLock lock(mutex_);
    if (closed_) return false;
    tasks_.push_back(std::move(task));
  }
  Wake();
  return true;
}

void EpollLoop::Wake() {
  if (signal_.exchange(Signal::kCalled) != Signal::kAsleep) return;
  const uint64_t one = 1;
  // Only a counter at its maximum refuses, and then the driver is woken anyway.
  [[maybe_unused]] const ssize_t written =
      ::write(wake_.get(), &one, sizeof one);
}

void EpollLoop::Close() {
  const base::MutexLock lock(mutex_);
  closed_ = true;
}

int EpollLoop::WaitMilliseconds(std::chrono::nanoseconds timeout) {
  using std::chrono::milliseconds;
  using std::chrono::nanoseconds;
  if (const std::optional<base::SteadyTime> next = timers_.Next()) {
    const nanoseconds until =
        std::max<nanoseconds>(*next - clock_.Steady(), nanoseconds::zero());
    if (timeout < nanoseconds::zero() || until < timeout) timeout = until;
  }
  if (timeout < nanoseconds::zero()) return -1;
  constexpr milliseconds kLongest{24 * 3600 * 1000};
  // Rounded up: a timer is never early, and the loop never spins until it.
  return static_cast<int>(
      std::min<nanoseconds>(std::chrono::ceil<milliseconds>(timeout),
                            kLongest) /
      milliseconds(1));
}

void EpollLoop::Poll(std::chrono::nanoseconds timeout) {
  int wait = timeout == std::chrono::nanoseconds::zero()
                 ? 0
                 : WaitMilliseconds(timeout);
  if (wait != 0) {
    Signal expected = Signal::kAwake;
    if (!signal_.compare_exchange_strong(expected, Signal::kAsleep)) wait = 0;
  }
  const int count =
      ::epoll_wait(epoll_.get(), events_.data(), kMaxEventsPerRound, wait);
  CARAVEL_CHECK(count >= 0 || errno == EINTR, errno);
  const bool called = signal_.exchange(Signal::kAwake) == Signal::kCalled;
  now_ = clock_.Steady();

  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events_[static_cast<size_t>(i)];
    const auto fd = static_cast<uint32_t>(event.data.u64);
    if (fd == static_cast<uint32_t>(wake_.get())) {
      uint64_t unused = 0;
      [[maybe_unused]] const ssize_t read =
          ::read(wake_.get(), &unused, sizeof unused);
      continue;
    }
    const WatchEntry& watch = watches_[fd];
    if (watch.watcher == nullptr) continue;
    if (watch.generation != static_cast<uint32_t>(event.data.u64 >> 32)) {
      continue;
    }
    watch.watcher->OnEvents(event.events);
  }
  timers_.Run(now_);
  if (called) RunTasks();
}

void EpollLoop::RunTasks() {
  {
    const base::MutexLock lock(mutex_);
    running_.swap(tasks_);
  }
  for (Task& task : running_) {
    task();
    task = nullptr;
  }
  running_.clear();
}

}  // namespace

Result<std::unique_ptr<EventLoop>> EventLoop::Create(const base::Clock& clock) {
  base::Fd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return ErrnoError("create an event loop", errno);
  base::Fd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.valid()) return ErrnoError("create an event loop", errno);
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.u64 = static_cast<uint32_t>(wake.get());
  if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake.get(), &event) != 0) {
    return ErrnoError("create an event loop", errno);
  }
  return std::make_unique<EpollLoop>(clock, std::move(epoll), std::move(wake));
}

}  // namespace caravel::net
