#include "daemon/data_plane.h"

#include <unistd.h>

#include <fstream>

namespace caravel::daemon {
namespace {

// How old the figures of hosts may be on /metrics.
constexpr std::chrono::milliseconds kStatsInterval{1'000};

}  // namespace

uint64_t ResidentBytesOf(int pid) {
  std::ifstream file(fmt::format("/proc/{}/statm", pid));
  uint64_t total = 0;
  uint64_t resident = 0;  // pages
  file >> total >> resident;
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

DataPlane::DataPlane(const Parts& parts, Supervisor::Options options)
    : parts_(parts),
      stream_(parts.loop, parts.log, parts.published),
      gate_(stream_.state(), parts.bundles, parts.log),
      asset_gate_(
          parts.loop, stream_.state(), parts.assets, parts.log,
          [this](const std::string& host, const registry::ToHost& answer,
                 std::vector<base::Fd> fds) {
            Answer(host, answer, std::move(fds));
          }),
      worker_gate_(stream_.state()),
      kv_(parts.loop, parts.clock, parts.log, stream_.state(), parts.kv,
          [this](const std::string& host, const registry::ToHost& answer,
                 std::vector<base::Fd> fds) {
            Answer(host, answer, std::move(fds));
          }),
      supervisor_(parts.loop, parts.clock, parts.log, std::move(options),
                  *this),
      checks_(parts.loop, parts.log, supervisor_),
      rounds_(parts.loop),
      stuck_(parts.loop, parts.clock, parts.log, stream_.state(), parts.logs,
             [this] { TellHeld(); }),
      tailed_(parts.log) {}

DataPlane::~DataPlane() { parts_.loop.Cancel(stats_timer_); }

void DataPlane::Start(std::function<void(Status)> settled) {
  AskStats();
  supervisor_.Start(std::move(settled));
}

Status DataPlane::Publish(std::function<void()> serving) {
  serving_ = std::move(serving);
  CARAVEL_TRY(stream_.Start());
  gate_.Open();
  asset_gate_.Open();
  worker_gate_.Open();
  kv_.Open();
  supervisor_.AllowServing();
  TellServing();
  return {};
}

void DataPlane::Stop(std::chrono::milliseconds limit,
                     std::function<void()> done) {
  checks_.Stop();
  supervisor_.Stop(limit, [this, done = std::move(done)] {
    stream_.StopWaiting();
    done();
  });
}

// ---- Messages of hosts

void DataPlane::OnHostJoined(HostPort& host, registry::Sequence applied) {
  stream_.Join(host, applied);
  kv_.Join(host);
  host.Send(registry::AskStats{}, {});
  host.Send(stuck_.Message(), {});
  tailed_.Join(host);
  checks_.OnHostsChanged();
}

void DataPlane::OnHostServing(HostPort& host) {
  stream_.Serving(host);
  checks_.OnHostServing(host);
  TellServing();
}

void DataPlane::OnHostLeft(HostPort& host, HostEnd end) {
  stream_.Leave(host);
  checks_.OnHostLeft(host, end);
  gate_.OnHostLeft(host);
  asset_gate_.OnHostLeft(host);
  kv_.OnHostLeft(host);
  worker_gate_.OnHostLeft(host.id());
  parts_.names.OnHostLeft(host.id());
  totals_.Leave(host);
  rounds_.OnHostLeft(host);
  tailed_.Leave(host);
  std::vector<Done> cut_off;
  std::erase_if(scheduled_, [&](auto& each) {
    if (each.second.host != host.id()) return false;
    cut_off.push_back(std::move(each.second.done));
    return true;
  });
  for (const Done& done : cut_off) {
    done(Error(ErrorCode::kUnavailable, "its host ended while it ran"));
  }
}

void DataPlane::OnHostMessage(HostPort& host, registry::FromHost message,
                              std::vector<base::Fd> fds) {
  if (auto* applied = std::get_if<registry::Applied>(&message)) {
    stream_.Applied(host, applied->sequence);
    TellServing();
  } else if (auto* open = std::get_if<registry::OpenBundle>(&message)) {
    gate_.Answer(host, *open);
  } else if (auto* list = std::get_if<registry::OpenAssets>(&message)) {
    asset_gate_.Answer(host, *list);
  } else if (auto* asset = std::get_if<registry::OpenAsset>(&message)) {
    asset_gate_.Answer(host, *asset);
  } else if (auto* connect = std::get_if<registry::Connect>(&message)) {
    OnConnect(host, *connect);
  } else if (auto* resolve = std::get_if<registry::ResolveName>(&message)) {
    OnResolve(host, *resolve);
  } else if (auto* checked = std::get_if<registry::BundleChecked>(&message)) {
    checks_.OnChecked(host, std::move(*checked), std::move(fds));
  } else if (auto* events = std::get_if<registry::LogEvents>(&message)) {
    TakeLogEvents(*events, fds, parts_.logs);
  } else if (auto* stats = std::get_if<registry::HostStats>(&message)) {
    const uint64_t request = stats->request;
    totals_.Update(host, std::move(*stats));
    rounds_.OnStats(host, request);
  } else if (const auto* stuck = std::get_if<registry::StuckCall>(&message)) {
    stuck_.OnStuck(host, stuck->version);
  } else if (const auto* ended =
                 std::get_if<registry::ScheduledEnded>(&message)) {
    OnScheduledEnded(host, *ended);
  } else if (const auto* kv = std::get_if<registry::AskKv>(&message)) {
    kv_.Answer(host, *kv, std::move(fds));
  } else if (const auto* dropped = std::get_if<registry::KvDropped>(&message)) {
    kv_.OnDropped(host, dropped->number);
  } else if (const auto* taken = std::get_if<registry::TailTaken>(&message)) {
    tailed_.OnTaken(host, taken->number);
  }
}

void DataPlane::RunScheduled(const registry::WorkerId& worker,
                             const std::string& cron, base::WallTime slot,
                             Done done) {
  for (HostPort* host : supervisor_.Hosts()) {
    if (!host->serving()) continue;
    const uint64_t request = ++last_scheduled_;
    scheduled_[request] = {.host = host->id(), .done = std::move(done)};
    host->Send(registry::RunScheduled{.request = request,
                                      .worker = worker,
                                      .cron = cron,
                                      .scheduled_ms =
                                          base::MillisecondsSinceEpoch(slot)},
               {});
    return;
  }
  parts_.loop.After(std::chrono::nanoseconds(0), [done = std::move(done)] {
    done(Error(ErrorCode::kUnavailable, "no host was there to run it"));
  });
}

void DataPlane::OnScheduledEnded(HostPort& host,
                                 const registry::ScheduledEnded& ended) {
  const auto found = scheduled_.find(ended.request);
  if (found == scheduled_.end() || found->second.host != host.id()) return;
  const Done done = std::move(found->second.done);
  scheduled_.erase(found);
  constexpr size_t kMostWhy = 1024;
  done(ended.error.empty() ? Status()
                           : Status(Error(ErrorCode::kInternal,
                                          ended.error.substr(0, kMostWhy))));
}

void DataPlane::TellHeld() {
  const registry::HoldVersions held = stuck_.Message();
  for (HostPort* host : supervisor_.Hosts()) host->Send(held, {});
}

void DataPlane::SetTailed(std::vector<registry::WorkerId> workers) {
  tailed_.Set(std::move(workers));
}

void DataPlane::Answer(const std::string& host, const registry::ToHost& answer,
                       std::vector<base::Fd> fds) {
  HostPort* asker = supervisor_.Find(host);
  if (asker != nullptr) asker->Send(answer, std::move(fds));
}

void DataPlane::OnConnect(HostPort& host, const registry::Connect& question) {
  auto done = [this, id = host.id(),
               request = question.request](Result<base::Fd> connected) {
    registry::Connected answer;
    answer.request = request;
    std::vector<base::Fd> fds;
    if (connected) {
      fds.push_back(std::move(*connected));
    } else {
      answer.error = connected.error().message();
    }
    Answer(id, answer, std::move(fds));
  };
  if (!question.zone.value.empty()) {
    worker_gate_.AskForZone(
        host.id(), question,
        [this, question, done](Result<WorkerGate::ZoneGrant> may) {
          if (!may) return done(std::move(may).error());
          parts_.egress.Connect(question.host, question.port,
                                "zone " + may->name, done,
                                may->trusted ? EgressBroker::Reach::kAnywhere
                                             : EgressBroker::Reach::kByRules);
        });
    return;
  }
  worker_gate_.Ask(
      host.id(), question.worker, [this, question, done](Status may) {
        if (!may) return done(std::move(may.error()));
        parts_.egress.Connect(question.host, question.port,
                              stream_.state().NameOf(question.worker), done);
      });
}

void DataPlane::OnResolve(HostPort& host,
                          const registry::ResolveName& question) {
  auto done = [this, id = host.id(),
               request = question.request](Result<std::string> found) {
    registry::NameResolved answer;
    answer.request = request;
    if (found) {
      answer.answer = std::move(*found);
    } else {
      answer.error = found.error().message();
    }
    Answer(id, answer, {});
  };
  worker_gate_.Ask(host.id(), question.worker,
                   [this, id = host.id(), question, done](const Status& may) {
                     // Node's library knows failures by their codes.
                     if (!may)
                       return done(Error(may.error().code(), "EREFUSED"));
                     parts_.names.Ask(id, question, done);
                   });
}

void DataPlane::TellServing() {
  if (serving_ == nullptr) return;
  bool any_serving = false;
  for (const HostPort* host : supervisor_.Hosts()) {
    any_serving = any_serving || host->serving();
  }
  if (!any_serving || stream_.AppliedByServing() < stream_.state().sequence()) {
    return;
  }
  const auto serving = std::exchange(serving_, nullptr);
  serving();
}

void DataPlane::AskStats() {
  for (HostPort* host : supervisor_.Hosts()) {
    host->Send(registry::AskStats{}, {});
  }
  stats_timer_ = parts_.loop.After(kStatsInterval, [this] { AskStats(); });
}

void DataPlane::RefreshTotals(std::function<void()> told) {
  rounds_.Begin(supervisor_.Hosts(), std::move(told));
}

void DataPlane::AddTo(base::MetricsPage& page) {
  totals_.AddTo(page);
  uint64_t serving = 0;
  uint64_t standby = 0;
  page.Add(base::metric::kResident, ResidentBytesOf(::getpid()), "caraveld");
  for (const HostPort* host : supervisor_.Hosts()) {
    ++(host->serving() ? serving : standby);
    page.Add(base::metric::kResident, ResidentBytesOf(host->pid()),
             host->serving() ? "serving" : "standby");
  }
  page.Add(base::metric::kHosts, serving, "serving");
  page.Add(base::metric::kHosts, standby, "standby");
  page.Add(base::metric::kHostDeaths, supervisor_.deaths());
  page.Add(base::metric::kPublishedSequence, stream_.state().sequence().value);
  page.Add(base::metric::kAppliedSequence, stream_.AppliedByServing().value);
}

}  // namespace caravel::daemon
