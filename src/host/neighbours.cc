#include "host/neighbours.h"

#include <utility>

#include "base/check.h"

namespace caravel::host {

struct Neighbours::Out {
  Out(net::EventLoop& loop, std::unique_ptr<net::RelayMailbox> own)
      : mailbox(std::move(own)), end(loop, *mailbox) {}
  const std::unique_ptr<net::RelayMailbox> mailbox;
  net::RelayAskingEnd end;
};

struct Neighbours::In {
  In(const Place& place, std::unique_ptr<net::RelayMailbox> own)
      : mailbox(std::move(own)), end(place.loop, *mailbox, place.target) {}
  const std::unique_ptr<net::RelayMailbox> mailbox;
  net::RelayAnsweringEnd end;
};

Neighbours::Neighbours() = default;
Neighbours::~Neighbours() = default;

std::vector<std::unique_ptr<Neighbours>> Neighbours::ConnectAll(
    const std::vector<Place>& places) {
  std::vector<std::unique_ptr<Neighbours>> all;
  for (size_t i = 0; i < places.size(); ++i) {
    all.push_back(std::unique_ptr<Neighbours>(new Neighbours));
    all.back()->out_.resize(places.size());
  }
  for (size_t from = 0; from < places.size(); ++from) {
    for (size_t to = 0; to < places.size(); ++to) {
      if (from == to) continue;
      net::RelayMailbox::Pair pair =
          net::RelayMailbox::Connect(places[from].loop, places[to].loop);
      all[from]->out_[to] =
          std::make_unique<Out>(places[from].loop, std::move(pair.first));
      all[to]->in_.push_back(
          std::make_unique<In>(places[to], std::move(pair.second)));
    }
  }
  return all;
}

net::Target& Neighbours::To(size_t shard) {
  CARAVEL_CHECK(shard < out_.size() && out_[shard] != nullptr, shard);
  return out_[shard]->end;
}

HomeLoad Neighbours::LoadOf(size_t shard, base::SteadyTime now) const {
  CARAVEL_CHECK(shard < out_.size() && out_[shard] != nullptr, shard);
  const Out& out = *out_[shard];
  // What lies there is then about answers that have begun.
  if (out.end.unanswered() == 0) return {};
  return {.unanswered = out.end.unanswered(),
          .untaken_for = now - out.mailbox->untaken_since().value_or(now)};
}

}  // namespace caravel::host
