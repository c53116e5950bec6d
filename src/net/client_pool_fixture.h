#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/client_pool.h"
#include "net/client_test_support.h"
#include "net/tls.h"

// For the tests of the pool: one whose connections' other ends the test holds.
namespace caravel::net {

inline constexpr std::string_view kOkAnswer =
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// Opens connections whose other end the test holds.
class FakeDialer final : public Dialer {
 public:
  explicit FakeDialer(EventLoop& loop) : loop_(loop) {}

  void Dial(const std::string& owner, const std::string& host, uint16_t port,
            Done done) override {
    dialled.push_back(fmt::format("{} {} {}", owner, host, port));
    if (hold) {
      held.push_back(std::move(done));
      return;
    }
    loop_.After(std::chrono::nanoseconds(0),
                [this, done = std::move(done)] { Answer(done); });
  }
  void Answer(const Done& done) {
    if (!refusal.empty()) {
      return done(Error(ErrorCode::kUnavailable, refusal));
    }
    auto [near, far] = FarEnd::Pair();
    ends.push_back(std::move(far));
    done(std::move(near));
  }

  std::vector<std::string> dialled;
  std::deque<FarEnd> ends;
  std::string refusal;
  bool hold = false;
  std::vector<Done> held;

 private:
  EventLoop& loop_;
};

class ClientPoolTest : public ::testing::Test {
 protected:
  ClientPoolTest() { MakePool(); }

  void MakePool() {
    pool_ = std::make_unique<ClientPool>(
        *loop_, dialer_,
        [this]() -> Result<const TlsContext*> {
          if (tls_ != nullptr) return tls_.get();
          return Error(ErrorCode::kUnavailable, "no certificates");
        },
        options_);
  }
  Answerer& Ask(RecordingAsker& asker, RequestHead head,
                const std::string& owner = "worker") {
    Answerer& answerer = pool_->Start(owner, head, asker);
    asker.Grant(answerer, 1 << 20);
    answerer.OnRequestEnd();
    return answerer;
  }
  void WaitForRequest(size_t connection) {
    PollUntil(*loop_, [&] {
      if (dialer_.ends.size() <= connection) return false;
      FarEnd& end = dialer_.ends[connection];
      end.Read();
      return end.received.ends_with("\r\n\r\n");
    });
  }
  // A GET that is answered on connection number `connection`.
  void Exchange(size_t connection, const std::string& owner = "worker") {
    RecordingAsker asker;
    Ask(asker, MakeRequest("GET", "/"), owner);
    WaitForRequest(connection);
    dialer_.ends[connection].received.clear();
    dialer_.ends[connection].Send(kOkAnswer);
    WaitFor(asker);
    ASSERT_EQ(asker.body, "ok") << asker.error;
  }
  void WaitFor(const RecordingAsker& asker) {
    PollUntil(*loop_, [&] { return asker.over; });
  }
  void Poll() { loop_->Poll(std::chrono::nanoseconds(0)); }

  base::FakeClock clock_;
  std::unique_ptr<EventLoop> loop_ = EventLoop::Create(clock_).value();
  FakeDialer dialer_{*loop_};
  std::unique_ptr<TlsContext> tls_;
  ClientPool::Options options_;
  std::unique_ptr<ClientPool> pool_;
};

}  // namespace caravel::net
