#include "daemon/held_versions.h"

#include <algorithm>
#include <utility>

namespace caravel::daemon {
namespace {

constexpr std::chrono::seconds kFirstSpan{10};
constexpr std::chrono::seconds kLongestSpan{3600};
constexpr std::chrono::seconds kForgetAfter{3600};

}  // namespace

HeldVersions::HeldVersions(net::EventLoop& loop, std::function<void()> changed)
    : loop_(loop), changed_(std::move(changed)) {}

HeldVersions::~HeldVersions() { loop_.Cancel(timer_); }

std::optional<std::chrono::seconds> HeldVersions::Hold(
    const registry::VersionId& version) {
  const base::SteadyTime now = loop_.Now();
  std::erase_if(records_, [now](const auto& each) {
    return each.second.until + kForgetAfter < now;
  });
  Record& record = records_[version];
  if (record.until > now) return std::nullopt;
  record.span = std::clamp(record.span * 2, kFirstSpan, kLongestSpan);
  record.until = now + record.span;
  Arm();
  return record.span;
}

std::vector<registry::VersionId> HeldVersions::Current() const {
  const base::SteadyTime now = loop_.Now();
  std::vector<registry::VersionId> held;
  for (const auto& [version, record] : records_) {
    if (record.until > now) held.push_back(version);
  }
  return held;
}

void HeldVersions::Arm() {
  loop_.Cancel(timer_);
  timer_ = {};
  const base::SteadyTime now = loop_.Now();
  std::optional<base::SteadyTime> next;
  for (const auto& [version, record] : records_) {
    if (record.until > now)
      next = std::min(next.value_or(record.until), record.until);
  }
  if (next) timer_ = loop_.At(*next, [this] { Release(); });
}

void HeldVersions::Release() {
  Arm();
  changed_();
}

}  // namespace caravel::daemon
