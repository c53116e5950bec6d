#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "net/client_connection.h"
#include "net/client_test_support.h"

// For the tests of a connection to an origin: one whose other end the test
// holds.
namespace caravel::net {

inline constexpr uint64_t kPlenty = 1 << 30;

class ClientConnectionTest : public ::testing::Test,
                             private ClientConnection::Owner {
 protected:
  ClientConnectionTest() {
    auto [near, far] = FarEnd::Pair();
    far_ = std::move(far);
    near_ = std::move(near);
  }

  // Starts a request with room for all of its answer.
  void Ask(RequestHead head, uint64_t credit = kPlenty) {
    if (connection_ == nullptr) {
      connection_ =
          ClientConnection::Create(
              *loop_, ClientStream(std::move(near_), nullptr), *this, options_)
              .value();
    }
    asker_ = RecordingAsker();
    answerer_ = &connection_->Start(head, asker_);
    if (credit > 0) asker_.Grant(*answerer_, credit);
    if (head.body_size == 0) answerer_->OnRequestEnd();
  }
  // Waits until the server has the request as far as `end`.
  void ServerGets(std::string_view end) {
    PollUntil(*loop_, [&] {
      far_->Read();
      return far_->received.ends_with(end);
    });
  }
  void ServerSends(std::string_view bytes) {
    while (!bytes.empty()) {
      bytes.remove_prefix(far_->Send(bytes));
      loop_->Poll(std::chrono::nanoseconds(0));
    }
  }
  void WaitForTheEnd() {
    PollUntil(*loop_, [&] { return asker_.over && (idle_ || closed_); });
  }
  // The whole exchange for a GET that is answered with `response`.
  void Exchange(std::string_view response) {
    Ask(MakeRequest("GET", "/"));
    ServerGets("\r\n\r\n");
    ServerSends(response);
    WaitForTheEnd();
  }

  base::FakeClock clock_;
  std::unique_ptr<EventLoop> loop_ = EventLoop::Create(clock_).value();
  ClientConnection::Options options_;
  base::Fd near_;
  std::optional<FarEnd> far_;
  std::unique_ptr<ClientConnection> connection_;
  RecordingAsker asker_;
  Answerer* answerer_ = nullptr;
  bool idle_ = false;
  bool closed_ = false;

 private:
  void OnIdle(ClientConnection&) override { idle_ = true; }
  void OnClosed(ClientConnection&) override {
    closed_ = true;
    connection_.reset();
  }
};

}  // namespace caravel::net
