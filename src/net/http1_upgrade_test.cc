#include <gmock/gmock.h>

#include "net/http1_fixture.h"

namespace caravel::net {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Http1UpgradeTest = Http1Fixture;

struct AskedUpgrade {
  std::string_view lines;
  std::string_view upgrade;
};

TEST_F(Http1UpgradeTest, AnUpgradeIsAskedForAsRfc6455Says) {
  Serve();
  const AskedUpgrade kCases[] = {
      {"GET / HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\n"
       "Upgrade: h2c, WebSocket\r\n",
       "websocket"},
      {"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n", ""},
      {"GET / HTTP/1.1\r\nUpgrade: websocket\r\n", ""},
      {"GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n", ""},
      {"POST / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n", ""},
      {"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
       "Content-Length: 1\r\n",
       ""},
  };
  for (size_t i = 0; i < std::size(kCases); ++i) {
    TestClient client = Connect();
    client.Send(std::string(kCases[i].lines) + "Host: a\r\n\r\nx");
    ScriptedExchange& exchange = Exchange(i);
    EXPECT_EQ(exchange.head.upgrade, kCases[i].upgrade) << kCases[i].lines;
    EXPECT_EQ(exchange.head.headers.Find("upgrade").has_value(),
              !kCases[i].upgrade.empty());
    exchange.Abort(Error(ErrorCode::kUnavailable, "enough"));
  }
}

TEST_F(Http1UpgradeTest, AnUpgradedConnectionSaysWhatItChangedTo) {
  Serve({.body_timeout = std::chrono::seconds(10)});
  TestClient client = Connect();
  client.Send(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
      "Upgrade: websocket\r\n\r\nearly");
  ScriptedExchange& exchange = Exchange(0);
  exchange.Grant(100);
  RunIdle();
  EXPECT_EQ(exchange.body, "");
  exchange.Start(MakeHead(101));
  RunUntilReceived(client, "\r\n\r\n");
  EXPECT_THAT(client.received,
              AllOf(StartsWith("HTTP/1.1 101 Switching Protocols\r\n"),
                    HasSubstr("Connection: Upgrade\r\nUpgrade: websocket\r\n"),
                    Not(HasSubstr("Transfer-Encoding"))));
  RunUntil([&] { return exchange.body == "early"; });
  clock_.Advance(std::chrono::hours(1));  // silence is no fault
  RunIdle();
  EXPECT_FALSE(exchange.over());
  exchange.Send("HTTP/1.1 is over");
  RunUntilReceived(client, "HTTP/1.1 is over");
  exchange.End();
  RunUntilClosed(client);
}

TEST_F(Http1UpgradeTest, WhatAnUpgradedClientSaidBeforeItLeftIsTaken) {
  Serve();
  TestClient client = Connect();
  client.Send(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
      "Upgrade: websocket\r\n\r\n");
  ScriptedExchange& exchange = Exchange(0);
  exchange.Start(MakeHead(101));
  RunUntilReceived(client, "\r\n\r\n");
  client.Send("the last words");
  RunIdle();
  client.Close();
  RunIdle();
  EXPECT_FALSE(exchange.over());
  exchange.Grant(100);
  RunUntil([&] { return exchange.over(); });
  EXPECT_EQ(exchange.body, "the last words");
}

// As by a Worker that never accepts the WebSocket. Without this the second
// client would be served for ever: its end never comes through.
TEST_F(Http1UpgradeTest, WhatAnUpgradedClientSaysDoesNotWaitWithoutEnd) {
  using std::chrono::seconds;
  Serve({.idle_timeout = seconds(10)});
  for (const size_t size : {size_t{10}, size_t{8} << 20}) {
    TestClient client = Connect();
    client.Send(
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\n\r\n");
    ScriptedExchange& exchange = Exchange(size == 10 ? 0 : 1);
    exchange.Start(MakeHead(101));
    RunUntilReceived(client, "\r\n\r\n");
    clock_.Advance(seconds(60));
    RunIdle();
    client.Send(std::string(size, 'x'));
    RunIdle();
    client.Close();
    RunIdle();
    clock_.Advance(seconds(9));
    RunIdle();
    exchange.Grant(1);
    RunUntil([&] { return exchange.body == "x"; });
    clock_.Advance(seconds(9));
    RunIdle();
    EXPECT_FALSE(exchange.over()) << size;
    RunUntil([&] {
      clock_.Advance(seconds(1));
      return exchange.over();
    });
    EXPECT_EQ(exchange.body, "x") << size;
  }
}

TEST_F(Http1UpgradeTest, AConnectionGoesOnBehindAnUpgradeThatWasDeclined) {
  Serve();
  TestClient client = Connect();
  client.Send(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
      "Upgrade: websocket\r\n\r\n" +
      std::string(kGet));
  Exchange(0).Respond(MakeHead(200), "no");
  Exchange(1).Respond(MakeHead(200), "next");
  RunUntilReceived(client, "next");
}

}  // namespace
}  // namespace caravel::net
