#include "daemon/stats_rounds.h"

#include <utility>

namespace caravel::daemon {

StatsRounds::~StatsRounds() {
  for (const auto& [number, round] : rounds_) loop_.Cancel(round.timer);
}

void StatsRounds::Begin(const std::vector<HostPort*>& hosts,
                        std::function<void()> told) {
  if (hosts.empty()) return told();
  const uint64_t number = ++last_number_;
  Round& round = rounds_[number];
  round.told = std::move(told);
  round.timer = loop_.After(kPatience, [this, number] { Finish(number); });
  for (HostPort* host : hosts) {
    round.missing.insert(host->id());
    host->Send(registry::AskStats{number}, {});
  }
}

void StatsRounds::OnStats(const HostPort& host, uint64_t request) {
  Strike(request, host.id());
}

void StatsRounds::OnHostLeft(const HostPort& host) {
  std::vector<uint64_t> numbers;
  for (const auto& [number, round] : rounds_) numbers.push_back(number);
  for (const uint64_t number : numbers) Strike(number, host.id());
}

void StatsRounds::Strike(uint64_t number, const std::string& host) {
  const auto round = rounds_.find(number);
  if (round == rounds_.end() || round->second.missing.erase(host) == 0) return;
  if (round->second.missing.empty()) Finish(number);
}

void StatsRounds::Finish(uint64_t number) {
  const auto round = rounds_.extract(number);
  loop_.Cancel(round.mapped().timer);
  round.mapped().told();
}

}  // namespace caravel::daemon
