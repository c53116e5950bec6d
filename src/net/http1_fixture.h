#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/http1_server.h"
#include "net/listen.h"
#include "net/scripted_target.h"

// For tests: a server on a free port whose time the test holds, and clients
// that send and receive bytes.
namespace caravel::net {

inline constexpr std::string_view kGet =
    "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";

class TestClient {
 public:
  explicit TestClient(uint16_t port, int receive_buffer = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) {
      ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer,
                   sizeof receive_buffer);
    }
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address),
                        sizeof address),
              0)
        << errno;
  }

  // Sends what the socket takes; how much that was.
  size_t Send(std::string_view bytes) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(),
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent < 0 ? 0 : static_cast<size_t>(sent);
  }
  // Reads what is there, at most `limit` bytes, to the end of `received`.
  void Receive(size_t limit = SIZE_MAX) {
    std::string buffer(64 * 1024, '\0');
    while (!closed && limit > 0) {
      const ssize_t size = ::recv(socket_.get(), buffer.data(),
                                  std::min(limit, buffer.size()), MSG_DONTWAIT);
      if (size < 0 && errno == EAGAIN) return;
      if (size <= 0) {
        closed = true;
        reset = size < 0;
        return;
      }
      received.append(buffer, 0, static_cast<size_t>(size));
      limit -= static_cast<size_t>(size);
    }
  }
  void HalfClose() { ::shutdown(socket_.get(), SHUT_WR); }
  void Close() { socket_.Reset(); }
  void Reset() {
    const linger at_once = {1, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once,
                 sizeof at_once);
    socket_.Reset();
  }

  std::string received;
  bool closed = false;  // by the server
  bool reset = false;

 private:
  base::Fd socket_;
};

class Http1Fixture : public testing::Test {
 protected:
  void Serve(Http1Options options = {}) {
    base::Fd listener = ListenTcp({}).value();
    port_ = LocalPort(listener).value();
    server_ = std::make_unique<Http1Server>(*loop_, clock_, target_,
                                            std::move(options));
    ASSERT_TRUE(server_->AdoptListener(std::move(listener)));
  }
  TestClient Connect() const { return TestClient(port_); }

  void Round() {
    loop_->Poll(std::chrono::milliseconds(1));
    server_->FlushPending();
  }
  // Lets the server run until `condition` holds.
  void RunUntil(const std::function<bool()>& condition) {
    const auto limit =
        std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), limit) << "never came";
      Round();
    }
  }
  // Some rounds in which nothing is to happen.
  void RunIdle() {
    for (int i = 0; i < 5; ++i) Round();
  }
  void RunUntilReceived(TestClient& client, std::string_view text) {
    RunUntil([&] {
      client.Receive();
      return client.received.find(text) != std::string::npos;
    });
    ASSERT_NE(client.received.find(text), std::string::npos) << client.received;
  }
  void RunUntilClosed(TestClient& client) {
    RunUntil([&] {
      client.Receive();
      return client.closed;
    });
  }
  // The number-th exchange, once it has begun.
  ScriptedExchange& Exchange(size_t number) {
    RunUntil([&] { return target_.exchanges.size() > number; });
    return *target_.exchanges.at(number);
  }
  // What a client gets that sends `request` and reads to the end.
  std::string Talk(std::string_view request) {
    TestClient client = Connect();
    client.Send(request);
    RunUntilClosed(client);
    return client.received;
  }

  base::FakeClock clock_;
  std::unique_ptr<EventLoop> loop_ = EventLoop::Create(clock_).value();
  ScriptedTarget target_;
  std::unique_ptr<Http1Server> server_;
  uint16_t port_ = 0;
};

// The body of the last response in `text`, which is not in chunks.
inline std::string BodyOf(std::string_view text) {
  const size_t end = text.find("\r\n\r\n");
  return end == std::string_view::npos ? "" : std::string(text.substr(end + 4));
}

}  // namespace caravel::net
