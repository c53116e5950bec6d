#include "control/testing/api_test_server.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "base/check.h"
#include "control/api_server.h"
#include "control/endpoints.h"
#include "net/http1_server.h"

namespace caravel::api {
namespace {

// Bound to a free port of 127.0.0.1, which goes to `port`.
base::Fd Listen(uint16_t& port) {
  base::Fd listener(
      socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  CARAVEL_CHECK(bind(listener.get(), any, size) == 0, errno);
  CARAVEL_CHECK(listen(listener.get(), SOMAXCONN) == 0, errno);
  CARAVEL_CHECK(getsockname(listener.get(), any, &size) == 0, errno);
  port = ntohs(address.sin_port);
  return listener;
}

}  // namespace

ApiTestServer::ApiTestServer(TestPlatform& platform)
    : handler_(platform.services(), Endpoints(), {}),
      loop_(net::EventLoop::Create(clock_).value()) {
  base::Fd listener = Listen(port_);
  thread_ = std::thread([this, listener = std::move(listener)]() mutable {
    Run(std::move(listener));
  });
}

ApiTestServer::~ApiTestServer() {
  stopping_ = true;
  loop_->Wake();
  thread_.join();
}

void ApiTestServer::Run(base::Fd listener) {
  ApiServer api(handler_, *loop_, log_, {});
  net::Http1Server server(*loop_, clock_, api, {});
  server.AdoptListener(std::move(listener)).value();
  while (!stopping_) {
    loop_->Poll(std::chrono::seconds(10));
    server.FlushPending();
  }
}

}  // namespace caravel::api
