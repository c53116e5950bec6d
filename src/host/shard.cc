// The life of a shard, its rounds, and which shard and slot a request goes to.
#include "host/shard.h"

#include <algorithm>
#include <utility>

#include "base/random.h"
#include "host/error_page.h"
#include "host/stats.h"
#include "host/version_choice.h"
#include "runtime/ops/request_ops.h"

namespace caravel::host {
namespace {

// Before a drain ends clients of WebSockets have so long to answer to its end.
constexpr std::chrono::milliseconds kFarewell{2'000};

// Splitmix64: spreads a counter over 64 bits. Not for secrets.
uint64_t Mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

// Requires: a Worker answers.
const registry::Version& VersionOf(const Routed& routed,
                                   const net::RequestHead& head) {
  return routed.version != nullptr
             ? *routed.version
             : PickVersion(*routed.worker, head.headers, head.draw);
}

}  // namespace

Result<std::unique_ptr<Shard>> Shard::Create(const Shared& shared) {
  CARAVEL_TRY(std::unique_ptr<net::EventLoop> loop,
              net::EventLoop::Create(shared.clock));
  return std::unique_ptr<Shard>(new Shard(shared, std::move(loop)));
}

Shard::Shard(const Shared& shared, std::unique_ptr<net::EventLoop> loop)
    : shared_(shared),
      loop_(std::move(loop)),
      reference_seed_(base::RandomNumber()) {
  origins_ = std::make_unique<Origins>(*loop_, shared_.link, shared_.origins);
  zone_origins_ = std::make_unique<ZoneOrigins>(*origins_, shared_.log);
  cache_target_ =
      std::make_unique<CacheTarget>(*loop_, shared_.cache, shared_.clock);
  fetch_cache_ = std::make_unique<FetchCache>(shared_.cache, *cache_target_,
                                              shared_.clock);
  assets_ = std::make_unique<AssetServer>(
      *loop_, shared_.assets, static_cast<AssetServer::Owner&>(*this));
  net::Http1Options options;
  options.id_field = runtime::kRayField;
  options.place = shared_.edge.place();
  server_ = std::make_unique<net::Http1Server>(*loop_, shared_.clock,
                                               static_cast<net::Target&>(*this),
                                               std::move(options));
  stats_.shards = 1;
  (void)loop_->After(kHousekeepingInterval, [this] { Housekeep(); });
}

Shard::~Shard() {
  Stop();
  for (const auto& [id, slot] : slots_) slot->DropFetches();
}

void Shard::Connect(const std::vector<std::unique_ptr<Shard>>& shards) {
  if (shards.size() < 2) return;
  std::vector<Neighbours::Place> places;
  for (const auto& shard : shards) {
    places.push_back({*shard->loop_, shard->home_target_});
  }
  auto neighbours = Neighbours::ConnectAll(places);
  for (size_t i = 0; i < shards.size(); ++i) {
    shards[i]->neighbours_ = std::move(neighbours[i]);
    shards[i]->number_ = i;
    shards[i]->shards_ = shards.size();
  }
}

void Shard::Disconnect(const std::vector<std::unique_ptr<Shard>>& shards) {
  for (const auto& shard : shards) shard->neighbours_.reset();
}

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
    awaited_ = done;
    patience_end_ = loop_->Now() + patience;
    (void)loop_->At(patience_end_, [this] { TellAwaited(); });
    // WebSockets go on for as long as they can, and are then closed in order.
    const std::chrono::milliseconds farewell =
        std::min(kFarewell, patience / 2);
    (void)loop_->At(patience_end_ - farewell, [this] {
      for (const auto& [id, slot] : slots_) slot->CloseWebSockets();
    });
    server_->Drain([this] { TellAwaited(); });
  });
}

void Shard::Settle(std::function<void()> done) {
  (void)loop_->Post([this, done = std::move(done)] {
    awaited_ = done;
    settling_ = true;
    if (loop_->Now() >= patience_end_) TellAwaited();
  });
}

void Shard::TellAwaited() {
  if (awaited_) std::exchange(awaited_, nullptr)();
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
  const bool busy = !ready_.empty() || !refusals_.empty() || assets_->HasWork();
  loop_->Poll(std::chrono::nanoseconds(busy ? 0 : -1));
  refusals_.GiveAll();
  if (assets_->HasWork()) assets_->Step();
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
      if (!slot.IsIdle()) Open(slot);
      continue;
    }
    if (slot.HasTurn()) return slot.TakeTurn();
  }
  return nullptr;
}

void Shard::Finished(std::unique_ptr<Turn> turn) {
  auto* isolate_turn = static_cast<IsolateTurn*>(turn.release());
  std::unique_ptr<IsolateTurn> owned(isolate_turn);
  Slot* slot = FindSlot(owned->slot);
  CARAVEL_CHECK(slot != nullptr, owned->slot);
  finished_at_ = shared_.clock.Steady();
  slot->Finish(std::move(owned));
}

void Shard::EndRound() {
  server_->FlushPending();
  if (settling_ && awaited_ &&
      std::all_of(slots_.begin(), slots_.end(),
                  [](const auto& entry) { return entry.second->IsIdle(); })) {
    TellAwaited();
  }
}

void Shard::PostFinished(std::unique_ptr<Turn> turn) {
  auto shared = std::make_shared<std::unique_ptr<Turn>>(std::move(turn));
  (void)loop_->Post([this, shared] { Finished(std::move(*shared)); });
}

net::Answerer& Shard::Start(net::RequestHead& head, net::Asker& asker) {
  head.service.clear();  // no client's to say
  shared_.edge.Identify(head);
  const Routed routed = table_->Find(head.scheme, head.authority, head.target);
  if (routed.worker == nullptr) return StartBesideWorkers(routed, head, asker);
  const registry::PublishedWorker& worker = *routed.worker;
  if (shared_.edge.is_local()) {
    const auto event = ScheduledEventOf(head.target);
    if (event) return StartScheduledFor(worker, *event, asker);
  }
  const registry::Version& version = VersionOf(routed, head);
  if (!version.assets_digest.empty()) {
    net::Answerer* asset = assets_->Start(worker, version, head, asker);
    if (asset != nullptr) return *asset;
  }
  return StartVersion(worker, version, head, asker);
}

net::Answerer& Shard::StartVersion(const registry::PublishedWorker& worker,
                                   const registry::Version& version,
                                   net::RequestHead& head, net::Asker& asker) {
  if (table_->IsHeld(version.id)) return RefuseHeld(asker);
  if (version.bundle_digest.empty()) return RefuseWithoutCode(asker);
  if (neighbours_ != nullptr) {
    const std::optional<size_t> shard = Elsewhere(worker, version);
    if (shard) return neighbours_->To(*shard).Start(head, asker);
  }
  return SlotFor(worker, version).Begin(head, asker);
}

// What was published may have changed since the request came.
net::Answerer& Shard::StartWorker(net::RequestHead& head, net::Asker& asker) {
  if (!head.service.empty()) {
    return StartService(head, asker, CameFrom::kAssets);
  }
  const Routed routed = table_->Find(head.scheme, head.authority, head.target);
  if (routed.worker == nullptr) return StartBesideWorkers(routed, head, asker);
  return StartVersion(*routed.worker, VersionOf(routed, head), head, asker);
}

void Shard::CountAsset() { CountRefusal(stats_, "asset"); }

net::Answerer& Shard::StartPassedOn(net::RequestHead& head, net::Asker& asker) {
  if (!head.service.empty()) {
    return StartService(head, asker, CameFrom::kShard);
  }
  const Routed routed = table_->Find(head.scheme, head.authority, head.target);
  if (routed.worker == nullptr) return StartBesideWorkers(routed, head, asker);
  const registry::Version& version = VersionOf(routed, head);
  if (table_->IsHeld(version.id)) return RefuseHeld(asker);
  if (version.bundle_digest.empty()) return RefuseWithoutCode(asker);
  return SlotFor(*routed.worker, version).Begin(head, asker);
}

net::Answerer& Shard::StartBesideWorkers(const Routed& routed,
                                         net::RequestHead& head,
                                         net::Asker& asker) {
  if (routed.zone == nullptr) return RefuseUnknownHost(head, asker);
  if (!routed.zone->origin()) {
    return refusals_.Add(asker, NoOrigin(routed.zone->name()));
  }
  AddClientFields(head);
  return zone_origins_->Start(*routed.zone, head, asker);
}

net::Answerer& Shard::StartService(net::RequestHead& head, net::Asker& asker,
                                   CameFrom from) {
  const Result<runtime::ServiceCall> call =
      base::Decode<runtime::ServiceCall>(head.service);
  CARAVEL_CHECK(call.has_value());  // this process made it
  if (!call->version.empty()) {     // a Worker's own, and so on its own shard
    const auto own = slots_.find(call->version);
    CARAVEL_CHECK(own != slots_.end(), call->version);
    return own->second->Begin(
        head, asker,
        {.hears_why = true, .count = shared_.invocations.Find(call->count)});
  }
  const registry::PublishedWorker* worker =
      table_->FindByName({call->account}, call->worker);
  if (worker == nullptr) {
    if (call->as_client) {
      return refusals_.Add(asker, UnknownHost(head.authority, false, {}));
    }
    return refusals_.Add(
        asker,
        Error(ErrorCode::kNotFound,
              fmt::format(
                  "Error: Worker \"{}\", which a service binding names, is {}",
                  call->worker,
                  shared_.edge.is_local()
                      ? "not served here: name its folder to `caravel serve` "
                        "too."
                      : "not deployed.")));
  }
  if (from == CameFrom::kHere) {
    head.draw = Mix(reference_seed_ ^ ++requests_);
  }
  const registry::Version& version =
      PickVersion(*worker, head.headers, head.draw);
  if (table_->IsHeld(version.id)) {
    if (call->as_client) return RefuseHeld(asker);
    CountRefusal(stats_, "held");
    return refusals_.Add(
        asker, Error(ErrorCode::kUnavailable,
                     fmt::format("Error: Worker \"{}\" is held back for a "
                                 "time: a call of it could not be ended.",
                                 call->worker)));
  }
  // What a client would get: only the code itself knows RPC and entrypoints.
  const bool is_plain = !call->rpc && call->entrypoint.empty() &&
                        call->cron.empty() && call->connect.empty();
  if (from == CameFrom::kHere && is_plain && !version.assets_digest.empty()) {
    net::Answerer* asset = assets_->Start(*worker, version, head, asker);
    if (asset != nullptr) return *asset;
  }
  if (version.bundle_digest.empty()) {
    if (is_plain) return RefuseWithoutCode(asker);
    return refusals_.Add(
        asker, Error(ErrorCode::kNotFound,
                     fmt::format("Error: Worker \"{}\", which a service "
                                 "binding names, has assets and no code.",
                                 call->worker)));
  }
  if (from != CameFrom::kShard && neighbours_ != nullptr) {
    const std::optional<size_t> shard = Elsewhere(*worker, version);
    if (shard) return neighbours_->To(*shard).Start(head, asker);
  }
  return SlotFor(*worker, version)
      .Begin(head, asker,
             {.hears_why = !call->as_client,
              .count = shared_.invocations.Find(call->count)});
}

net::Answerer& Shard::RefuseUnknownHost(const net::RequestHead& head,
                                        net::Asker& asker) {
  return refusals_.Add(
      asker, UnknownHost(head.authority, table_->has_workers(), head.client));
}

net::Answerer& Shard::RefuseHeld(net::Asker& asker) {
  CountRefusal(stats_, "held");
  return refusals_.Add(asker, HeldVersion());
}

net::Answerer& Shard::RefuseWithoutCode(net::Asker& asker) {
  ErrorAnswer answer;
  answer.head.status = 404;
  answer.head.body_size = 0;
  return refusals_.Add(asker, std::move(answer));
}

std::optional<size_t> Shard::Elsewhere(const registry::PublishedWorker& worker,
                                       const registry::Version& version) {
  const size_t home = HomeShard(worker.id, shards_);
  const bool is_home = home == number_;
  const auto found = slots_.find(version.id.value);
  const Presence presence =
      found == slots_.end() ? Presence::kNone : found->second->presence();
  const base::SteadyTime now = loop_->Now();
  const bool worth_isolate =
      !is_home && presence == Presence::kNone &&
      passed_on_[version.id.value].Count(now, neighbours_->LoadOf(home, now));
  switch (ChooseRoute(is_home, presence, worth_isolate)) {
    case Route::kHere:
      return std::nullopt;
    case Route::kHomeAndLoad:
      Open(SlotFor(worker, version));
      return home;
    case Route::kHome:
      return home;
  }
  return std::nullopt;
}

uint64_t Shard::NextReference() { return Mix(reference_seed_ + ++requests_); }

void Shard::Wake(Slot& slot) {
  if (slot.queued) return;
  slot.queued = true;
  ready_.push_back(&slot);
}

}  // namespace caravel::host
