// Each request dials for itself when no idle connection fits; it takes the one
// that it dialled. Requests are named by number in what comes back late: a
// socket for a request that was cancelled finds none and closes.
//
// A request has its place from the moment at which it dials or takes an idle
// connection, and its connection gives the place back when it is idle or gone.
// Those who wait are admitted from the loop: who frees a place may be in the
// middle of a step of its own.
//
// Tests: client_pool_test.cc.
#include "net/client_pool.h"

#include <algorithm>

#include "net/client_pool_request.h"

namespace caravel::net {

class ClientPool::OwnerTarget final : public Target {
 public:
  OwnerTarget(ClientPool& pool, std::string owner)
      : pool_(pool), owner_(std::move(owner)) {}
  Answerer& Start(RequestHead& head, Asker& asker) override {
    return pool_.Start(owner_, head, asker);
  }

 private:
  ClientPool& pool_;
  const std::string owner_;
};

ClientPool::ClientPool(EventLoop& loop, Dialer& dialer, TlsSource tls,
                       const Options& options)
    : loop_(loop),
      dialer_(dialer),
      tls_(std::move(tls)),
      options_(options),
      shares_(options.max_connections),
      alive_(std::make_shared<ClientPool*>(this)) {}

ClientPool::~ClientPool() {
  loop_.Cancel(sweep_timer_);
  loop_.Cancel(admit_timer_);
}

std::unique_ptr<Target> ClientPool::ForOwner(std::string owner) {
  return std::make_unique<OwnerTarget>(*this, std::move(owner));
}

ClientPool::Request& ClientPool::Add(const Origin& origin, RequestHead& head,
                                     Asker& asker) {
  const uint64_t number = ++last_request_;
  auto made = std::make_unique<Request>(*this, number, origin, head, asker);
  return *requests_.emplace(number, std::move(made)).first->second;
}

Answerer& ClientPool::Start(const std::string& owner, RequestHead& head,
                            Asker& asker) {
  Result<Origin> origin = OriginOf(owner, head);
  if (origin) return StartAt(*origin, head, asker);
  Request& request = Add(Origin{owner, false, "", 0}, head, asker);
  request.FailSoon(std::move(origin).error());
  return request;
}

Answerer& ClientPool::StartAt(const Origin& origin, RequestHead& head,
                              Asker& asker) {
  Request& request = Add(origin, head, asker);
  const uint64_t number = last_request_;
  if (shares_.TryTake(origin.owner)) {
    Admit(number);
  } else {
    shares_.Wait(origin.owner, number);
  }
  return request;
}

void ClientPool::Admit(uint64_t number) {
  Request& request = *requests_.at(number);
  ClientConnection* connection =
      TakeIdle(request.origin(), request.may_be_sent_twice());
  if (connection != nullptr) {
    request.StartOn(*connection, /*used_before=*/true);
  } else {
    Dial(number, request.origin());
  }
}

void ClientPool::Release(const Origin& origin) {
  shares_.Release(origin.owner);
  if (admit_timer_.value != 0) return;
  admit_timer_ = loop_.At(loop_.Now(), [this] {
    admit_timer_ = {};
    AdmitWaiting();
  });
}

void ClientPool::AdmitWaiting() {
  while (const std::optional<uint64_t> number = shares_.TakeNext()) {
    Admit(*number);
  }
}

void ClientPool::Dial(uint64_t request, const Origin& origin) {
  if (connections_.size() + dialing_ >= options_.max_connections) {
    // The longest idle one makes room, whosever it is.
    const Held* oldest = nullptr;
    for (const auto& [connection, held] : connections_) {
      if (connection->idle() &&
          (oldest == nullptr || held.idle_since < oldest->idle_since)) {
        oldest = &held;
      }
    }
    if (oldest == nullptr) {
      Release(origin);
      requests_.at(request)->FailSoon(
          Error(ErrorCode::kLimit,
                fmt::format("fetch to {}: {} connections are open already",
                            origin.ToText(), options_.max_connections)));
      return;
    }
    DropIdle([oldest](const Held& held) { return &held == oldest; });
  }
  ++dialing_;
  dialer_.Dial(
      origin.owner, origin.host, origin.port,
      [weak = std::weak_ptr(alive_), request, origin](Result<base::Fd> socket) {
        const std::shared_ptr<ClientPool*> pool = weak.lock();
        if (pool) (*pool)->OnDialed(request, origin, std::move(socket));
      });
}

void ClientPool::DialAgain(uint64_t request, const Origin& origin) {
  shares_.Take(origin.owner);
  Dial(request, origin);
}

void ClientPool::OnDialed(uint64_t request, const Origin& origin,
                          Result<base::Fd> socket) {
  --dialing_;
  const auto found = requests_.find(request);
  if (found == requests_.end()) return Release(origin);
  if (!socket) {
    Release(origin);
    return found->second->Fail(socket.error());
  }
  Result<ClientConnection*> opened = Open(origin, std::move(*socket));
  if (!opened) {
    Release(origin);
    return found->second->Fail(
        std::move(opened).error().In("fetch to " + origin.ToText()));
  }
  found->second->StartOn(**opened, /*used_before=*/false);
}

Result<ClientConnection*> ClientPool::Open(const Origin& origin,
                                           base::Fd socket) {
  std::unique_ptr<TlsSession> session;
  if (origin.tls) {
    CARAVEL_TRY(const TlsContext* context, tls_());
    CARAVEL_TRY(session, TlsSession::Connect(*context, origin.tls_name.empty()
                                                           ? origin.host
                                                           : origin.tls_name));
  }
  CARAVEL_TRY(std::unique_ptr<ClientConnection> connection,
              ClientConnection::Create(
                  loop_, ClientStream(std::move(socket), std::move(session)),
                  *this, options_.connection));
  ClientConnection* opened = connection.get();
  connections_.emplace(opened, Held{.connection = std::move(connection),
                                    .origin = origin,
                                    .busy = true,
                                    .idle_since = {}});
  return opened;
}

ClientConnection* ClientPool::TakeIdle(const Origin& origin,
                                       bool may_be_sent_twice) {
  while (true) {
    const auto found = idle_.find(origin);
    if (found == idle_.end()) return nullptr;
    ClientConnection* connection = found->second.back();
    const base::SteadyTime idle_since = connections_.at(connection).idle_since;
    if (!may_be_sent_twice && idle_since + options_.fresh_for <= loop_.Now()) {
      return nullptr;  // the others have been idle for longer
    }
    if (!connection->IsQuiet()) {
      OnClosed(*connection);
      continue;
    }
    found->second.pop_back();
    --idle_count_;
    if (found->second.empty()) idle_.erase(found);
    connections_.at(connection).busy = true;
    return connection;
  }
}

void ClientPool::OnIdle(ClientConnection& connection) {
  Held& held = connections_.at(&connection);
  held.busy = false;
  Release(held.origin);
  std::vector<ClientConnection*>& siblings = idle_[held.origin];
  held.idle_since = loop_.Now();
  siblings.push_back(&connection);
  ++idle_count_;
  if (siblings.size() > options_.max_idle_for_origin ||
      idle_count_ > options_.max_idle) {
    return OnClosed(connection);
  }
  ArmSweep();
}

void ClientPool::OnClosed(ClientConnection& connection) {
  const auto held = connections_.extract(&connection);
  if (held.mapped().busy) Release(held.mapped().origin);
  const auto siblings = idle_.find(held.mapped().origin);
  if (siblings == idle_.end()) return;
  idle_count_ -= std::erase(siblings->second, &connection);
  if (siblings->second.empty()) idle_.erase(siblings);
}

void ClientPool::DropIdle(const std::function<bool(const Held&)>& which) {
  std::vector<ClientConnection*> dropped;
  for (const auto& [origin, siblings] : idle_) {
    for (ClientConnection* connection : siblings) {
      if (which(connections_.at(connection))) dropped.push_back(connection);
    }
  }
  for (ClientConnection* connection : dropped) OnClosed(*connection);
}

void ClientPool::Forget(const std::string& owner) {
  DropIdle([&owner](const Held& held) { return held.origin.owner == owner; });
}

void ClientPool::ArmSweep() {
  if (sweep_timer_.value != 0) return;
  sweep_timer_ = loop_.After(options_.idle_timeout, [this] {
    sweep_timer_ = {};
    DropIdle([this](const Held& held) {
      return held.idle_since + options_.idle_timeout <= loop_.Now();
    });
    if (idle_count_ > 0) ArmSweep();
  });
}

}  // namespace caravel::net
