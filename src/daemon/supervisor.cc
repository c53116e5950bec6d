#include "daemon/supervisor.h"

#include <algorithm>

#include "daemon/client/files.h"

namespace caravel::daemon {

Supervisor::Supervisor(net::EventLoop& loop, const base::Clock& clock,
                       base::Log& log, Options options, HostObserver& observer)
    : loop_(loop),
      clock_(clock),
      log_(log),
      options_(std::move(options)),
      observer_(observer) {}

Supervisor::~Supervisor() {
  loop_.Cancel(start_timer_);
  loop_.Cancel(bury_timer_);
}

std::string Supervisor::records_path() const {
  return options_.run_folder + "/hosts.json";
}

// ---- Start and rejoin

void Supervisor::Start(std::function<void(Status)> settled) {
  settled_ = std::move(settled);
  Result<std::string> installation = InstallationOf(options_.files);
  if (!installation) {
    std::exchange(settled_, nullptr)(std::move(installation).error());
    return;
  }
  installation_ = std::move(*installation);
  AdoptRecorded();
  if (hosts_.empty()) Settle();
}

void Supervisor::AdoptRecorded() {
  Result<std::vector<HostRecord>> records = LoadHostRecords(records_path());
  if (!records) {
    log_.Warning("hosts of before are not known",
                 {{"reason", records.error().message()}});
    return;
  }
  for (const HostRecord& record : *records) {
    Result<std::unique_ptr<Host>> host = Host::Adopt(loop_, record, *this);
    if (host) {
      (*host)->KillAfter(options_.rejoin_limit,
                         "did not answer to be rejoined");
      hosts_.push_back(std::move(*host));
    } else if (host.error().code() != ErrorCode::kNotFound) {
      log_.Warning("host not rejoined", {{"host", record.id},
                                         {"pid", record.pid},
                                         {"reason", host.error().message()}});
    }
  }
}

void Supervisor::SettleOnceRejoined() {
  if (settled_ != nullptr && FirstIn(Host::State::kBooting) == nullptr) {
    Settle();
  }
}

void Supervisor::Settle() {
  if (settled_ == nullptr) return;
  const auto settled = std::exchange(settled_, nullptr);
  if (listeners_.empty()) {
    Result<std::vector<base::Fd>> listeners =
        ListenTcp(options_.address, options_.shards, options_.port_setting);
    if (!listeners) {
      settled(std::move(listeners).error());
      return;
    }
    Status taken = TakeListeners(std::move(*listeners));
    if (!taken) {
      settled(std::move(taken).error());
      return;
    }
  }
  Maintain();
  settled({});
}

// Requires: none of another set is held.
Status Supervisor::TakeListeners(std::vector<base::Fd> listeners) {
  CARAVEL_TRY(const ListenerSet set,
              DescribeListeners(listeners, options_.address));
  bound_ = set.address;
  shards_ = set.for_each_address;
  listeners_ = std::move(listeners);
  return {};
}

// ---- Events of hosts

void Supervisor::OnHello(Host& host, registry::Sequence applied,
                         std::vector<base::Fd> listeners) {
  policy_.OnBooted();
  log_.Info("host joined", {{"host", host.id()},
                            {"pid", host.pid()},
                            {"build", host.build()},
                            {"serving", host.serving()}});
  if (host.serving()) {
    Status taken = host.adopted() && listeners_.empty()
                       ? TakeListeners(std::move(listeners))
                       : Error(ErrorCode::kConflict,
                               "another host serves, or was meant to");
    if (!taken) {
      log_.Warning("host is not needed",
                   {{"host", host.id()}, {"reason", taken.error().message()}});
      host.Drain(options_.drain_limit);
    }
  }
  if (!stopping_) observer_.OnHostJoined(host, applied);
  if (host.serving()) observer_.OnHostServing(host);
  SettleOnceRejoined();
  Maintain();
}

void Supervisor::OnMessage(Host& host, registry::FromHost message,
                           std::vector<base::Fd> fds) {
  if (const auto* stuck = std::get_if<registry::StuckCall>(&message)) {
    return OnStuckCall(host, *stuck);
  }
  observer_.OnHostMessage(host, std::move(message), std::move(fds));
}

// What a host says that was taken over: it is replaced, and can have as many
// versions held as it could have calls that never end, one a shard. A standby
// runs none of what is published.
void Supervisor::OnStuckCall(Host& host, const registry::StuckCall& call) {
  const bool runs_workers = host.state() == Host::State::kServing ||
                            host.state() == Host::State::kDraining;
  if (runs_workers && host.CountStuckCall() <= shards_) {
    observer_.OnHostMessage(host, call, {});
  }
  ReplaceStuck(host);
}

void Supervisor::ReplaceStuck(Host& host) {
  if (!host.MarkStuck()) return;
  KillStuckBut(host);
  Maintain();
}

// A stuck call takes a core until its process ends: at most one does.
void Supervisor::KillStuckBut(const Host& host) {
  std::vector<Host*> drained;
  for (const auto& each : hosts_) {
    if (each.get() != &host && each->stuck() &&
        each->state() == Host::State::kDraining) {
      drained.push_back(each.get());
    }
  }
  for (Host* each : drained) each->Kill("a call in it could not be ended");
}

void Supervisor::OnEnded(Host& host, Host::State before,
                         const std::string& why) {
  const bool asked = before == Host::State::kDraining || stopping_;
  if (asked) {
    log_.Info("host ended", {{"host", host.id()}, {"reason", why}});
  } else {
    ++deaths_;
    log_.Warning("host died",
                 {{"host", host.id()}, {"pid", host.pid()}, {"reason", why}});
    policy_.OnDeath(clock_.Steady(), before != Host::State::kBooting);
  }
  if (before != Host::State::kBooting) {
    observer_.OnHostLeft(
        host, asked || host.was_killed() ? HostEnd::kAsked : HostEnd::kOwn);
  }
  SettleOnceRejoined();
  Maintain();
}

void Supervisor::OnBuried(Host& host) {
  const auto found =
      std::find_if(hosts_.begin(), hosts_.end(),
                   [&host](const auto& each) { return each.get() == &host; });
  buried_.push_back(std::move(*found));
  hosts_.erase(found);
  SaveRecords();
  // The caller is a member of the host: it is destroyed from the loop.
  if (bury_timer_ == net::EventLoop::TimerId()) {
    bury_timer_ = loop_.After(std::chrono::nanoseconds(0), [this] {
      bury_timer_ = {};
      buried_.clear();
    });
  }
  FinishIfStopped();
}

// ---- What should run

void Supervisor::AllowServing() {
  may_serve_ = true;
  Maintain();
}

void Supervisor::Maintain() {
  if (stopping_ || settled_ != nullptr || listeners_.empty()) return;
  Host* serving = FirstIn(Host::State::kServing);
  Host* standby = FirstIn(Host::State::kReady);
  if (standby != nullptr && may_serve_ && serving == nullptr) {
    Promote(*standby);
    return;
  }
  if (standby != nullptr) {
    const std::string why = WhyReplaced(*standby);
    if (!why.empty()) return standby->Kill(why);
  }
  const std::string why = serving == nullptr ? "" : WhyReplaced(*serving);
  if (standby != nullptr && may_serve_ && !why.empty()) {
    log_.Info(
        "host is replaced",
        {{"host", serving->id()}, {"by", standby->id()}, {"reason", why}});
    serving->Drain(serving->stuck() ? options_.stuck_drain_limit
                                    : options_.drain_limit);
    Promote(*standby);
    return;
  }
  if (standby != nullptr || FirstIn(Host::State::kBooting) != nullptr) return;
  const bool urgent = serving == nullptr || serving->stuck();
  StartHostAt(urgent ? policy_.NotBefore()
                     : std::max(policy_.NotBefore(), standby_not_before_));
}

std::string Supervisor::WhyReplaced(const Host& host) const {
  if (host.stuck()) return "a call in it cannot be ended";
  if (host.record().installation == installation_) return "";
  return "was started from other files than are installed now";
}

void Supervisor::Promote(Host& host) {
  Status status = host.Serve(listeners_);
  if (!status) {
    host.Kill(status.error().message());  // comes back through OnEnded()
    return;
  }
  log_.Info("host serves", {{"host", host.id()}, {"pid", host.pid()}});
  standby_not_before_ = clock_.Steady() + options_.standby_delay;
  observer_.OnHostServing(host);
  Maintain();
}

void Supervisor::StartHostAt(base::SteadyTime when) {
  loop_.Cancel(start_timer_);
  start_timer_ = {};
  if (when <= clock_.Steady()) {
    StartHost();
    return;
  }
  start_timer_ = loop_.At(when, [this] {
    start_timer_ = {};
    Maintain();
  });
}

Result<std::unique_ptr<Host>> Supervisor::LaunchHost() {
  CARAVEL_TRY(installation_, InstallationOf(options_.files));
  CARAVEL_TRY(std::unique_ptr<Host> host,
              Host::Start(loop_,
                          {.files = options_.files,
                           .installation = installation_,
                           .sockets = options_.run_folder,
                           .folders = options_.hosts_folder,
                           .shards = shards_,
                           .dies_with_us = options_.hosts_die_with_us,
                           .log = options_.host_log,
                           .edge = options_.host_edge},
                          *this));
  host->KillAfter(options_.boot_limit, "did not boot in time");
  return host;
}

void Supervisor::StartHost() {
  Result<std::unique_ptr<Host>> host = LaunchHost();
  if (!host) {
    log_.Error("host not started", {{"reason", host.error().ToText()}});
    policy_.OnDeath(clock_.Steady(), /*had_booted=*/false);
    StartHostAt(policy_.NotBefore());
    return;
  }
  log_.Info("host started", {{"host", (*host)->id()}, {"pid", (*host)->pid()}});
  hosts_.push_back(std::move(*host));
  SaveRecords();
}

void Supervisor::SaveRecords() {
  std::vector<HostRecord> records;
  for (const auto& host : hosts_) {
    if (host->state() != Host::State::kEnded) {
      records.push_back(host->record());
    }
  }
  Status saved = SaveHostRecords(records_path(), records);
  if (!saved) {
    // Hosts run all the same; only a caraveld that dies now would not find
    // them.
    log_.Error("hosts are not recorded", {{"reason", saved.error().ToText()}});
  }
}

// ---- Asking

Host* Supervisor::FirstIn(Host::State state) {
  for (const auto& host : hosts_) {
    if (host->state() == state) return host.get();
  }
  return nullptr;
}

HostPort* Supervisor::Find(std::string_view id) {
  for (HostPort* host : Hosts()) {
    if (host->id() == id) return host;
  }
  return nullptr;
}

std::vector<HostPort*> Supervisor::Hosts() {
  std::vector<HostPort*> joined;
  for (const auto& host : hosts_) {
    if (host->state() != Host::State::kBooting &&
        host->state() != Host::State::kEnded) {
      joined.push_back(host.get());
    }
  }
  return joined;
}

bool Supervisor::Stays(const Host* host) const {
  return host != nullptr && WhyReplaced(*host).empty();
}

HostPort* Supervisor::ForRiskyWork() {
  Host* standby = FirstIn(Host::State::kReady);
  Host* serving = FirstIn(Host::State::kServing);
  // Else the standby is about to serve, or to go.
  if (!Stays(serving)) return nullptr;
  if (Stays(standby)) return standby;
  return options_.serving_takes_risks ? serving : nullptr;
}

void Supervisor::GiveUp(HostPort& port, std::string_view why) {
  for (const auto& host : hosts_) {
    if (host.get() != &port) continue;
    log_.Warning("host is given up", {{"host", host->id()}, {"reason", why}});
    if (host->serving()) return ReplaceStuck(*host);
    // One that drains has its limit.
    if (host->state() == Host::State::kReady) host->Kill(why);
    return;
  }
}

// ---- Stop

void Supervisor::Stop(std::chrono::milliseconds limit,
                      std::function<void()> done) {
  if (!std::exchange(stopping_, true)) stopped_ = std::move(done);
  loop_.Cancel(start_timer_);
  for (const auto& host : hosts_) {
    if (host->state() == Host::State::kServing) {
      host->Drain(limit);
    } else if (host->state() == Host::State::kDraining) {
      host->KillAfter(limit, "did not finish in time");
    } else {
      host->Kill("not needed any more");
    }
  }
  FinishIfStopped();
}

void Supervisor::FinishIfStopped() {
  if (!stopping_ || !hosts_.empty() || stopped_ == nullptr) return;
  const auto stopped = std::exchange(stopped_, nullptr);
  stopped();
}

}  // namespace caravel::daemon
