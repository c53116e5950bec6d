#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/host_port.h"
#include "net/event_loop.h"

namespace caravel::daemon {

// Asks all hosts for their figures for somebody who waits for them, so that
// what is told is not that of the last regular question.
//
// Threads: the one that drives the loop.
class StatsRounds {
 public:
  // A host whose shards compute answers late: its last figures have to do.
  static constexpr std::chrono::milliseconds kPatience{250};

  explicit StatsRounds(net::EventLoop& loop) : loop_(loop) {}
  // Calls nobody any more.
  ~StatsRounds();
  StatsRounds(const StatsRounds&) = delete;
  StatsRounds& operator=(const StatsRounds&) = delete;

  // Calls `told` once all have answered or are gone, at the latest after
  // kPatience; from within when there are none.
  void Begin(const std::vector<HostPort*>& hosts, std::function<void()> told);

  // `request` is what a host says that it answers.
  void OnStats(const HostPort& host, uint64_t request);
  void OnHostLeft(const HostPort& host);

 private:
  struct Round {
    std::set<std::string> missing;
    std::function<void()> told;
    net::EventLoop::TimerId timer;
  };

  void Strike(uint64_t number, const std::string& host);
  void Finish(uint64_t number);

  net::EventLoop& loop_;
  uint64_t last_number_ = 0;  // 0 is that of regular questions
  std::map<uint64_t, Round> rounds_;
};

}  // namespace caravel::daemon
