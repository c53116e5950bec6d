#include "host/shard.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/metrics.h"
#include "base/random.h"
#include "host/error_page.h"

namespace caravel::host {
namespace {

constexpr std::chrono::seconds kHousekeepingInterval{1};
// An isolate that had no request for so long goes, whatever memory there is.
constexpr std::chrono::minutes kIdleLimit{10};
constexpr size_t kHostsInNotFoundPage = 50;
constexpr size_t kMaxCodeCache = 64 << 20;

// Splitmix64: spreads a counter over 64 bits. Not for secrets.
uint64_t Mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

}  // namespace

// Answers requests for hosts that no Worker has.
class Shard::NotFound {
 public:
  class Answerer final : public net::Answerer {
   public:
    Answerer(net::Asker& asker, ErrorAnswer answer)
        : asker_(&asker), answer_(std::move(answer)) {}
    void OnRequestBody(std::string_view) override {}
    void OnRequestEnd() override {}
    void OnResponseCredit(uint64_t) override {}
    void OnCancel(const Error&) override { asker_ = nullptr; }
    void Give() {
      if (asker_ != nullptr) {
        std::exchange(asker_, nullptr)->Respond(answer_.head, answer_.body);
      }
    }

   private:
    net::Asker* asker_;
    ErrorAnswer answer_;
  };

  net::Answerer& Add(net::Asker& asker, ErrorAnswer answer) {
    waiting_.push_back(std::make_unique<Answerer>(asker, std::move(answer)));
    return *waiting_.back();
  }
  bool empty() const { return waiting_.empty(); }
  void GiveAll() {
    for (const auto& answerer : waiting_) answerer->Give();
    waiting_.clear();
  }

 private:
  std::vector<std::unique_ptr<Answerer>> waiting_;
};

Result<std::unique_ptr<Shard>> Shard::Create(const Shared& shared) {
  CARAVEL_TRY(std::unique_ptr<net::EventLoop> loop,
              net::EventLoop::Create(shared.clock));
  return std::unique_ptr<Shard>(new Shard(shared, std::move(loop)));
}

Shard::Shard(const Shared& shared, std::unique_ptr<net::EventLoop> loop)
    : shared_(shared),
      loop_(std::move(loop)),
      not_found_(std::make_unique<NotFound>()),
      reference_seed_(base::RandomNumber()) {
  origins_ = std::make_unique<Origins>(*loop_, shared_.link, shared_.origins);
  server_ = std::make_unique<net::Http1Server>(*loop_, shared_.clock,
                                               static_cast<net::Target&>(*this),
                                               net::Http1Options());
  stats_.cpu_us_buckets.resize(base::kCpuBoundsUs.size() + 1);
  stats_.wall_us_buckets.resize(base::kWallBoundsUs.size() + 1);
  stats_.shards = 1;
  (void)loop_->After(kHousekeepingInterval, [this] { Housekeep(); });
}

Shard::~Shard() { Stop(); }

void Shard::Start() {
  thread_ = std::thread([this] {
    runtime::MonitoredGuard guard(shared_.monitor);
    Drive(seat_, seat_.epoch(), *this, guard.guard());
  });
}

void Shard::Stop() {
  (void)loop_->Post([this] { stopping_ = true; });
  if (thread_.joinable()) thread_.join();
}

void Shard::SetTable(std::shared_ptr<const RoutingTable> table,
                     std::function<void()> done) {
  (void)loop_->Post([this, table = std::move(table), done = std::move(done)] {
    table_ = table;
    done();
  });
}

void Shard::Listen(base::Fd listener) {
  auto shared = std::make_shared<base::Fd>(std::move(listener));
  (void)loop_->Post([this, shared] {
    const Status status = server_->AdoptListener(std::move(*shared));
    if (!status) {
      shared_.log.Error("a listening socket cannot be served",
                        {{"why", status.error().message()}});
    }
  });
}

void Shard::Drain(std::chrono::milliseconds patience,
                  std::function<void()> done) {
  (void)loop_->Post([this, patience, done = std::move(done)] {
    drained_ = done;
    (void)loop_->After(patience, [this] { TellDrained(); });
    server_->Drain([this] { connections_left_ = false; });
  });
}

void Shard::TellDrained() {
  if (drained_) std::exchange(drained_, nullptr)();
}

void Shard::CollectStats(std::function<void(registry::HostStats)> done) {
  (void)loop_->Post([this, done = std::move(done)] {
    registry::HostStats stats = stats_;
    stats.connections = server_->counters().open;
    stats.isolates = static_cast<uint64_t>(std::count_if(
        slots_.begin(), slots_.end(),
        [](const auto& entry) { return entry.second->has_isolate(); }));
    done(std::move(stats));
  });
}

bool Shard::BeginRound() {
  const bool busy = !ready_.empty() || !not_found_->empty();
  loop_->Poll(std::chrono::nanoseconds(busy ? 0 : -1));
  not_found_->GiveAll();
  // Bodies of requests that have just begun are asked for, and what clients
  // have made room for is passed on, before the isolates run.
  bool stepped = false;
  for (size_t i = 0; i < ready_.size(); ++i) {
    ready_[i]->Step();
    stepped = stepped || ready_[i]->HasTurn();
  }
  if (stepped) server_->FlushPending();
  return !stopping_;
}

std::unique_ptr<Turn> Shard::NextTurn() {
  while (!ready_.empty()) {
    Slot& slot = *ready_.back();
    ready_.pop_back();
    slot.queued = false;
    slot.Step();
    if (slot.state() == Slot::State::kCold) {
      Open(slot);
      continue;
    }
    if (slot.HasTurn()) return slot.TakeTurn();
  }
  return nullptr;
}

void Shard::Finished(std::unique_ptr<Turn> turn) {
  auto* isolate_turn = static_cast<IsolateTurn*>(turn.release());
  std::unique_ptr<IsolateTurn> owned(isolate_turn);
  const auto slot = slots_.find(owned->version);
  CARAVEL_CHECK(slot != slots_.end(), owned->version);
  slot->second->Finish(std::move(owned));
}

void Shard::EndRound() {
  server_->FlushPending();
  if (drained_ && !connections_left_ &&
      std::all_of(slots_.begin(), slots_.end(),
                  [](const auto& entry) { return entry.second->IsIdle(); })) {
    TellDrained();
  }
}

void Shard::PostFinished(std::unique_ptr<Turn> turn) {
  auto shared = std::make_shared<std::unique_ptr<Turn>>(std::move(turn));
  (void)loop_->Post([this, shared] { Finished(std::move(*shared)); });
}

net::Answerer& Shard::Start(net::RequestHead& head, net::Asker& asker) {
  const registry::PublishedWorker* worker = table_->FindWorker(head.authority);
  if (worker == nullptr) {
    return not_found_->Add(
        asker, UnknownHost(head.authority, table_->Hosts(kHostsInNotFoundPage),
                           head.client));
  }
  const registry::Version& version =
      PickVersion(*worker, Mix(reference_seed_ ^ ++requests_));
  return SlotFor(*worker, version).Begin(head, asker);
}

Slot& Shard::SlotFor(const registry::PublishedWorker& worker,
                     const registry::Version& version) {
  const auto found = slots_.find(version.id.value);
  if (found != slots_.end()) return *found->second;
  auto slot =
      std::make_unique<Slot>(static_cast<SlotOwner&>(*this), worker, version);
  return *slots_.emplace(version.id.value, std::move(slot)).first->second;
}

uint64_t Shard::NextReference() { return Mix(reference_seed_ + ++requests_); }

void Shard::Wake(Slot& slot) {
  if (slot.queued) return;
  slot.queued = true;
  ready_.push_back(&slot);
}

void Shard::Open(Slot& slot) {
  if (slot.IsIdle()) return;
  slot.set_opening();
  ++stats_.cold_starts;
  const std::string version = slot.version().id.value;
  shared_.link.OpenBundle(
      slot.worker(), slot.version().id,
      [this, version](Result<Link::OpenedBundle> opened) {
        std::string why;
        std::shared_ptr<const registry::Bundle> bundle;
        std::string code_cache;
        if (!opened) {
          why = opened.error().ToText();
        } else {
          Result<registry::Bundle> mapped =
              registry::Bundle::Map(opened->bundle);
          if (mapped) {
            bundle = std::make_shared<registry::Bundle>(std::move(*mapped));
          } else {
            why = mapped.error().ToText();
          }
          if (opened->code_cache.valid()) {
            Result<std::string> cache =
                base::ReadWholeFile(opened->code_cache, kMaxCodeCache);
            if (cache) code_cache = std::move(*cache);
          }
        }
        (void)loop_->Post([this, version, why, bundle,
                           code_cache = std::move(code_cache)]() mutable {
          if (bundle == nullptr) {
            OnOpenFailed(version, why);
          } else {
            OnOpened(version, bundle, std::move(code_cache));
          }
        });
      });
}

void Shard::OnOpened(const std::string& version,
                     std::shared_ptr<const registry::Bundle> bundle,
                     std::string code_cache) {
  const auto slot = slots_.find(version);
  if (slot == slots_.end()) return;
  std::unique_ptr<runtime::Isolate> isolate = shared_.pool.Take();
  isolate->SetWake([this, version] {
    (void)loop_->Post([this, version] {
      const auto woken = slots_.find(version);
      if (woken == slots_.end()) return;
      woken->second->set_woken();
      Wake(*woken->second);
    });
  });
  slot->second->Opened(
      std::move(isolate),
      {std::move(bundle), slot->second->version(), std::move(code_cache)});
}

void Shard::OnOpenFailed(const std::string& version, const std::string& why) {
  const auto slot = slots_.find(version);
  if (slot == slots_.end()) return;
  shared_.log.Error("a Worker cannot be loaded",
                    {{"version", version}, {"why", why}});
  slot->second->OpenFailed(Error(ErrorCode::kUnavailable, why));
}

void Shard::Ended(Slot& slot, Invocation& invocation,
                  registry::LogEvent event) {
  event.wall_us = static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(
          shared_.clock.Steady() - invocation.start())
          .count());
  Count(event);
  if (event.outcome == "ok" && event.logs.empty() && event.exceptions.empty()) {
    return;
  }
  event.request_id = invocation.reference();
  event.worker = slot.worker();
  event.version = slot.version().id;
  shared_.link.ReportEvent(std::move(event));
}

void Shard::Count(const registry::LogEvent& event) {
  auto& outcomes = stats_.requests_by_outcome;
  const auto known = std::find_if(
      outcomes.begin(), outcomes.end(),
      [&](const auto& entry) { return entry.first == event.outcome; });
  if (known == outcomes.end()) {
    outcomes.emplace_back(event.outcome, 1);
  } else {
    ++known->second;
  }
  ++stats_.cpu_us_buckets[base::BucketOf(base::kCpuBoundsUs, event.cpu_us)];
  ++stats_.wall_us_buckets[base::BucketOf(base::kWallBoundsUs, event.wall_us)];
  stats_.cpu_us_sum += event.cpu_us;
  stats_.wall_us_sum += event.wall_us;
}

Result<net::Target*> Shard::Origin(Slot& slot, const runtime::StartFetch& fetch,
                                   net::RequestHead& head) {
  return origins_->Find(slot.worker(), fetch.url, head);
}

void Shard::Housekeep() {
  const base::SteadyTime now = loop_->Now();
  size_t memory = 0;
  std::vector<Slot*> idle;
  for (auto entry = slots_.begin(); entry != slots_.end();) {
    Slot& slot = *entry->second;
    if (slot.IsIdle() && !slot.queued &&
        (!table_->IsPublished(slot.worker(), slot.version().id) ||
         (!slot.has_isolate() && now - slot.last_used() > kIdleLimit))) {
      if (slot.has_isolate()) (void)slot.Evict();
      entry = slots_.erase(entry);
      continue;
    }
    memory += slot.memory_bytes();
    if (slot.IsIdle() && slot.has_isolate()) idle.push_back(&slot);
    ++entry;
  }
  std::sort(idle.begin(), idle.end(), [](const Slot* a, const Slot* b) {
    return a->last_used() < b->last_used();
  });
  for (Slot* slot : idle) {
    if (memory <= shared_.memory_budget &&
        now - slot->last_used() <= kIdleLimit) {
      break;
    }
    memory -= std::min(memory, slot->memory_bytes());
    (void)slot->Evict();
  }
  (void)loop_->After(kHousekeepingInterval, [this] { Housekeep(); });
}

}  // namespace caravel::host
