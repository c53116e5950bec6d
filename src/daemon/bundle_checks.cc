#include "daemon/bundle_checks.h"

namespace caravel::daemon {

struct BundleChecks::Pending {
  registry::CheckBundle message;
  base::Fd bundle;
  // The loop's.
  std::string host;          // whom it was sent to; empty: it waits for one
  bool host_serves = false;  // since then: others' code runs beside it
  net::EventLoop::TimerId timer;

  base::Mutex mutex;
  base::CondVar done;
  std::optional<Result<api::CheckedBundle>> result CARAVEL_GUARDED_BY(mutex);

  void Set(Result<api::CheckedBundle> value) {
    {
      const base::MutexLock lock(mutex);
      if (result.has_value()) return;
      result.emplace(std::move(value));
    }
    done.NotifyAll();
  }
  Result<api::CheckedBundle> Await() {
    const base::MutexLock lock(mutex);
    while (!result.has_value()) done.Wait(mutex);
    return std::move(*result);
  }
};

namespace {

Error StoppingError() {
  return Error(ErrorCode::kUnavailable, "caraveld is stopping")
      .Remedy("try again");
}

Error NoHostError() {
  return Error(ErrorCode::kUnavailable,
               fmt::format("no standby host was ready within {} s to start the "
                           "Worker for a check",
                           BundleChecks::kPatience.count() / 1000))
      .Remedy("try again in a moment; ./caravel status shows the hosts");
}

}  // namespace

BundleChecks::BundleChecks(net::EventLoop& loop, base::Log& log, Hosts& hosts)
    : loop_(loop),
      log_(log),
      hosts_(hosts),
      self_(std::make_shared<BundleChecks*>(this)) {}

BundleChecks::~BundleChecks() {
  *self_ = nullptr;
  Stop();
}

void BundleChecks::Stop() {
  stopped_ = true;
  while (!pending_.empty()) Settle(pending_.begin()->first, StoppingError());
}

Result<api::CheckedBundle> BundleChecks::Check(const base::Fd& bundle,
                                               const registry::Version& version,
                                               std::string_view worker_name) {
  const auto pending = std::make_shared<Pending>();
  CARAVEL_TRY(pending->bundle, bundle.Duplicate());
  pending->message.version = version;
  pending->message.worker_name = std::string(worker_name);
  const bool posted = loop_.Post([self = self_, pending] {
    if (*self != nullptr) {
      (*self)->Begin(pending);
    } else {
      pending->Set(StoppingError());
    }
  });
  if (!posted) return StoppingError();
  return pending->Await();
}

void BundleChecks::Begin(const std::shared_ptr<Pending>& pending) {
  if (stopped_) return pending->Set(StoppingError());
  const uint64_t request = ++last_request_;
  pending->message.request = request;
  pending_[request] = pending;
  BeginNext();
}

void BundleChecks::BeginNext() {
  if (pending_.empty() || Running() != nullptr) return;
  Pending& next = *pending_.begin()->second;
  const uint64_t request = next.message.request;
  if (HostPort* host = hosts_.ForRiskyWork()) {
    Status sent = Dispatch(*host, next);
    if (!sent) Finish(request, std::move(sent).error());
  } else if (next.timer == net::EventLoop::TimerId()) {
    next.timer = loop_.After(
        kPatience, [this, request] { Finish(request, NoHostError()); });
  }
}

void BundleChecks::PutBack(Pending& running) {
  loop_.Cancel(running.timer);
  running.timer = {};
  running.host.clear();
  BeginNext();
}

BundleChecks::Pending* BundleChecks::Running() const {
  if (pending_.empty() || pending_.begin()->second->host.empty()) {
    return nullptr;
  }
  return pending_.begin()->second.get();
}

size_t BundleChecks::waiting() const {
  return pending_.size() - (Running() == nullptr ? 0 : 1);
}

Status BundleChecks::Dispatch(HostPort& host, Pending& pending) {
  std::vector<base::Fd> fds(1);
  CARAVEL_TRY(fds.front(), pending.bundle.Duplicate());
  loop_.Cancel(pending.timer);
  pending.timer = loop_.After(
      kLimit, [this, request = pending.message.request] { GiveUp(request); });
  pending.host = host.id();
  pending.host_serves = false;
  host.Send(pending.message, std::move(fds));
  return {};
}

void BundleChecks::OnHostsChanged() { BeginNext(); }

void BundleChecks::OnHostServing(HostPort& host) {
  Pending* running = Running();
  if (running != nullptr && running->host == host.id()) {
    running->host_serves = true;
  }
  BeginNext();
}

void BundleChecks::OnChecked(HostPort& host, registry::BundleChecked answer,
                             std::vector<base::Fd> fds) {
  const auto found = pending_.find(answer.request);
  if (found == pending_.end() || found->second->host != host.id()) {
    log_.Warning("host answered a check that it was not asked for",
                 {{"host", host.id()}, {"request", answer.request}});
    return;
  }
  if (!answer.error.empty()) {
    Finish(answer.request, Error(ErrorCode::kInvalid, answer.error));
    return;
  }
  api::CheckedBundle checked;
  checked.handlers = std::move(answer.handlers);
  checked.exports = std::move(answer.exports);
  checked.startup = std::chrono::milliseconds(answer.startup_ms);
  if (answer.has_code_cache && !fds.empty()) {
    checked.code_cache = std::move(fds.front());
  }
  Finish(answer.request, std::move(checked));
}

void BundleChecks::OnHostLeft(HostPort& host, HostEnd end) {
  Pending* running = Running();
  if (running == nullptr || running->host != host.id()) return;
  if (end == HostEnd::kAsked || running->host_serves) {
    return PutBack(*running);
  }
  Finish(running->message.request,
         Error(ErrorCode::kLimit,
               "starting the Worker ended the process in which it was tried")
             .Remedy("do less, and use less memory, at the top level of the "
                     "modules"));
}

void BundleChecks::GiveUp(uint64_t request) {
  const auto found = pending_.find(request);
  if (found == pending_.end()) return;
  const std::string host_id = found->second->host;
  Settle(request,
         Error(ErrorCode::kLimit,
               fmt::format("startup: the Worker had not started after {} s",
                           kLimit.count() / 1000))
             .Remedy("do less at the top level of the modules"));
  // No answer came, so the code still runs there.
  if (HostPort* host = hosts_.Find(host_id)) {
    hosts_.GiveUp(*host, "did not finish a check in time");
  }
  BeginNext();
}

void BundleChecks::Finish(uint64_t request, Result<api::CheckedBundle> result) {
  Settle(request, std::move(result));
  BeginNext();
}

void BundleChecks::Settle(uint64_t request, Result<api::CheckedBundle> result) {
  const auto found = pending_.find(request);
  if (found == pending_.end()) return;
  const std::shared_ptr<Pending> pending = std::move(found->second);
  pending_.erase(found);
  loop_.Cancel(pending->timer);
  pending->Set(std::move(result));
}

}  // namespace caravel::daemon
