#include "host/web_socket_run.h"

#include <gmock/gmock.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"

namespace caravel::host {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr size_t kMegabyte = size_t{1} << 20;

// A slot whose turns the test takes.
class TestSlot final : public WebSocketRoom::Owner {
 public:
  net::EventLoop& loop() override { return *loop_; }
  size_t& waiting_bytes() override { return waiting_bytes_; }
  void Deliver(runtime::InboxEntry entry) override {
    inbox.push_back(std::move(entry));
  }
  void FlushLater(int32_t id) override { flushes_.push_back(id); }

  void Step() {
    while (!flushes_.empty()) {
      for (const int32_t id : std::exchange(flushes_, {})) {
        if (WebSocketRun* run = room.Find(id)) run->Flush();
      }
    }
  }
  // What the isolate sees.
  runtime::Inbox Turn(
      const std::function<void(const runtime::Inbox&)>& isolate = {}) {
    runtime::Inbox taken = std::exchange(inbox, {});
    room.BeginTurn(taken);
    if (isolate) isolate(taken);
    room.EndTurn();
    return taken;
  }
  void Wait(std::chrono::nanoseconds time) {
    clock_.Advance(time);
    loop_->Poll(std::chrono::nanoseconds(0));
  }

  runtime::Inbox inbox;
  WebSocketRoom room{*this};

 private:
  base::FakeClock clock_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  size_t waiting_bytes_ = 0;
  std::vector<int32_t> flushes_;
};

// A client with its WebSocket, which takes what the test lets it take.
class TestClient final : public WebSocketRun::Connection {
 public:
  TestClient(TestSlot& slot, runtime::WebSocketId id, bool accepted = true)
      : run(slot.room, id, net::WebSocketRole::kServer, std::nullopt, *this) {
    if (accepted) run.StartReading();
  }

  uint64_t& SendCredit() override { return credit; }
  void SendBytes(std::string_view bytes) override { taken += bytes; }
  void GrantBytes(uint64_t bytes) override { granted += bytes; }
  void EndBytes() override { ended = true; }
  void CutBytes() override {
    cut = true;
    run.OnGone();
  }

  // A frame as clients send it, with a mask of zeros.
  void Send(net::WebSocketOpcode opcode, std::string_view payload,
            bool fin = true) {
    net::WebSocketFrameHead head;
    head.opcode = opcode;
    head.fin = fin;
    head.masked = true;
    head.size = payload.size();
    std::string frame;
    net::WriteWebSocketHead(head, frame);
    frame += payload;
    run.OnBytes(frame);
  }

  uint64_t credit = 0;
  uint64_t granted = 0;
  std::string taken;
  bool ended = false;
  bool cut = false;
  bool begun = false;  // a message
  WebSocketRun run;
};

template <typename T>
std::vector<T> Of(const runtime::Inbox& inbox) {
  std::vector<T> found;
  for (const runtime::InboxEntry& entry : inbox) {
    if (const T* it = std::get_if<T>(&entry)) found.push_back(*it);
  }
  return found;
}

class WebSocketRunTest : public testing::Test {
 protected:
  TestSlot slot_;
};

TEST_F(WebSocketRunTest, TheIsolateIsToldWhatWaitsOnlyWhereItChanges) {
  TestClient client(slot_, 1);
  client.credit = 100;
  client.run.Send(false, std::string(10, 'x'));
  EXPECT_THAT(Of<runtime::WebSocketUnsent>(slot_.Turn()), IsEmpty());
  client.run.Send(false, std::string(120, 'x'));  // with 2 bytes of a head
  auto told = Of<runtime::WebSocketUnsent>(slot_.Turn());
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].socket, 1);
  EXPECT_EQ(told[0].bytes, 12U + 122 - 100);
  EXPECT_THAT(Of<runtime::WebSocketUnsent>(slot_.Turn()), IsEmpty());
  client.credit = 100;
  client.run.Flush();
  told = Of<runtime::WebSocketUnsent>(slot_.Turn());
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].bytes, 0U);
}

TEST_F(WebSocketRunTest, WhoTakesLeastLosesItsWebSocketWhenThereIsNoRoom) {
  TestClient slow(slot_, 1);
  TestClient slower(slot_, 3);
  TestClient fast(slot_, 5);
  fast.credit = UINT64_MAX;
  slow.run.Send(false, std::string(20 * kMegabyte, 'x'));
  slower.run.Send(false, std::string(30 * kMegabyte, 'x'));
  fast.run.Send(false, std::string(30 * kMegabyte, 'x'));
  EXPECT_FALSE(slow.cut || slower.cut || fast.cut);
  slow.run.Send(false, std::string(kMegabyte, 'x'));
  slow.run.Send(false, std::string(20 * kMegabyte, 'x'));
  EXPECT_TRUE(slow.cut) << "it has most now";
  EXPECT_FALSE(slower.cut || fast.cut);
  EXPECT_LT(slot_.waiting_bytes(), WebSocketRoom::kMostUnsent);
  const auto closed = Of<runtime::WebSocketClosed>(slot_.Turn());
  ASSERT_THAT(closed, SizeIs(1));
  EXPECT_EQ(closed[0].socket, 1);
  EXPECT_FALSE(closed[0].clean);
  EXPECT_EQ(closed[0].reason, "the peer takes less than is sent to it");
}

TEST_F(WebSocketRunTest, WhatIsPassedOnComesAsFastAsTheOtherSideTakesIt) {
  TestClient from(slot_, 1);
  TestClient to(slot_, 3);
  slot_.room.Join(1, 3);
  const std::string message(100'000, 'x');
  // A turn as the isolate of a proxy has it.
  const auto turn = [&] {
    const runtime::Inbox inbox = slot_.Turn([&](const runtime::Inbox& taken) {
      for (const auto& each : Of<runtime::WebSocketMessage>(taken)) {
        to.run.Send(each.text, each.bytes);
      }
    });
    slot_.Step();
    return Of<runtime::WebSocketMessage>(inbox).size();
  };
  from.Send(net::WebSocketOpcode::kBinary, message);
  slot_.Step();
  EXPECT_EQ(from.granted, 0U) << "no turn has had it";
  EXPECT_EQ(turn(), 1U);
  EXPECT_EQ(from.granted, 0U) << "it waits for the other side";
  from.Send(net::WebSocketOpcode::kBinary, message);  // was under way
  slot_.Step();
  EXPECT_EQ(turn(), 0U) << "no more is read";
  to.credit = 50'000;
  to.run.Flush();
  slot_.Step();
  EXPECT_EQ(turn(), 1U) << "less than a window waits";
  EXPECT_EQ(from.granted, 0U);
  to.credit = 200'000;
  to.run.Flush();
  slot_.Step();
  EXPECT_GT(from.granted, 0U);
  const uint64_t granted = from.granted;
  for (int i = 0; i < 2; ++i) {
    from.Send(net::WebSocketOpcode::kBinary, message);
    slot_.Step();
    (void)turn();
  }
  EXPECT_LT(from.granted, granted + 200'000);
  to.run.OnGone();
  slot_.Step();
  (void)turn();
  EXPECT_GE(from.granted, granted + 200'000) << "nobody takes it: it passes";
}

TEST_F(WebSocketRunTest, NothingIsReadBeforeTheWorkerAcceptsTheWebSocket) {
  TestClient client(slot_, 1, /*accepted=*/false);
  for (int i = 0; i < 6; ++i) {
    client.Send(net::WebSocketOpcode::kBinary, std::string(10'000, 'x'));
    slot_.Step();
    EXPECT_THAT(slot_.Turn(), IsEmpty());
    slot_.Step();
  }
  EXPECT_EQ(client.granted, 0U);
  client.run.StartReading();
  slot_.Step();
  EXPECT_THAT(Of<runtime::WebSocketMessage>(slot_.Turn()), SizeIs(6));
  slot_.Step();
  EXPECT_GT(client.granted, 60'000U);
}

TEST_F(WebSocketRunTest, OneThatIsClosedBeforeItWasAcceptedHearsOfTheEndOnly) {
  TestClient client(slot_, 1, /*accepted=*/false);
  client.credit = 1000;
  client.Send(net::WebSocketOpcode::kText, "early");
  client.run.Close(1002, "");
  client.Send(net::WebSocketOpcode::kText, "late");
  client.Send(net::WebSocketOpcode::kClose, "\x03\xEA");
  slot_.Step();
  const runtime::Inbox inbox = slot_.Turn();
  EXPECT_THAT(Of<runtime::WebSocketMessage>(inbox), IsEmpty());
  EXPECT_THAT(Of<runtime::WebSocketClosed>(inbox), SizeIs(1));
  EXPECT_TRUE(client.ended);
}

TEST_F(WebSocketRunTest, WhoHasMostOfWhatArrivesIsRefusedWhenThereIsNoRoom) {
  TestClient large(slot_, 1);
  TestClient larger(slot_, 3);
  TestClient small(slot_, 5);
  for (TestClient* each : {&large, &larger, &small}) each->credit = 1000;
  // Frames of messages that do not end.
  const auto send = [&](TestClient& client, size_t pieces, size_t size) {
    const std::string piece(size, 'x');
    for (size_t i = 0; i < pieces; ++i) {
      client.Send(client.begun ? net::WebSocketOpcode::kContinuation
                               : net::WebSocketOpcode::kBinary,
                  piece, /*fin=*/false);
      client.begun = true;
      slot_.Step();
    }
  };
  send(larger, 20, kMegabyte + kMegabyte / 5);
  send(large, 12, kMegabyte);
  EXPECT_EQ(larger.taken, "");
  for (int i = 0; i < 30 && larger.taken.empty(); ++i) {
    send(small, 1, kMegabyte);
  }
  ASSERT_THAT(larger.taken, SizeIs(testing::Ge(4U)));
  EXPECT_EQ(larger.taken.substr(2, 2), "\x03\xF5") << "1013";
  EXPECT_EQ(large.taken + small.taken, "");
  EXPECT_LE(slot_.room.arriving(), WebSocketRoom::kMostArriving);
  small.Send(net::WebSocketOpcode::kContinuation, "", /*fin=*/true);
  const runtime::Inbox inbox = slot_.Turn();
  ASSERT_THAT(Of<runtime::WebSocketMessage>(inbox), SizeIs(1));
  ASSERT_THAT(Of<runtime::WebSocketClosed>(inbox), SizeIs(1));
  EXPECT_EQ(Of<runtime::WebSocketClosed>(inbox)[0].socket, 3);
}

TEST_F(WebSocketRunTest, AMessageThatDoesNotBecomeWholeIsRefused) {
  TestClient client(slot_, 1);
  client.credit = 1000;
  client.Send(net::WebSocketOpcode::kText, "a", /*fin=*/false);
  slot_.Wait(WebSocketRun::kMessageTimeout - seconds(1));
  client.Send(net::WebSocketOpcode::kContinuation, "b", /*fin=*/true);
  client.Send(net::WebSocketOpcode::kText, "c", /*fin=*/false);
  slot_.Turn();
  slot_.Step();
  slot_.Wait(seconds(2));
  slot_.Step();
  EXPECT_EQ(client.taken, "") << "another message is under way";
  slot_.Wait(WebSocketRun::kMessageTimeout);
  slot_.Step();
  EXPECT_EQ(client.taken.substr(0, 1), "\x88");
  const auto closed = Of<runtime::WebSocketClosed>(slot_.Turn());
  ASSERT_THAT(closed, SizeIs(1));
  EXPECT_EQ(closed[0].reason, "a message took too long to arrive");
  slot_.Wait(WebSocketRun::kCloseTimeout);
  EXPECT_TRUE(client.cut);
}

TEST_F(WebSocketRunTest, APeerHasItsTimeForACloseFrameThatItGets) {
  TestClient client(slot_, 1);
  client.run.StartReading();
  client.credit = 100;
  client.run.Send(false, std::string(1000, 'x'));
  client.run.Close(1000, "");
  for (int i = 0; i < 3; ++i) {
    slot_.Wait(WebSocketRun::kCloseTimeout);
    ASSERT_FALSE(client.cut) << "it takes what was sent before";
    client.credit += 100;
    client.run.Flush();
  }
  client.credit = 10'000;
  client.run.Flush();
  EXPECT_EQ(client.taken.substr(client.taken.size() - 4, 1), "\x88");
  EXPECT_FALSE(client.cut);
  slot_.Wait(WebSocketRun::kCloseTimeout);
  EXPECT_TRUE(client.cut);
}

TEST_F(WebSocketRunTest, AClosedSideHasNoMessageToMakeWhole) {
  TestClient client(slot_, 1);
  client.credit = 1000;
  client.Send(net::WebSocketOpcode::kText, "a", /*fin=*/false);
  client.Send(net::WebSocketOpcode::kClose, "", /*fin=*/true);
  slot_.Turn();
  slot_.Step();
  slot_.Wait(WebSocketRun::kMessageTimeout);
  slot_.Step();
  EXPECT_EQ(client.taken, "");
}

}  // namespace
}  // namespace caravel::host
