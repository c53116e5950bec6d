#include "host/host.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "host/build_id.h"
#include "host/sandbox.h"
#include "host/stats.h"

namespace caravel::host {
namespace {

constexpr size_t kReadyIsolates = 3;
// Of all isolates together, when the machine has more than twice as much.
constexpr size_t kMaxMemoryBudget = size_t{4} << 30;
constexpr size_t kMaxCertificates = 4 << 20;
constexpr const char* kCertificates = "/etc/ssl/certs/ca-certificates.crt";

// How long a drained host waits until caraveld has read its last events: within
// the second that caraveld gives it above the patience.
constexpr std::chrono::milliseconds kLastWordsLimit{500};

size_t MemoryBudget() {
  const auto pages = static_cast<size_t>(::sysconf(_SC_PHYS_PAGES));
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  return std::min(kMaxMemoryBudget, pages * page / 2);
}

// Gathers the parts of an answer that each shard gives on its own thread.
struct Gathered {
  base::Mutex mutex;
  registry::HostStats sum CARAVEL_GUARDED_BY(mutex);
  size_t missing CARAVEL_GUARDED_BY(mutex) = 0;
};

}  // namespace

Host::Host(const Settings& settings)
    : log_(STDERR_FILENO, settings.log_format, settings.log_level, clock_),
      edge_(settings.edge),
      table_(std::make_shared<const RoutingTable>()) {}

Result<std::unique_ptr<Host>> Host::Start(node::MultiIsolatePlatform& platform,
                                          Settings settings) {
  std::unique_ptr<Host> host(new Host(settings));
  CARAVEL_TRY(host->engine_, runtime::Engine::Create(
                                 platform, settings.snapshot, settings.lazy));
  const base::Fd certificates(::open(kCertificates, O_RDONLY | O_CLOEXEC));
  if (certificates.valid()) {
    CARAVEL_TRY(host->origins_.ca_certificates,
                base::ReadWholeFile(certificates, kMaxCertificates));
  }
  const size_t budget = MemoryBudget();

  // From here on no file outside of the data folder can be opened.
  CARAVEL_TRY(EnterSandbox());

  host->pool_ = std::make_unique<IsolatePool>(*host->engine_, host->clock_,
                                              kReadyIsolates);
  Host& raw = *host;
  host->monitor_ = std::make_unique<runtime::Monitor>(
      host->log_, [&raw](const registry::VersionId& version) {
        raw.link_->Report(registry::StuckCall{version});
      });
  host->checker_ = std::make_unique<Checker>(*host->pool_, *host->monitor_);
  CARAVEL_TRY(host->link_,
              Link::Start(std::move(settings.socket),
                          {.key = std::move(settings.key), .build = BuildId()},
                          host->clock_, host->log_, host->kv_cache_, raw));
  host->assets_ =
      std::make_unique<AssetStore>(*host->link_, AssetStore::Limits());
  const Shard::Shared shared{.pool = *host->pool_,
                             .link = *host->link_,
                             .monitor = *host->monitor_,
                             .clock = host->clock_,
                             .log = host->log_,
                             .origins = host->origins_,
                             .cache = host->cache_,
                             .assets = *host->assets_,
                             .kv_cache = host->kv_cache_,
                             .rate_limiter = host->rate_limiter_,
                             .invocations = host->invocations_,
                             .edge = host->edge_,
                             .memory_budget = budget / settings.shards};
  for (unsigned i = 0; i < settings.shards; ++i) {
    CARAVEL_TRY(std::unique_ptr<Shard> shard, Shard::Create(shared));
    host->shards_.push_back(std::move(shard));
  }
  Shard::Connect(host->shards_);
  for (const std::unique_ptr<Shard>& shard : host->shards_) shard->Start();
  host->link_->Open();
  return host;
}

Host::~Host() {
  if (link_ != nullptr) link_->Stop();  // it calls what goes now
  for (const std::unique_ptr<Shard>& shard : shards_) shard->Stop();
  Shard::Disconnect(shards_);
}

void Host::OnListen(std::vector<base::Fd> listeners) {
  if (listeners.empty() || listeners.size() % shards_.size() != 0) {
    log_.Error("listening sockets do not match the shards",
               {{"sockets", listeners.size()}, {"shards", shards_.size()}});
    return;
  }
  for (size_t i = 0; i < listeners.size(); ++i) {
    Result<base::Fd> copy = listeners[i].Duplicate();
    if (copy) listeners_.push_back(std::move(*copy));
    shards_[i % shards_.size()]->Listen(std::move(listeners[i]));
  }
}

void Host::Apply(std::shared_ptr<const RoutingTable> table) {
  table_ = table;
  auto missing = std::make_shared<std::atomic<size_t>>(shards_.size());
  for (const std::unique_ptr<Shard>& shard : shards_) {
    shard->SetTable(table, [this, missing, sequence = table->sequence()] {
      if (missing->fetch_sub(1) == 1) {
        link_->Report(registry::Applied{sequence});
      }
    });
  }
}

void Host::OnSnapshot(registry::Snapshot snapshot) {
  const RoutingTable table(std::move(snapshot), table_->held());
  Apply(table.TailingAs(*table_));
}

void Host::OnChange(registry::Change change) {
  // One that was sent twice, before and after a rejoin, changes nothing.
  if (change.sequence <= table_->sequence()) {
    link_->Report(registry::Applied{table_->sequence()});
    return;
  }
  Apply(table_->With(change));
}

void Host::OnCheck(registry::CheckBundle check, base::Fd bundle) {
  checker_->Check(std::move(check), std::move(bundle), *link_);
}

void Host::OnDrain(std::chrono::milliseconds patience) {
  // A caraveld that has joined again may ask again: the first one counts.
  if (std::exchange(draining_, true)) return;
  auto missing = std::make_shared<std::atomic<size_t>>(shards_.size());
  for (const std::unique_ptr<Shard>& shard : shards_) {
    shard->Drain(patience, [this, missing] {
      if (missing->fetch_sub(1) == 1) Settle();
    });
  }
}

void Host::Settle() {
  auto missing = std::make_shared<std::atomic<size_t>>(shards_.size());
  for (const std::unique_ptr<Shard>& shard : shards_) {
    shard->Settle([this, missing] {
      if (missing->fetch_sub(1) != 1) return;
      // Nothing is left then that an orderly end would save.
      link_->Finish(kLastWordsLimit, [] { std::_Exit(0); });
    });
  }
}

void Host::OnAskStats(uint64_t request) {
  auto gathered = std::make_shared<Gathered>();
  {
    const base::MutexLock lock(gathered->mutex);
    gathered->missing = shards_.size();
    gathered->sum.request = request;
  }
  for (const std::unique_ptr<Shard>& shard : shards_) {
    shard->CollectStats([this, gathered](registry::HostStats stats) {
      const base::MutexLock lock(gathered->mutex);
      AddStats(gathered->sum, stats);
      if (--gathered->missing == 0) link_->Report(gathered->sum);
    });
  }
}

void Host::OnHold(std::vector<registry::VersionId> versions) {
  // Each caraveld that joins says what it holds, mostly nothing.
  if (versions == table_->held()) return;
  Apply(table_->Holding(std::move(versions)));
}

void Host::OnTail(std::vector<registry::WorkerId> workers) {
  if (workers == table_->tailed()) return;
  Apply(table_->Tailing(std::move(workers)));
}

void Host::OnRunScheduled(registry::RunScheduled run) {
  const size_t home = HomeShard(run.worker, shards_.size());
  shards_[home]->RunScheduled(std::move(run));
}

registry::Sequence Host::AppliedSequence() { return table_->sequence(); }

std::vector<base::Fd> Host::DuplicateListeners() {
  std::vector<base::Fd> copies;
  for (const base::Fd& listener : listeners_) {
    Result<base::Fd> copy = listener.Duplicate();
    if (copy) copies.push_back(std::move(*copy));
  }
  return copies;
}

}  // namespace caravel::host
