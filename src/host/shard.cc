#include "host/shard.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/random.h"
#include "host/error_page.h"
#include "host/stats.h"

namespace caravel::host {
namespace {

constexpr std::chrono::seconds kHousekeepingInterval{1};
// An isolate that had no request for so long goes, whatever memory there is.
constexpr std::chrono::minutes kIdleLimit{10};
constexpr size_t kHostsInNotFoundPage = 50;
// Before a drain ends clients of WebSockets have so long to answer to its end.
constexpr std::chrono::milliseconds kFarewell{2'000};
constexpr size_t kMaxCodeCache = 64 << 20;
constexpr size_t kLargestSpareHead = 8 << 10;

// Splitmix64: spreads a counter over 64 bits. Not for secrets.
uint64_t Mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
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
  cache_target_ =
      std::make_unique<CacheTarget>(*loop_, shared_.cache, shared_.clock);
  server_ = std::make_unique<net::Http1Server>(*loop_, shared_.clock,
                                               static_cast<net::Target&>(*this),
                                               net::Http1Options());
  stats_.shards = 1;
  (void)loop_->After(kHousekeepingInterval, [this] { Housekeep(); });
}

Shard::~Shard() { Stop(); }

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
  const bool busy = !ready_.empty() || !not_found_.empty();
  loop_->Poll(std::chrono::nanoseconds(busy ? 0 : -1));
  not_found_.GiveAll();
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
  head.draw = Mix(reference_seed_ ^ ++requests_);
  const registry::PublishedWorker* worker = table_->FindWorker(head.authority);
  if (worker == nullptr) return RefuseUnknownHost(head, asker);
  const registry::Version& version = PickVersion(*worker, head.draw);
  if (neighbours_ != nullptr) {
    const std::optional<size_t> shard = Elsewhere(*worker, version);
    if (shard) return neighbours_->To(*shard).Start(head, asker);
  }
  return SlotFor(*worker, version).Begin(head, asker);
}

net::Answerer& Shard::StartPassedOn(net::RequestHead& head, net::Asker& asker) {
  const registry::PublishedWorker* worker = table_->FindWorker(head.authority);
  if (worker == nullptr) return RefuseUnknownHost(head, asker);
  return SlotFor(*worker, PickVersion(*worker, head.draw)).Begin(head, asker);
}

net::Answerer& Shard::RefuseUnknownHost(const net::RequestHead& head,
                                        net::Asker& asker) {
  return not_found_.Add(
      asker, UnknownHost(head.authority, table_->Hosts(kHostsInNotFoundPage),
                         head.client));
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

Slot& Shard::SlotFor(const registry::PublishedWorker& worker,
                     const registry::Version& version) {
  const auto found = slots_.find(version.id.value);
  if (found != slots_.end()) return *found->second;
  const uint64_t number = ++last_slot_;
  auto slot = std::make_unique<Slot>(static_cast<SlotOwner&>(*this), number,
                                     worker, version);
  slots_by_number_.emplace(number, slot.get());
  return *slots_.emplace(version.id.value, std::move(slot)).first->second;
}

Slot* Shard::FindSlot(uint64_t number) {
  const auto found = slots_by_number_.find(number);
  return found == slots_by_number_.end() ? nullptr : found->second;
}

std::unique_ptr<net::RequestHead> Shard::TakeHead() {
  std::unique_ptr<net::RequestHead> head = spare_heads_.Take();
  return head != nullptr ? std::move(head)
                         : std::make_unique<net::RequestHead>();
}

void Shard::ReturnHead(std::unique_ptr<net::RequestHead> head) {
  if (head == nullptr ||
      head->headers.bytes() + head->target.size() > kLargestSpareHead) {
    return;
  }
  spare_heads_.Return(std::move(head));
}

uint64_t Shard::NextReference() { return Mix(reference_seed_ + ++requests_); }

void Shard::Wake(Slot& slot) {
  if (slot.queued) return;
  slot.queued = true;
  ready_.push_back(&slot);
}

void Shard::Open(Slot& slot) {
  slot.set_opening();
  ++stats_.cold_starts;
  const uint64_t number = slot.number();
  shared_.link.OpenBundle(
      slot.worker(), slot.version().id,
      [this, number](Result<Link::OpenedBundle> opened) {
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
        (void)loop_->Post([this, number, why, bundle,
                           code_cache = std::move(code_cache)]() mutable {
          if (bundle == nullptr) {
            OnOpenFailed(number, why);
          } else {
            OnOpened(number, bundle, std::move(code_cache));
          }
        });
      });
}

void Shard::OnOpened(uint64_t number,
                     std::shared_ptr<const registry::Bundle> bundle,
                     std::string code_cache) {
  Slot* slot = FindSlot(number);
  if (slot == nullptr) return;
  std::unique_ptr<runtime::Isolate> isolate = shared_.pool.Take();
  isolate->SetWake([this, number] {
    (void)loop_->Post([this, number] {
      Slot* woken = FindSlot(number);
      if (woken == nullptr) return;
      woken->set_woken();
      Wake(*woken);
    });
  });
  slot->Opened(std::move(isolate),
               {std::move(bundle), slot->version(), std::move(code_cache)});
}

void Shard::OnOpenFailed(uint64_t number, const std::string& why) {
  Slot* slot = FindSlot(number);
  if (slot == nullptr) return;
  if (slot->bundle() != nullptr) {
    shared_.log.Warning("a Worker is loaded again from what this host has",
                        {{"version", slot->version().id.value}, {"why", why}});
    return OnOpened(number, slot->bundle(), /*code_cache=*/{});
  }
  shared_.log.Error("a Worker cannot be loaded",
                    {{"version", slot->version().id.value}, {"why", why}});
  slot->OpenFailed(Error(ErrorCode::kUnavailable, why));
}

void Shard::Ended(Slot& slot, Invocation& invocation,
                  runtime::InvocationEnded ended) {
  // For most, the end of the turn is near enough and costs no look at a clock.
  const base::SteadyTime end = ended.event == nullptr
                                   ? std::max(finished_at_, invocation.start())
                                   : shared_.clock.Steady();
  const auto wall_us = static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(end -
                                                            invocation.start())
          .count());
  CountRequest(
      stats_,
      ended.event == nullptr ? "ok" : std::string_view(ended.event->outcome),
      ended.cpu_us, wall_us);
  if (ended.event == nullptr) return;
  registry::LogEvent event = std::move(*ended.event);
  event.wall_us = wall_us;
  if (event.time_ms == 0) {  // the isolate never saw it
    event.time_ms = std::chrono::duration<double, std::milli>(
                        shared_.clock.Wall().time_since_epoch())
                        .count() -
                    static_cast<double>(wall_us) / 1000;
  }
  event.request_id = invocation.reference();
  event.worker = slot.worker();
  event.version = slot.version().id;
  shared_.link.ReportEvent(slot.account(), std::move(event));
}

Result<net::Target*> Shard::Origin(Slot& slot, const runtime::StartFetch& fetch,
                                   net::RequestHead& head) {
  // No URL of script's: fetch() takes http and https only.
  constexpr std::string_view kCache = "cache:";
  if (fetch.url.starts_with(kCache)) {
    head.scheme = "cache";
    head.authority = slot.account().value;
    head.target = fetch.url.substr(kCache.size());
    return cache_target_.get();
  }
  return origins_->Find(slot.worker(), fetch.url, head);
}

void Shard::AskName(Slot& slot, runtime::AskName& ask) {
  shared_.link.Resolve(
      {.request = 0,
       .worker = slot.worker(),
       .asks = ask.asks,
       .name = std::move(ask.name),
       .number = ask.number},
      [this, number = slot.number(), isolate = slot.isolate_number(),
       question = ask.question](Result<std::string> found) {
        runtime::NameAnswered answered{question, {}, {}};
        if (found) {
          answered.answer = std::move(*found);
        } else {
          answered.error = found.error().message();
        }
        (void)loop_->Post([this, number, isolate, answered] {
          Slot* slot = FindSlot(number);
          if (slot != nullptr) slot->OnNameAnswered(isolate, answered);
        });
      });
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
      slots_by_number_.erase(slot.number());
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
  std::erase_if(passed_on_,
                [now](const auto& entry) { return entry.second.IsStale(now); });
  (void)loop_->After(kHousekeepingInterval, [this] { Housekeep(); });
}

}  // namespace caravel::host
