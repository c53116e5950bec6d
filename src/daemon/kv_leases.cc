// The lease is renewed while a host is joined, and not by anything that the
// host says: a host that hangs has its lease renewed too. So a change that
// waits for a host stops renewing its lease until the host has answered.
//
// Tests: kv_leases_test.cc.
#include "daemon/kv_leases.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/random.h"

namespace caravel::daemon {
namespace {

// Places of one message; a packet has room for as many of the longest keys.
constexpr size_t kPacketBytes = 40 << 10;

bool IsWhole(const registry::KvPlace& place) { return place.key.empty(); }

}  // namespace

KvLeases::KvLeases(net::EventLoop& loop, const base::Clock& clock)
    : loop_(loop),
      clock_(clock),
      salt_(base::RandomHex(16)),
      first_(clock.Steady() + kLease),
      alive_(std::make_shared<KvLeases*>(this)) {}

KvLeases::~KvLeases() {
  if (renewing_) loop_.Cancel(timer_);
}

KvLeases::Hash KvLeases::HashOf(const registry::KvPlace& place) const {
  std::string text = salt_;
  text += place.space;
  text += '\0';
  text += place.key;
  return std::hash<std::string>()(text);
}

void KvLeases::Join(HostPort& host) { keepers_[host.id()].port = &host; }

void KvLeases::Leave(const HostPort& host) {
  const auto found = keepers_.find(host.id());
  if (found == keepers_.end()) return;
  found->second.port = nullptr;
  std::erase_if(
      fills_, [&](const auto& fill) { return fill.second.host == host.id(); });
  Watch(host.id());
}

bool KvLeases::IsAwaited(const std::string& host) const {
  return std::ranges::any_of(waiting_, [&](const auto& waiting) {
    return waiting.second.hosts.contains(host);
  });
}

void KvLeases::Watch(const std::string& host) {
  const auto found = keepers_.find(host);
  if (found == keepers_.end()) return;
  Keeper& keeper = found->second;
  if (keeper.watched || (keeper.port != nullptr && !IsAwaited(host))) return;
  const base::SteadyTime now = clock_.Steady();
  if (now < keeper.lease) {
    keeper.watched = true;
    const std::weak_ptr<KvLeases*> weak = alive_;
    (void)loop_.After(keeper.lease - now, [weak, host] {
      const std::shared_ptr<KvLeases*> leases = weak.lock();
      if (leases == nullptr) return;
      const auto watched = (*leases)->keepers_.find(host);
      if (watched == (*leases)->keepers_.end()) return;
      watched->second.watched = false;
      (*leases)->Watch(host);
    });
    return;
  }
  // Until its lease is renewed, in order behind what it was told to drop, the
  // host gives nothing.
  const uint64_t sent = keeper.sent;
  if (keeper.port == nullptr) keepers_.erase(found);
  Hear(host, sent);
}

void KvLeases::RenewSoon() {
  if (std::exchange(renewing_, true)) return;
  timer_ = loop_.After(kRenewal, [this] {
    renewing_ = false;
    Renew();
  });
}

void KvLeases::Renew() {
  for (auto& [id, keeper] : keepers_) {
    if (keeper.places.empty()) continue;
    Give(keeper);
    RenewSoon();
  }
}

void KvLeases::Give(Keeper& keeper) {
  if (keeper.port == nullptr || keeper.dropped < keeper.sent) return;
  keeper.lease = clock_.Steady() + kLease;
  keeper.port->Send(
      registry::LeaseKv{
          std::chrono::nanoseconds(keeper.lease.time_since_epoch()).count()},
      {});
}

KvLeases::Fill KvLeases::BeginFill(const std::string& host,
                                   const registry::KvPlace& place) {
  fills_.emplace(
      ++last_fill_,
      Filling{.host = host, .place = HashOf(place), .changed = false});
  return last_fill_;
}

bool KvLeases::EndFill(Fill fill, bool wanted) {
  auto node = fills_.extract(fill);
  if (node.empty() || node.mapped().changed || !wanted) return false;
  const auto found = keepers_.find(node.mapped().host);
  if (found == keepers_.end() || found->second.port == nullptr) return false;
  Keeper& keeper = found->second;
  if (keeper.places.size() >= kMostPlaces) {
    keeper.places.clear();
    SendDrop(keeper, {});
    return false;
  }
  keeper.places.insert(node.mapped().place);
  if (clock_.Steady() + kRenewal > keeper.lease) Give(keeper);
  RenewSoon();
  return true;
}

void KvLeases::SendDrop(Keeper& keeper, std::vector<registry::KvPlace> places) {
  ++keeper.sent;
  if (keeper.port != nullptr) {
    keeper.port->Send(registry::DropKv{keeper.sent, std::move(places)}, {});
  }
}

void KvLeases::Changed(const std::vector<registry::KvPlace>& places,
                       std::function<void()> done) {
  std::vector<Hash> hashes;
  hashes.reserve(places.size());
  for (const registry::KvPlace& place : places) hashes.push_back(HashOf(place));
  const bool whole = std::ranges::any_of(places, &IsWhole);
  for (auto& [number, fill] : fills_) {
    fill.changed = fill.changed || whole ||
                   std::ranges::find(hashes, fill.place) != hashes.end();
  }
  Waiting waiting;
  waiting.done = std::move(done);
  for (auto& [id, keeper] : keepers_) {
    std::vector<registry::KvPlace> packet;
    size_t bytes = 0;
    for (size_t i = 0; i < places.size(); ++i) {
      // Which of its entries are of a namespace is not known.
      const bool has = IsWhole(places[i]) ? !keeper.places.empty()
                                          : keeper.places.erase(hashes[i]) > 0;
      if (!has) continue;
      bytes += places[i].space.size() + places[i].key.size() + 8;
      packet.push_back(places[i]);
      if (bytes < kPacketBytes) continue;
      SendDrop(keeper, std::exchange(packet, {}));
      bytes = 0;
    }
    if (!packet.empty()) SendDrop(keeper, std::move(packet));
    // It may have an entry still that it was told before to drop.
    if (keeper.dropped < keeper.sent) waiting.hosts[id] = keeper.sent;
  }
  if (clock_.Steady() < first_) {
    // Of hosts that a former caraveld has left nothing is known yet.
    waiting.done = [this, last = std::move(waiting.done)] {
      AfterFormer(last);
    };
  }
  if (waiting.hosts.empty()) return waiting.done();
  std::vector<std::string> hosts;
  for (const auto& [id, number] : waiting.hosts) hosts.push_back(id);
  waiting_.emplace(++last_waiting_, std::move(waiting));
  for (const std::string& id : hosts) Watch(id);
}

void KvLeases::AfterFormer(const std::function<void()>& done) {
  if (clock_.Steady() >= first_) return done();
  (void)loop_.At(first_, [weak = std::weak_ptr<KvLeases*>(alive_), done] {
    const std::shared_ptr<KvLeases*> leases = weak.lock();
    if (leases != nullptr) (*leases)->AfterFormer(done);
  });
}

void KvLeases::OnDropped(const HostPort& host, uint64_t number) {
  const auto found = keepers_.find(host.id());
  if (found == keepers_.end()) return;
  Keeper& keeper = found->second;
  if (number > keeper.sent || number <= keeper.dropped) return;
  keeper.dropped = number;
  if (!keeper.places.empty()) Give(keeper);
  Hear(host.id(), number);
}

void KvLeases::Hear(const std::string& host, uint64_t number) {
  std::vector<std::function<void()>> done;
  for (auto entry = waiting_.begin(); entry != waiting_.end();) {
    Waiting& waiting = entry->second;
    const auto waits = waiting.hosts.find(host);
    if (waits != waiting.hosts.end() && waits->second <= number) {
      waiting.hosts.erase(waits);
    }
    if (!waiting.hosts.empty()) {
      ++entry;
      continue;
    }
    done.push_back(std::move(waiting.done));
    entry = waiting_.erase(entry);
  }
  for (const auto& each : done) each();
}

}  // namespace caravel::daemon
