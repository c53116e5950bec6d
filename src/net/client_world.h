#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>
#include <string>

#include "net/client_pool.h"
#include "net/exchange_world.h"
#include "net/http1_server.h"
#include "net/listen.h"
#include "net/scripted_asker.h"

// For tests: this room's client and its server, on one loop, as a way from
// asker to target.
namespace caravel::net {

// Connects to a port of this machine, whatever the host is called.
class LoopbackDialer final : public Dialer {
 public:
  LoopbackDialer(EventLoop& loop, uint16_t port) : loop_(loop), port_(port) {}

  void Dial(const std::string& /*owner*/, const std::string& /*host*/,
            uint16_t /*port*/, Done done) override {
    loop_.After(std::chrono::nanoseconds(0), [this, done = std::move(done)] {
      base::Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      sockaddr_in address = {};
      address.sin_family = AF_INET;
      address.sin_port = htons(port_);
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      CARAVEL_CHECK(::connect(socket.get(),
                              reinterpret_cast<const sockaddr*>(&address),
                              sizeof address) == 0);
      done(std::move(socket));
    });
  }

 private:
  EventLoop& loop_;
  const uint16_t port_;
};

class ClientWorld final : public ExchangeWorld {
 public:
  ClientWorld() {
    base::Fd listener = ListenTcp({}).value();
    dialer_.emplace(*loop_, LocalPort(listener).value());
    EXPECT_TRUE(server_.AdoptListener(std::move(listener)));
    pool_ = std::make_unique<ClientPool>(
        *loop_, *dialer_,
        []() -> Result<const TlsContext*> {
          return Error(ErrorCode::kUnavailable, "no certificates");
        },
        ClientPool::Options());
    client_ = pool_->ForOwner("worker");
  }

  std::unique_ptr<ExchangeCall> Start(const RequestHead& head) override {
    return std::make_unique<ScriptedAsker>(head, *client_);
  }
  void Round() override {
    loop_->Poll(std::chrono::nanoseconds(0));
    server_.FlushPending();
  }
  // The windows of both sides, and what the sockets between them hold.
  size_t MostUnderWay() const override { return 7'000'000; }
  bool AbortsByPage() const override { return true; }

 private:
  base::FakeClock clock_;
  std::unique_ptr<EventLoop> loop_ = EventLoop::Create(clock_).value();
  Http1Server server_{*loop_, clock_, target, Http1Options()};
  std::optional<LoopbackDialer> dialer_;
  std::unique_ptr<ClientPool> pool_;
  std::unique_ptr<Target> client_;
};

}  // namespace caravel::net
