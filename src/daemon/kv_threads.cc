#include "daemon/kv_threads.h"

#include <utility>

namespace caravel::daemon {
namespace {

constexpr int kReaders = 2;
// Of one transaction. A single value may be larger.
constexpr size_t kMostPuts = 512;
constexpr size_t kMostPutBytes = 8 << 20;
constexpr std::chrono::seconds kSweepInterval{20};

bool IsLarge(const storage::KvWrite& write) {
  return write.content && write.content->value.size() > storage::kKvInlineBytes;
}

}  // namespace

KvThreads::KvThreads(storage::KvStore& store, const base::Clock& clock,
                     base::Log& log)
    : store_(store), clock_(clock), log_(log) {
  for (int i = 0; i < kReaders; ++i) {
    threads_.emplace_back([this] { RunReader(); });
  }
  threads_.emplace_back([this] { RunWriter(); });
  threads_.emplace_back([this] { RunLargeWriter(); });
}

KvThreads::~KvThreads() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    to_read_.NotifyAll();
    small_.added.NotifyAll();
    large_.added.NotifyAll();
  }
  for (std::thread& thread : threads_) thread.join();
}

void KvThreads::Read(std::function<void(storage::KvStore&)> task) {
  const base::MutexLock lock(mutex_);
  reads_.push_back(std::move(task));
  to_read_.NotifyOne();
}

void KvThreads::Write(storage::KvWrite write, Written written) {
  const base::MutexLock lock(mutex_);
  Lane& lane = IsLarge(write) ? large_ : small_;
  lane.puts.push_back(
      {.write = std::move(write), .written = std::move(written)});
  lane.added.NotifyOne();
}

void KvThreads::RunReader() {
  while (true) {
    std::function<void(storage::KvStore&)> task;
    {
      const base::MutexLock lock(mutex_);
      while (reads_.empty() && !stopping_) to_read_.Wait(mutex_);
      if (reads_.empty()) return;
      task = std::move(reads_.front());
      reads_.pop_front();
    }
    task(store_);
  }
}

void KvThreads::RunWriter() {
  while (true) {
    std::vector<Put> puts;
    {
      const base::MutexLock lock(mutex_);
      while (small_.puts.empty() && !stopping_) small_.added.Wait(mutex_);
      if (small_.puts.empty()) return;
      puts = NextPuts(small_);
    }
    WriteAll(std::move(puts));
  }
}

void KvThreads::RunLargeWriter() {
  base::SteadyTime next_sweep = clock_.Steady() + kSweepInterval;
  while (true) {
    std::vector<Put> puts;
    {
      const base::MutexLock lock(mutex_);
      while (large_.puts.empty() && !stopping_) {
        const base::SteadyTime now = clock_.Steady();
        if (now >= next_sweep) break;
        (void)large_.added.WaitFor(mutex_, next_sweep - now);
      }
      if (large_.puts.empty() && stopping_) return;
      puts = NextPuts(large_);
    }
    if (!puts.empty()) WriteAll(std::move(puts));
    if (clock_.Steady() >= next_sweep) next_sweep = Sweep();
  }
}

std::vector<KvThreads::Put> KvThreads::NextPuts(Lane& lane) {
  std::vector<Put> puts;
  size_t bytes = 0;
  while (!lane.puts.empty() && puts.size() < kMostPuts) {
    const storage::KvWrite& next = lane.puts.front().write;
    bytes += next.content ? next.content->value.size() : 0;
    if (bytes > kMostPutBytes && !puts.empty()) break;
    puts.push_back(std::move(lane.puts.front()));
    lane.puts.pop_front();
  }
  return puts;
}

void KvThreads::WriteAll(std::vector<Put> puts) {
  std::vector<storage::KvWrite> writes;
  writes.reserve(puts.size());
  for (Put& put : puts) writes.push_back(std::move(put.write));
  const Result<std::vector<bool>> written = store_.Write(writes);
  if (!written) {
    log_.Error("entries of KV are not written",
               {{"puts", puts.size()}, {"why", written.error().ToText()}});
  }
  for (size_t i = 0; i < puts.size(); ++i) {
    puts[i].written(written ? Result<bool>((*written)[i])
                            : Result<bool>(written.error().Clone()));
  }
}

base::SteadyTime KvThreads::Sweep() {
  const Result<bool> more = store_.Sweep();
  if (!more) {
    log_.Warning("old entries of KV are not removed",
                 {{"why", more.error().ToText()}});
  }
  const base::SteadyTime now = clock_.Steady();
  return more && *more ? now : now + kSweepInterval;
}

}  // namespace caravel::daemon
