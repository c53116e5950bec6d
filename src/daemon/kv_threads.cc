#include "daemon/kv_threads.h"

#include <utility>

namespace caravel::daemon {
namespace {

constexpr int kReaders = 2;
// Of one transaction. A single value may be larger.
constexpr size_t kMostPuts = 512;
constexpr size_t kMostPutBytes = 8 << 20;
constexpr std::chrono::seconds kSweepInterval{20};
// One step of a sweep after the other, so that puts find their turn.
constexpr int kMostSweeps = 50;

}  // namespace

KvThreads::KvThreads(storage::KvStore& store, base::Log& log)
    : store_(store), log_(log) {
  for (int i = 0; i < kReaders; ++i) {
    threads_.emplace_back([this] { RunReader(); });
  }
  threads_.emplace_back([this] { RunWriter(); });
}

KvThreads::~KvThreads() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    to_read_.NotifyAll();
    to_write_.NotifyAll();
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
  puts_.push_back({.write = std::move(write), .written = std::move(written)});
  to_write_.NotifyOne();
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
      bool idle = false;
      while (puts_.empty() && !stopping_ && !idle) {
        idle = !to_write_.WaitFor(mutex_, kSweepInterval);
      }
      if (puts_.empty() && stopping_) return;
      puts = NextPuts();
    }
    if (puts.empty()) {
      Sweep();
    } else {
      WriteAll(std::move(puts));
    }
  }
}

std::vector<KvThreads::Put> KvThreads::NextPuts() {
  std::vector<Put> puts;
  size_t bytes = 0;
  while (!puts_.empty() && puts.size() < kMostPuts) {
    const storage::KvWrite& next = puts_.front().write;
    bytes += next.content ? next.content->value.size() : 0;
    if (bytes > kMostPutBytes && !puts.empty()) break;
    puts.push_back(std::move(puts_.front()));
    puts_.pop_front();
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

void KvThreads::Sweep() {
  for (int i = 0; i < kMostSweeps; ++i) {
    const Result<bool> more = store_.Sweep();
    if (!more) {
      log_.Warning("old entries of KV are not removed",
                   {{"why", more.error().ToText()}});
      return;
    }
    if (!*more) return;
    const base::MutexLock lock(mutex_);
    if (!puts_.empty() || stopping_) return;
  }
}

}  // namespace caravel::daemon
