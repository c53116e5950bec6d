// Bodies that the connection takes from a file.
#include <gmock/gmock.h>

#include "net/http1_connection.h"
#include "net/http1_context.h"
#include "net/http1_fixture.h"

namespace caravel::net {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string Numbers(size_t size) {
  std::string text;
  for (size_t i = 0; text.size() < size; ++i) text += fmt::format("{} ", i);
  text.resize(size);
  return text;
}

class Http1FileTest : public Http1Fixture {
 protected:
  void SetUp() override { Serve(); }

  void RespondFile(ScriptedExchange& exchange, uint64_t begin, uint64_t size) {
    ASSERT_TRUE(exchange.RespondFile(
        MakeHead(200, {}, static_cast<int64_t>(size)), {file_, begin, size}));
  }

  const std::string content_ = Numbers(20'000'000);
  const std::shared_ptr<const base::Fd> file_ = std::make_shared<base::Fd>(
      base::SealedMemoryFile("file", content_).value());
};

TEST_F(Http1FileTest, AFileGoesOutWholeAndTheNextAnswerBehindIt) {
  TestClient client = Connect();
  client.Send(std::string(kGet) + std::string(kGet));
  RespondFile(Exchange(0), 0, content_.size());
  RunIdle();
  EXPECT_EQ(target_.exchanges.size(), 1U);  // nothing can stand behind it yet
  RunUntil([&] {
    client.Receive();
    return target_.exchanges.size() == 2;
  });
  Exchange(1).Respond(MakeHead(200), "second");
  RunUntilReceived(client, "second");
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 200 OK\r\n"));
  const size_t begin = client.received.find("\r\n\r\n") + 4;
  EXPECT_TRUE(client.received.compare(begin, content_.size(), content_) == 0);
  EXPECT_THAT(client.received.substr(begin + content_.size()),
              StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(Http1FileTest, APartOfIt) {
  TestClient client = Connect();
  client.Send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  RespondFile(Exchange(0), 1000, 300'000);
  RunUntilClosed(client);
  EXPECT_TRUE(BodyOf(client.received) == content_.substr(1000, 300'000));
}

TEST_F(Http1FileTest, ToHeadItsSizeAlone) {
  TestClient client = Connect();
  client.Send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  RespondFile(Exchange(0), 0, 300'000);
  RunUntilClosed(client);
  EXPECT_THAT(client.received, HasSubstr("Content-Length: 300000\r\n"));
  EXPECT_EQ(BodyOf(client.received), "");
}

TEST_F(Http1FileTest, AClientThatDoesNotReadIsCutOff) {
  TestClient client(port_, 4096);
  client.Send(kGet);
  RespondFile(Exchange(0), 0, content_.size());
  RunIdle();
  EXPECT_EQ(server_->counters().open, 1U);
  clock_.Advance(Http1Options().write_timeout + std::chrono::seconds(2));
  RunUntil([&] { return server_->counters().open == 0; });
}

TEST_F(Http1FileTest, AClientThatLeavesIsForgotten) {
  TestClient client = Connect();
  client.Send(kGet);
  RespondFile(Exchange(0), 0, content_.size());
  RunIdle();
  client.Reset();
  RunUntil([&] { return server_->counters().open == 0; });
}

TEST_F(Http1FileTest, AFileThatHasBecomeShorterEndsInACut) {
  TestClient client = Connect();
  client.Send(kGet);
  RespondFile(Exchange(0), content_.size() - 10, 300'000);
  RunUntilClosed(client);
  EXPECT_EQ(BodyOf(client.received), content_.substr(content_.size() - 10));
}

TEST_F(Http1FileTest, ADrainWaitsForIt) {
  TestClient client = Connect();
  client.Send(kGet);
  RespondFile(Exchange(0), 0, content_.size());
  RunIdle();
  bool drained = false;
  server_->Drain([&] { drained = true; });
  RunIdle();
  EXPECT_FALSE(drained);
  RunUntilClosed(client);
  RunUntil([&] { return drained; });
  EXPECT_TRUE(BodyOf(client.received) == content_);
}

}  // namespace
}  // namespace caravel::net
