// Bodies of requests.
#include <gmock/gmock.h>

#include "net/http1_connection.h"
#include "net/http1_context.h"
#include "net/http1_fixture.h"

namespace caravel::net {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Http1ConnectionBodyTest : public Http1Fixture {
 protected:
  void SetUp() override { Serve(); }
};

TEST_F(Http1ConnectionBodyTest, ABodyComesOnlyAsFarAsItIsGranted) {
  TestClient client = Connect();
  client.Send(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "6\r\nabcdef\r\n");
  ScriptedExchange& exchange = Exchange(0);
  EXPECT_EQ(exchange.head.body_size, -1);
  RunIdle();
  EXPECT_EQ(exchange.body, "");
  exchange.Grant(2);
  RunUntil([&] { return exchange.body == "ab"; });
  exchange.Grant(7);
  RunUntil([&] { return exchange.body == "abcdef"; });
  client.Send("3\r\nghi\r\n0\r\n\r\n");
  RunUntil([&] { return exchange.ended; });
  EXPECT_EQ(exchange.body, "abcdefghi");
}

TEST_F(Http1ConnectionBodyTest, WhatIsNotGrantedIsNotRead) {
  TestClient client = Connect();
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\n");
  ScriptedExchange& exchange = Exchange(0);
  const std::string piece(64 * 1024, 'p');
  size_t stalled = 0;
  while (stalled < 20) {
    stalled = client.Send(piece) == 0 ? stalled + 1 : 0;
    RunIdle();
  }
  EXPECT_LE(server_->counters().bytes_received, 66U * 1024);
  exchange.Grant(1'000'000);
  RunUntil([&] {
    client.Send(piece);
    return exchange.body.size() == 1'000'000;
  });
  EXPECT_LE(server_->counters().bytes_received, 1'068U * 1024);
}

TEST_F(Http1ConnectionBodyTest, ContinueIsSaidWhenTheBodyIsAskedFor) {
  TestClient client = Connect();
  client.Send(
      "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
      "Expect: 100-continue\r\n\r\n");
  ScriptedExchange& exchange = Exchange(0);
  RunIdle();
  client.Receive();
  EXPECT_EQ(client.received, "");
  exchange.Grant(100);
  RunUntilReceived(client, "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("ok");
  RunUntil([&] { return exchange.ended; });
  EXPECT_EQ(exchange.body, "ok");
  exchange.Respond(MakeHead(200), "done");
  RunUntilReceived(client, "done");
  EXPECT_FALSE(client.closed);
}

TEST_F(Http1ConnectionBodyTest, ABodyThatNobodyAskedForEndsTheConnection) {
  TestClient client = Connect();
  client.Send(
      "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
      "Expect: 100-continue\r\n\r\n");
  Exchange(0).Respond(MakeHead(403), "no");
  RunUntilClosed(client);
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 403 Forbidden\r\n"));
  EXPECT_THAT(client.received, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(client.received, EndsWith("no"));
}

TEST_F(Http1ConnectionBodyTest, TheRestOfABodyIsDroppedAndTheConnectionKept) {
  TestClient client = Connect();
  client.Send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nab");
  Exchange(0).Respond(MakeHead(200), "early");
  RunUntilReceived(client, "early");
  std::string rest(99'998, 'r');
  rest += kGet;
  RunUntil([&] {
    rest.erase(0, client.Send(rest));
    return rest.empty();
  });
  Exchange(1).Respond(MakeHead(200), "next");
  RunUntilReceived(client, "next");
}

TEST_F(Http1ConnectionBodyTest, ALongBodyThatNobodyWantsEndsTheConnection) {
  TestClient client = Connect();
  client.Send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\nab");
  Exchange(0).Respond(MakeHead(200), "early");
  RunUntilClosed(client);
  EXPECT_THAT(client.received, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(client.received, EndsWith("early"));
}

}  // namespace
}  // namespace caravel::net
