// A shard's slots: how one is loaded, what it asks of the shard, and when it
// goes.
#include <algorithm>
#include <utility>

#include "host/shard.h"
#include "net/ip_address.h"
#include "registry/kv_bytes.h"
#include "runtime/service_call.h"

namespace caravel::host {
namespace {

// An isolate that had no request for so long goes, whatever memory there is.
constexpr std::chrono::minutes kIdleLimit{10};
// One that rests for so long, and holds so much, is asked to give memory back.
constexpr std::chrono::seconds kRest{10};
constexpr size_t kWorthShrinking = 16 << 20;
constexpr size_t kMaxCodeCache = 64 << 20;
constexpr size_t kLargestSpareHead = 8 << 10;

}  // namespace

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
      head->headers.held() + head->target.capacity() > kLargestSpareHead) {
    return;
  }
  head->service.clear();
  head->headers.Clear();
  spare_heads_.Return(std::move(head));
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

Result<net::Target*> Shard::Origin(Slot& slot, Invocation* asker,
                                   const runtime::StartFetch& fetch,
                                   net::RequestHead& head, Place& place) {
  // No URL of script's: fetch() takes http and https only.
  constexpr std::string_view kCache = "cache:";
  if (fetch.url.starts_with(kCache)) {
    head.scheme = "cache";
    head.authority = slot.account().value;
    head.target = fetch.url.substr(kCache.size());
    return cache_target_.get();
  }
  constexpr std::string_view kAssets = "assets:";
  if (fetch.url.starts_with(kAssets)) {
    return AssetTarget(slot, fetch.url.substr(kAssets.size()), head);
  }
  if (fetch.service != nullptr) return Service(slot, asker, fetch, head, place);
  CARAVEL_TRY(net::Target* const origin,
              OriginOf(slot, asker, fetch, head, place));
  if (fetch.rules == nullptr || !fetch.rules->cache || fetch.web_socket) {
    return origin;
  }
  return &fetch_cache_->Before(*origin, slot.account().value, fetch.url,
                               fetch.rules);
}

Result<net::Target*> Shard::OriginOf(Slot& slot, Invocation* asker,
                                     const runtime::StartFetch& fetch,
                                     net::RequestHead& head, Place& place) {
  CARAVEL_TRY(net::Target* const elsewhere,
              origins_->Find(slot.worker(), fetch.url, head));
  if (fetch.rules != nullptr && !fetch.rules->resolve_override.empty()) {
    const std::string host = registry::LowerHost(fetch.rules->resolve_override);
    const ZonePtr zone = table_->FindZone(slot.account(), head.authority);
    if (zone != nullptr && registry::IsWithin(host, zone->name())) {
      head.place = shared_.edge.place();
      AddSubrequestFields(head, zone->name());
      return &origins_->Through(slot.worker(), host);
    }
  }
  const auto behind = table_->FindBehindRoutes(slot.worker(), head.authority);
  if (!behind) return elsewhere;
  if (behind->worker != nullptr) {
    return CustomDomain(*behind->worker, asker, fetch, head, place);
  }
  if (!behind->zone->origin()) return elsewhere;
  head.place = shared_.edge.place();
  AddSubrequestFields(head, behind->zone->name());
  return &zone_origins_->To(behind->zone);
}

Result<uint64_t> Shard::TakePlace(Invocation* asker, Place& place) {
  if (asker == nullptr) return 0;  // nor will it get the answer
  std::shared_ptr<InvocationCount>& count = asker->count();
  if (count == nullptr) count = shared_.invocations.Begin();
  place = InvocationPlace::Take(count);
  if (place.has_value()) return count->id();
  return Error(ErrorCode::kLimit,
               fmt::format("Too many Worker invocations: a request has at most "
                           "{} at a time, with all that it calls.",
                           InvocationCount::kMost));
}

Result<net::Target*> Shard::CustomDomain(const registry::PublishedWorker& to,
                                         Invocation* asker,
                                         const runtime::StartFetch& fetch,
                                         net::RequestHead& head, Place& place) {
  runtime::ServiceCall call;
  call.account = to.account.value;
  call.worker = to.name;
  call.depth = fetch.depth + 1;
  call.as_client = true;
  if (call.depth >= runtime::ServiceCall::kMostDepth) {
    return Error(ErrorCode::kLimit,
                 fmt::format("fetch to {}: Workers call one another more than "
                             "{} deep",
                             head.authority, runtime::ServiceCall::kMostDepth));
  }
  CARAVEL_TRY(call.count, TakePlace(asker, place));
  head.service = base::Encode(call);
  head.place = shared_.edge.place();
  // As in a request of the client's, which this goes on with.
  head.http = "HTTP/1.1";
  head.tls = head.scheme == "https" ? "TLSv1.3" : "";
  const auto client =
      net::ParseIpLiteral(head.headers.Find("CF-Connecting-IP").value_or(""));
  head.client = client && *client ? (*client)->ToText() : "";
  return &service_target_;
}

net::Target* Shard::OriginBehind(Slot& slot, net::RequestHead& head) {
  const auto behind = table_->FindBehindRoutes(slot.worker(), head.authority);
  // A custom domain is the Worker's own, or another Worker: no origin.
  if (!behind || behind->worker != nullptr || !behind->zone->origin()) {
    return nullptr;
  }
  AddClientFields(head);
  return &zone_origins_->To(behind->zone);
}

Result<net::Target*> Shard::Service(Slot& slot, Invocation* asker,
                                    const runtime::StartFetch& fetch,
                                    net::RequestHead& head, Place& place) {
  runtime::ServiceCall& call = *fetch.service;
  if (call.rpc) {
    head.scheme = "rpc";
    head.authority = call.worker.empty() ? "self" : call.worker;
    head.target = "/" + call.method;
  } else if (!call.connect.empty()) {
    head.scheme = "connect";
    head.authority = call.connect;
    head.target = "/";
  } else {
    CARAVEL_TRY(FillFromUrl(fetch.url, head));
  }
  call.account = slot.account().value;
  if (call.worker.empty()) call.version = slot.version().id.value;
  const Result<uint64_t> count = TakePlace(asker, place);
  if (!count) {
    return Error(count.error().code(), "Error: " + count.error().message());
  }
  call.count = *count;
  head.service = base::Encode(call);
  return &service_target_;
}

Result<net::Target*> Shard::AssetTarget(Slot& slot, std::string_view url,
                                        net::RequestHead& head) {
  if (slot.version().assets_digest.empty()) {
    return Error(ErrorCode::kInvalid, "this version has no assets");
  }
  CARAVEL_TRY(FillFromUrl(url, head));
  return &assets_->Binding(slot.worker(), slot.version());
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

void Shard::AskKv(Slot& slot, runtime::AskKv& ask) {
  const std::vector<registry::Binding>& bindings = slot.version().bindings;
  CARAVEL_CHECK(ask.binding < bindings.size(), ask.binding, bindings.size());
  const registry::Binding& binding = bindings[ask.binding];
  const uint64_t isolate = slot.isolate_number();
  if (ask.asks.verb == registry::KvVerb::kGet) {
    KvCache::Answer kept =
        shared_.kv_cache.Find(binding.text, ask.asks.keys.front());
    if (kept != nullptr) {
      slot.Deliver(runtime::KvAnswered{ask.question, std::move(kept)});
      return;
    }
  }
  KvHolds::Hold hold = shared_.link.kv_holds().TryHold(
      slot.account().value, slot.kv_held(), registry::BytesOf(ask.asks));
  if (hold == nullptr) {
    slot.Deliver(runtime::KvAnswered{ask.question, KvLine::TooMany()});
    return;
  }
  shared_.link.AskKv({.account = slot.account(),
                      .worker = slot.worker(),
                      .version = slot.version().id,
                      .binding = binding.name,
                      .space = binding.text,
                      .asks = std::move(ask.asks),
                      .held = slot.kv_held(),
                      .hold = std::move(hold)},
                     [this, number = slot.number(), isolate,
                      question = ask.question](KvLine::Answer answer) {
                       (void)loop_->Post([this, number, isolate, question,
                                          answer = std::move(answer)] {
                         Slot* asker = FindSlot(number);
                         if (asker != nullptr) {
                           asker->OnKvAnswered(isolate, {question, answer});
                         }
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
  // One at a time: the shard does nothing else for some milliseconds.
  const auto resting = std::ranges::find_if(idle, [now](const Slot* slot) {
    return slot->has_isolate() && slot->may_shrink() &&
           now - slot->last_used() > kRest &&
           slot->memory_bytes() > kWorthShrinking;
  });
  if (resting != idle.end()) (*resting)->Shrink();
  assets_->Tidy([this](const registry::WorkerId& worker,
                       const registry::VersionId& version) {
    return table_->IsPublished(worker, version);
  });
  std::erase_if(passed_on_,
                [now](const auto& entry) { return entry.second.IsStale(now); });
  (void)loop_->After(kHousekeepingInterval, [this] { Housekeep(); });
}

}  // namespace caravel::host
