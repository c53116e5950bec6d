#include "control/tail_sessions.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.h"

namespace caravel::api {

TailSessions::TailSessions(const base::Clock& clock,
                           std::function<void()> changed)
    : clock_(clock), changed_(std::move(changed)) {}

Result<TailSession> TailSessions::Begin(const registry::Worker& worker,
                                        TailFilter filter,
                                        const registry::TokenOwner& owner) {
  const base::WallTime now = clock_.Wall();
  const base::WallTime end = now + kLifetime;
  TailSession session{.id = base::RandomHex(16),
                      .key = base::RandomHex(32),
                      .account = worker.account,
                      .worker = worker.id,
                      .worker_name = worker.name,
                      .filter = std::move(filter),
                      .expires = std::min(owner.expires.value_or(end), end),
                      .token = owner.token,
                      .user = owner.user};
  {
    const base::MutexLock lock(mutex_);
    CARAVEL_TRY(CheckRoom(worker));
    entries_.emplace(session.id,
                     Entry{.session = session, .read = false, .left = now});
  }
  changed_();
  return session;
}

Status TailSessions::CheckRoom(const registry::Worker& worker) const {
  size_t of_worker = 0;
  size_t of_account = 0;
  for (const auto& [id, entry] : entries_) {
    if (entry.session.worker == worker.id) ++of_worker;
    if (entry.session.account == worker.account) ++of_account;
  }
  std::string who;
  if (of_worker >= kMostOfWorker) {
    who = fmt::format("Worker \"{}\" has {}", worker.name, of_worker);
  } else if (of_account >= kMostOfAccount) {
    who = fmt::format("the account has {}", of_account);
  } else if (entries_.size() >= kMostOfAll) {
    who = fmt::format("the platform has {}", entries_.size());
  } else {
    return {};
  }
  return Error(ErrorCode::kLimit, who + " tails, as many as it may")
      .Remedy("end one of them, or read the log with caravel logs");
}

bool TailSessions::End(const registry::WorkerId& worker, std::string_view id) {
  {
    const base::MutexLock lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end() || found->second.session.worker != worker) {
      return false;
    }
    entries_.erase(found);
  }
  changed_();
  return true;
}

std::vector<TailSession> TailSessions::Of(
    const registry::WorkerId& worker) const {
  const base::MutexLock lock(mutex_);
  std::vector<TailSession> sessions;
  for (const auto& [id, entry] : entries_) {
    if (entry.session.worker == worker) sessions.push_back(entry.session);
  }
  return sessions;
}

std::optional<TailSession> TailSessions::Take(std::string_view key) {
  const base::MutexLock lock(mutex_);
  const auto found = std::ranges::find_if(entries_, [&](const auto& entry) {
    return entry.second.session.key == key;
  });
  if (found == entries_.end() || found->second.read) return std::nullopt;
  found->second.read = true;
  return found->second.session;
}

void TailSessions::Leave(const std::string& id) {
  const base::MutexLock lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  found->second.read = false;
  found->second.left = clock_.Wall();
}

bool TailSessions::IsThere(const std::string& id) const {
  const base::MutexLock lock(mutex_);
  return entries_.contains(id);
}

void TailSessions::Sweep() {
  const base::WallTime now = clock_.Wall();
  Drop([&](const Entry& entry) {
    return entry.session.expires <= now ||
           (!entry.read && entry.left + kUnreadLimit <= now);
  });
}

void TailSessions::EndWhere(
    const std::function<bool(const TailSession&)>& is_meant) {
  Drop([&](const Entry& entry) { return is_meant(entry.session); });
}

void TailSessions::Drop(const std::function<bool(const Entry&)>& is_meant) {
  size_t ended = 0;
  {
    const base::MutexLock lock(mutex_);
    ended = std::erase_if(
        entries_, [&](const auto& each) { return is_meant(each.second); });
  }
  if (ended > 0) changed_();
}

std::vector<registry::WorkerId> TailSessions::Tailed() const {
  const base::MutexLock lock(mutex_);
  std::vector<registry::WorkerId> workers;
  for (const auto& [id, entry] : entries_) {
    workers.push_back(entry.session.worker);
  }
  std::ranges::sort(workers, {}, &registry::WorkerId::value);
  const auto repeated = std::ranges::unique(workers);
  workers.erase(repeated.begin(), repeated.end());
  return workers;
}

}  // namespace caravel::api
