#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "control/api_handler.h"
#include "control/testing/test_platform.h"
#include "net/event_loop.h"

namespace caravel::api {

// For tests: the API of a TestPlatform over HTTP on a free loopback port,
// served by a thread of its own until destruction.
class ApiTestServer {
 public:
  // `platform` outlives the server.
  explicit ApiTestServer(TestPlatform& platform);
  ~ApiTestServer();
  ApiTestServer(const ApiTestServer&) = delete;
  ApiTestServer& operator=(const ApiTestServer&) = delete;

  uint16_t port() const { return port_; }

 private:
  void Run(base::Fd listener);

  const ApiHandler handler_;
  const base::SystemClock clock_;
  base::NullLog log_;
  const std::unique_ptr<net::EventLoop> loop_;
  std::atomic<bool> stopping_ = false;
  uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace caravel::api
