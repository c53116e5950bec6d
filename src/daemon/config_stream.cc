#include "daemon/config_stream.h"

namespace caravel::daemon {
namespace {

// Encoded changes above this travel as a file, to stay below a packet's limit.
constexpr size_t kLargestInlineChange = 48 * 1024;

// Between two tries to read from a database that fails.
constexpr std::chrono::milliseconds kRetryPause{200};

}  // namespace

ConfigStream::ConfigStream(net::EventLoop& loop, base::Log& log,
                           PublishedSource& source)
    : loop_(loop),
      log_(log),
      source_(source),
      self_(std::make_shared<ConfigStream*>(this)) {}

ConfigStream::~ConfigStream() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    may_wait_ = false;
  }
  changed_.NotifyAll();
  if (reader_.joinable()) reader_.join();
  *self_ = nullptr;
}

Status ConfigStream::Start() {
  CARAVEL_TRY(registry::Snapshot snapshot, source_.Load());
  read_up_to_ = snapshot.sequence;
  Replace(std::move(snapshot));
  reader_ = std::thread([this] { ReadChanges(); });
  return {};
}

void ConfigStream::Nudge() {
  {
    const base::MutexLock lock(mutex_);
    nudged_ = true;
  }
  changed_.NotifyAll();
}

void ConfigStream::OnAdvance(std::function<void()> advanced) {
  advanced_ = std::move(advanced);
}

// ---- The reader's thread

bool ConfigStream::AwaitNudge() {
  const base::MutexLock lock(mutex_);
  while (!nudged_ && !stopping_) changed_.Wait(mutex_);
  nudged_ = false;
  return !stopping_;
}

void ConfigStream::ReadChanges() {
  while (AwaitNudge()) {
    Result<std::vector<registry::Change>> changes = source_.After(read_up_to_);
    if (changes && changes->empty()) continue;
    if (changes) {
      read_up_to_ = changes->back().sequence;
      (void)loop_.Post([self = self_, changes = std::move(*changes)] {
        if (*self != nullptr) (*self)->Advance(changes);
      });
      Nudge();  // there may be more
      continue;
    }
    if (changes.error().code() == ErrorCode::kNotFound) {
      Result<registry::Snapshot> snapshot = source_.Load();
      if (snapshot) {
        read_up_to_ = snapshot->sequence;
        (void)loop_.Post([self = self_, snapshot = std::move(*snapshot)] {
          if (*self != nullptr) (*self)->Replace(snapshot);
        });
        continue;
      }
      changes = std::move(snapshot).error();
    }
    log_.Error("what is published cannot be read; trying again",
               {{"reason", changes.error().ToText()}});
    std::this_thread::sleep_for(kRetryPause);
    Nudge();
  }
}

// ---- The loop's thread

void ConfigStream::Advance(std::vector<registry::Change> changes) {
  for (const registry::Change& change : changes) {
    state_.Apply(change);
    for (const auto& [id, follower] : followers_) {
      SendChange(*follower.host, change);
    }
  }
  if (advanced_ != nullptr) advanced_();
}

void ConfigStream::Replace(registry::Snapshot snapshot) {
  state_.Load(std::move(snapshot));
  for (const auto& [id, follower] : followers_) SendSnapshot(follower);
  if (advanced_ != nullptr) advanced_();
}

void ConfigStream::Join(HostPort& host, registry::Sequence applied) {
  followers_[host.id()] = {&host, applied};
  Recount();
  if (!started()) return;  // it gets everything then
  const bool knows_nothing = applied == registry::Sequence();
  const auto missed =
      knows_nothing ? std::nullopt : state_.ChangesAfter(applied);
  if (!missed) {
    SendSnapshot({&host, applied});
  } else {
    for (const registry::Change& change : *missed) SendChange(host, change);
  }
}

void ConfigStream::Applied(HostPort& host, registry::Sequence sequence) {
  const auto found = followers_.find(host.id());
  if (found == followers_.end()) return;
  found->second.applied = sequence;
  Recount();
}

void ConfigStream::Serving(HostPort&) { Recount(); }

void ConfigStream::Leave(HostPort& host) {
  followers_.erase(host.id());
  Recount();
}

void ConfigStream::SendSnapshot(const Follower& follower) {
  HostPort& host = *follower.host;
  if (source_.MayLag() && follower.applied > state_.sequence()) {
    log_.Warning(
        "a host is ahead of what is known to be published and keeps it",
        {{"host", host.id()},
         {"host_sequence", follower.applied.value},
         {"known_sequence", state_.sequence().value}});
    return;
  }
  Result<base::Fd> file =
      base::SealedMemoryFile("published", base::Encode(state_.ToSnapshot()));
  if (!file) {
    host.Kill("could not be told what is published: " + file.error().message());
    return;
  }
  std::vector<base::Fd> fds;
  fds.push_back(std::move(*file));
  host.Send(registry::LoadSnapshot{state_.sequence()}, std::move(fds));
}

void ConfigStream::SendChange(HostPort& host, const registry::Change& change) {
  registry::ApplyChange message{change.sequence, base::Encode(change)};
  std::vector<base::Fd> fds;
  if (message.change.size() > kLargestInlineChange) {
    Result<base::Fd> file = base::SealedMemoryFile("change", message.change);
    if (!file) {
      host.Kill("could not be told what is published: " +
                file.error().message());
      return;
    }
    fds.push_back(std::move(*file));
    message.change.clear();
  }
  host.Send(message, std::move(fds));
}

void ConfigStream::Recount() {
  std::optional<registry::Sequence> least;
  for (const auto& [id, follower] : followers_) {
    if (!follower.host->serving()) continue;
    least = least ? std::min(*least, follower.applied) : follower.applied;
  }
  {
    const base::MutexLock lock(mutex_);
    applied_by_serving_ = least.value_or(registry::Sequence());
  }
  changed_.NotifyAll();
}

registry::Sequence ConfigStream::AppliedByServing() const {
  const base::MutexLock lock(mutex_);
  return applied_by_serving_;
}

bool ConfigStream::WaitApplied(registry::Sequence sequence,
                               std::chrono::milliseconds limit) const {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  const base::MutexLock lock(mutex_);
  while (applied_by_serving_ < sequence && may_wait_) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left.count() <= 0) return false;
    changed_.WaitFor(mutex_, left);
  }
  return applied_by_serving_ >= sequence;
}

void ConfigStream::StopWaiting() {
  {
    const base::MutexLock lock(mutex_);
    may_wait_ = false;
  }
  changed_.NotifyAll();
}

}  // namespace caravel::daemon
