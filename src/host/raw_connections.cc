#include "host/raw_connections.h"

#include <unordered_map>
#include <utility>

#include "net/fair_shares.h"

namespace caravel::host {

class RawConnections::State : public std::enable_shared_from_this<State> {
 public:
  State(net::EventLoop& event_loop, net::Dialer& socket_dialer,
        net::ClientPool::TlsSource tls_source, size_t max_connections)
      : loop(event_loop),
        dialer(socket_dialer),
        tls(std::move(tls_source)),
        shares(max_connections) {}
  ~State() { loop.Cancel(admit_timer); }

  struct Connection {
    std::string worker;
    std::string host;
    uint16_t port = 0;
    Done done;
    bool admitted = false;  // it has its place
  };

  void Admit(uint64_t number);
  void OnDialed(uint64_t number, Result<base::Fd> socket);
  void AdmitWaiting();

  net::EventLoop& loop;
  net::Dialer& dialer;
  const net::ClientPool::TlsSource tls;
  net::FairShares shares;
  uint64_t last_number = 0;
  std::unordered_map<uint64_t, Connection> connections;
  net::EventLoop::TimerId admit_timer;
};

RawConnections::RawConnections(net::EventLoop& loop, net::Dialer& dialer,
                               net::ClientPool::TlsSource tls,
                               size_t max_connections)
    : state_(std::make_shared<State>(loop, dialer, std::move(tls),
                                     max_connections)) {}
RawConnections::~RawConnections() = default;

uint64_t RawConnections::Open(const std::string& worker,
                              const std::string& host, uint16_t port,
                              Done done) {
  State& state = *state_;
  const uint64_t number = ++state.last_number;
  state.connections.emplace(
      number, State::Connection{worker, host, port, std::move(done), false});
  if (state.shares.TryTake(worker)) {
    state.Admit(number);
  } else {
    state.shares.Wait(worker, number);
  }
  return number;
}

void RawConnections::Close(uint64_t number) {
  State& state = *state_;
  const auto node = state.connections.extract(number);
  if (node.empty()) return;
  if (!node.mapped().admitted) {
    return state.shares.StopWaiting(node.mapped().worker, number);
  }
  state.shares.Release(node.mapped().worker);
  if (state.admit_timer.value != 0) return;
  state.admit_timer = state.loop.At(state.loop.Now(), [&state] {
    state.admit_timer = {};
    state.AdmitWaiting();
  });
}

Result<std::unique_ptr<net::TlsSession>> RawConnections::NewTlsSession(
    const std::string& host) {
  CARAVEL_TRY(const net::TlsContext* context, state_->tls());
  return net::TlsSession::Connect(*context, host, net::TlsOffer::kNothing);
}

void RawConnections::State::AdmitWaiting() {
  while (const std::optional<uint64_t> number = shares.TakeNext()) {
    Admit(*number);
  }
}

void RawConnections::State::Admit(uint64_t number) {
  Connection& connection = connections.at(number);
  connection.admitted = true;
  dialer.Dial(connection.worker, connection.host, connection.port,
              [weak = weak_from_this(), number](Result<base::Fd> socket) {
                const std::shared_ptr<State> state = weak.lock();
                if (state != nullptr)
                  state->OnDialed(number, std::move(socket));
              });
}

// Without a socket the place is kept until Close() as well.
void RawConnections::State::OnDialed(uint64_t number, Result<base::Fd> socket) {
  const auto found = connections.find(number);
  if (found == connections.end()) return;
  const Done done = std::exchange(found->second.done, nullptr);
  done(std::move(socket));
}

}  // namespace caravel::host
