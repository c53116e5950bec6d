#include "daemon/tail_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/scripted_asker.h"
#include "net/websocket_handshake.h"
#include "net/websocket_test_support.h"

namespace caravel::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class NoApi final : public net::Target {
 public:
  explicit NoApi(net::EventLoop& loop) : answers_(loop) {}
  net::Answerer& Start(net::RequestHead&, net::Asker& asker) override {
    return answers_.Add(asker, [] {
      return api::Reply{.status = 299, .content_type = "x", .body = "api"};
    });
  }

 private:
  DeferredAnswers answers_;
};

class TailTargetTest : public ::testing::Test {
 protected:
  api::TailSession Begin() {
    registry::Worker worker;
    worker.id = {"w"};
    worker.name = "hello";
    return sessions_.Begin(worker, {}, {}).value();
  }

  // A client that asks for the WebSocket at `path`.
  std::unique_ptr<net::ScriptedAsker> Ask(const std::string& path,
                                          bool upgrade = true) {
    net::RequestHead head;
    head.method = "GET";
    head.target = path;
    if (upgrade) {
      head.upgrade = net::kWebSocketUpgrade;
      head.body_size = -1;
      net::AddWebSocketRequest(net::MakeWebSocketKey(), true, head.headers);
      head.headers.Add("sec-websocket-protocol", "trace-v1");
    }
    return std::make_unique<net::ScriptedAsker>(std::move(head), target_);
  }
  std::unique_ptr<net::ScriptedAsker> Read(const api::TailSession& session) {
    auto reader = Ask(std::string(api::kTailPath) + session.key);
    RunUntil([&] { return reader->head.has_value(); });
    return reader;
  }

  void Happen(const std::string& worker, std::string text = "said") {
    registry::LogEvent event;
    event.worker = {worker};
    event.outcome = "ok";
    event.logs.push_back({"log", fmt::format(R"(["{}"])", text), 1});
    target_.Offer(event);
  }

  // Messages that came so far.
  static std::vector<std::string> Told(net::ScriptedAsker& reader) {
    net::WebSocketSession session(net::WebSocketRole::kClient, std::nullopt);
    return net::Receive(session, reader.body);
  }

  template <typename Condition>
  void RunUntil(Condition condition) {
    while (!condition()) loop_->Poll(std::chrono::seconds(1));
  }

  base::SystemClock clock_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  api::TailSessions sessions_{clock_, [] {}};
  NoApi api_{*loop_};
  TailTarget target_{*loop_, api_, sessions_};
};

TEST_F(TailTargetTest, OtherRequestsGoToTheApi) {
  auto asker = Ask("/client/v4/accounts", /*upgrade=*/false);
  RunUntil([&] { return asker->ended; });
  EXPECT_EQ(asker->head->status, 299);
}

TEST_F(TailTargetTest, AReaderGetsTheEventsOfItsWorker) {
  auto reader = Read(Begin());
  EXPECT_EQ(reader->head->status, 101);
  EXPECT_EQ(reader->head->headers.Find("sec-websocket-protocol"), "trace-v1");
  reader->Take(1 << 20);
  Happen("other", "not this");
  Happen("w", "one");
  Happen("w", "two");
  RunUntil([&] { return Told(*reader).size() == 2; });
  EXPECT_THAT(Told(*reader),
              ElementsAre(HasSubstr(R"(["one"])"), HasSubstr(R"(["two"])")));
}

TEST_F(TailTargetTest, AFrameWithoutAMaskIsTaken) {
  auto reader = Read(Begin());
  const std::string frame = net::Write(
      {.first = 0x81, .payload = R"({"debug":false})", .masked = false});
  EXPECT_EQ(reader->SendBody(frame), frame.size());
  const std::string ping =
      net::Write({.first = 0x89, .payload = "wrangler tail ping"});
  EXPECT_EQ(reader->SendBody(ping), ping.size());
  reader->Take(1 << 20);
  RunUntil([&] { return !reader->body.empty(); });
  EXPECT_THAT(reader->body, StartsWith("\x8a\x12wrangler tail ping"));
}

TEST_F(TailTargetTest, ASlowReaderIsToldHowManyItLost) {
  auto reader = Read(Begin());
  const std::string text(1 << 20, 'x');
  constexpr int kEvents = 8;
  for (int i = 0; i < kEvents; ++i) Happen("w", text);
  reader->Take(64 << 20);
  RunUntil([&] {
    const auto told = Told(*reader);
    return !told.empty() && told.back().find("overload") != std::string::npos;
  });
  const size_t got = Told(*reader).size() - 1;
  EXPECT_LT(got, kEvents);
  EXPECT_THAT(Told(*reader).back(),
              HasSubstr(fmt::format("{} events were dropped", kEvents - got)));
}

TEST_F(TailTargetTest, AClosedTailMayBeReadAgain) {
  const api::TailSession session = Begin();
  auto reader = Read(session);
  reader->Take(1 << 20);
  reader->SendBody(net::Write({.first = 0x88, .payload = ""}));
  RunUntil([&] { return reader->ended; });
  EXPECT_EQ(Read(session)->head->status, 101);
}

TEST_F(TailTargetTest, ATailHasOneReader) {
  const api::TailSession session = Begin();
  auto reader = Read(session);
  auto second = Read(session);
  EXPECT_EQ(second->head->status, 404);
  reader->Cancel();
  RunUntil([&] { return Read(session)->head->status == 101; });
}

TEST_F(TailTargetTest, RefusesWhatIsNoReader) {
  api::TailSession unknown;
  unknown.key = "nonsense";
  EXPECT_EQ(Read(unknown)->head->status, 404);
  auto plain = Ask(std::string(api::kTailPath) + Begin().key, false);
  RunUntil([&] { return plain->ended; });
  EXPECT_EQ(plain->head->status, 426);
}

}  // namespace
}  // namespace caravel::daemon
