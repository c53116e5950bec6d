#include "net/http1_connection.h"

#include <gmock/gmock.h>

#include "net/http1_context.h"
#include "net/http1_fixture.h"

namespace caravel::net {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Http1ConnectionTest : public Http1Fixture {
 protected:
  void SetUp() override { Serve(); }
};

TEST_F(Http1ConnectionTest, ARequestBecomesAnExchangeAndItsAnswerGoesBack) {
  TestClient client = Connect();
  client.Send("GET /x?y HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\n\r\n");
  ScriptedExchange& exchange = Exchange(0);
  EXPECT_EQ(exchange.head.method, "GET");
  EXPECT_EQ(exchange.head.target, "/x?y");
  EXPECT_EQ(exchange.head.scheme, "http");
  EXPECT_EQ(exchange.head.authority, "a.example");
  EXPECT_EQ(exchange.head.client, "127.0.0.1");
  EXPECT_EQ(exchange.head.http, "HTTP/1.1");
  EXPECT_EQ(exchange.head.headers.Find("accept"), "*/*");
  EXPECT_TRUE(exchange.ended);

  exchange.Respond(MakeHead(201, {{"X-A", "1"}, {"Connection", "close"}}),
                   "hi");
  RunUntilReceived(client, "hi");
  EXPECT_EQ(client.received,
            "HTTP/1.1 201 Created\r\n"
            "X-A: 1\r\n"
            "Date: Thu, 18 Dec 2025 00:00:00 GMT\r\n"
            "Content-Length: 2\r\n"
            "\r\nhi");
  EXPECT_FALSE(client.closed);
}

TEST_F(Http1ConnectionTest, ARequestAndItsAnswerBearOneNumber) {
  Serve({.id_field = "CF-Ray", .place = "AMS"});
  TestClient client = Connect();
  client.Send(std::string(kGet) + std::string(kGet));
  for (size_t i = 0; i < 2; ++i) {
    ScriptedExchange& exchange = Exchange(i);
    EXPECT_EQ(exchange.head.place, "AMS");
    exchange.Respond(MakeHead(200), "hi");
    RunUntilReceived(
        client, fmt::format("\r\nCF-Ray: {:016x}-AMS\r\n", exchange.head.draw));
  }
  EXPECT_NE(Exchange(0).head.draw, Exchange(1).head.draw);
  client.Send("none\r\n\r\n");
  RunUntilClosed(client);
  const size_t refusal = client.received.find("HTTP/1.1 400");
  ASSERT_NE(refusal, std::string::npos);
  EXPECT_EQ(client.received.find("CF-Ray", refusal), std::string::npos);
}

TEST_F(Http1ConnectionTest, AnAnswerOfUnknownSizeGoesInChunks) {
  TestClient client = Connect();
  client.Send(kGet);
  ScriptedExchange& exchange = Exchange(0);
  exchange.Start(MakeHead(200));
  exchange.Send("hello, this is ");
  RunUntilReceived(client, "\r\n\r\nf\r\nhello, this is \r\n");
  exchange.Send("more");
  exchange.End();
  RunUntilReceived(client, "\r\n4\r\nmore\r\n0\r\n\r\n");
  EXPECT_THAT(client.received, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(client.received, Not(HasSubstr("Content-Length")));
}

TEST_F(Http1ConnectionTest, AnAnswerOfKnownSizeGoesAsItIs) {
  TestClient client = Connect();
  client.Send(kGet);
  ScriptedExchange& exchange = Exchange(0);
  exchange.Start(MakeHead(200, {}, 5));
  exchange.Send("he");
  exchange.Send("llo");
  exchange.End();
  RunUntilReceived(client, "Content-Length: 5\r\n\r\nhello");
}

TEST_F(Http1ConnectionTest, WhatCameBeforeTheRoundIsReadToItsLastByte) {
  // More than one read takes, all there before the first, and nothing after it
  // that would wake the server again.
  const std::string body(5 * Http1Context::kReceiveBytes + 7, 'b');
  std::string request =
      fmt::format(
          "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: {}"
          "\r\n\r\n",
          body.size()) +
      body;
  TestClient client = Connect();
  request.erase(0, client.Send(request));
  ScriptedExchange& exchange = Exchange(0);
  exchange.Grant(body.size());
  RunUntil([&] {
    request.erase(0, client.Send(request));
    return exchange.ended;
  });
  EXPECT_EQ(exchange.body, body);
}

TEST_F(Http1ConnectionTest, AClientThatEndsRightBehindItsRequestIsNoticed) {
  TestClient client = Connect();
  client.Send(kGet);
  client.HalfClose();
  EXPECT_EQ(Exchange(0).cancelled, "");
  RunUntil([&] { return Exchange(0).over(); });
  EXPECT_EQ(Exchange(0).cancelled, "the client closed the connection");
}

TEST_F(Http1ConnectionTest, AnAnswerAtOnceReachesAClientThatHasEndedItsSide) {
  TestClient client = Connect();
  client.Send(kGet);
  client.HalfClose();
  RunUntil([&] { return !target_.exchanges.empty(); });
  target_.exchanges[0]->Respond(MakeHead(200), "at once");
  server_->FlushPending();
  RunUntilClosed(client);
  EXPECT_THAT(client.received, EndsWith("at once"));
}

TEST_F(Http1ConnectionTest, AnAnswerThatIsNotAsLongAsItSaidCutsTheConnection) {
  for (const std::string_view body : {"hell", "hello!"}) {
    TestClient client = Connect();
    client.Send(kGet);
    ScriptedExchange& exchange = Exchange(target_.exchanges.size());
    exchange.Start(MakeHead(200, {}, 5));
    exchange.Send(body);
    if (body.size() < 5) exchange.End();
    RunUntilClosed(client);
    EXPECT_LT(BodyOf(client.received).size(), 5U);
    EXPECT_TRUE(exchange.over());
  }
}

TEST_F(Http1ConnectionTest,
       SmallPiecesOfAnAnswerArriveWhenNoSpareBufferIsLeft) {
  TestClient client = Connect();
  client.Send(kGet);
  ScriptedExchange& exchange = Exchange(0);
  exchange.Start(MakeHead(200));
  RunUntilReceived(client, "\r\n\r\n");
  // Takes the buffer, and does not give it back: nobody reads the answer.
  TestClient silent(port_, 4 * 1024);
  silent.Send(kGet);
  ScriptedExchange& unread = Exchange(1);
  unread.Start(MakeHead(200));
  const std::string much(1'000'000, 'd');
  for (int stalled = 0; stalled < 20; Round()) {
    if (unread.Send(much) == 0) ++stalled;
  }
  for (const char* piece : {"1", "2", "3"}) EXPECT_EQ(exchange.Send(piece), 1U);
  exchange.End();
  RunUntilReceived(client, "0\r\n\r\n");
  EXPECT_EQ(BodyOf(client.received), "1\r\n1\r\n1\r\n2\r\n1\r\n3\r\n0\r\n\r\n");
}

TEST_F(Http1ConnectionTest, HeadIsAnsweredWithoutABody) {
  TestClient client = Connect();
  for (int i = 0; i < 3; ++i) {
    client.Send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  Exchange(0).Respond(MakeHead(200), "four");
  RunUntilReceived(client, "Content-Length: 4\r\n\r\n");
  Exchange(1).Respond(MakeHead(200, {}, 44));
  RunUntilReceived(client, "Content-Length: 44\r\n\r\n");
  ScriptedExchange& streamed = Exchange(2);
  streamed.Start(MakeHead(203));
  streamed.Send("dropped");
  streamed.End();
  RunUntilReceived(client, "HTTP/1.1 203");
  EXPECT_THAT(client.received, EndsWith("GMT\r\n\r\n"));
  EXPECT_THAT(client.received, Not(HasSubstr("four")));
}

TEST_F(Http1ConnectionTest, NoContentAndNotModifiedHaveNeitherBodyNorLength) {
  TestClient client = Connect();
  client.Send(kGet);
  Exchange(0).Respond(MakeHead(204), "dropped");
  RunUntilReceived(client, "204 No Content\r\n");
  client.Send(kGet);
  Exchange(1).Respond(MakeHead(304), "dropped");
  RunUntilReceived(client, "304 Not Modified\r\n");
  EXPECT_THAT(client.received, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(client.received, Not(HasSubstr("dropped")));
}

TEST_F(Http1ConnectionTest, PipelinedRequestsAreAnsweredOneAfterTheOther) {
  TestClient client = Connect();
  client.Send(
      "GET /0 HTTP/1.1\r\nHost: a\r\n\r\n"
      "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
      "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  Exchange(0);
  RunIdle();
  EXPECT_EQ(target_.exchanges.size(), 1U);
  Exchange(0).Respond(MakeHead(200), "zero");
  ScriptedExchange& second = Exchange(1);
  EXPECT_EQ(second.head.target, "/1");
  second.Grant(10);
  RunUntil([&] { return second.ended; });
  EXPECT_EQ(second.body, "abc");
  second.Respond(MakeHead(200), "one");
  EXPECT_EQ(Exchange(2).head.target, "/2");
  Exchange(2).Respond(MakeHead(200), "two");
  RunUntilReceived(client, "two");
  EXPECT_LT(client.received.find("zero"), client.received.find("one"));
}

TEST_F(Http1ConnectionTest, AClientThatPipelinesWithoutReadingIsNotReadOn) {
  TestClient client = Connect();
  const std::string answer(300'000, 'x');
  size_t sent = 0;
  for (int i = 0; i < 100; ++i) {
    sent += client.Send(kGet);
    RunIdle();
    for (const auto& exchange : target_.exchanges) {
      if (!exchange->over()) exchange->Respond(MakeHead(200), answer);
    }
  }
  ASSERT_EQ(sent, 100 * kGet.size());
  // What has not been taken by the socket stays below the window and one
  // answer.
  EXPECT_LT(target_.exchanges.size(), 100U);
  size_t answered = 0;
  RunUntil([&] {
    client.Receive();
    for (; answered < target_.exchanges.size(); ++answered) {
      if (target_.exchanges[answered]->over()) continue;
      target_.exchanges[answered]->Respond(MakeHead(200), answer);
    }
    return client.received.size() > 100 * answer.size();
  });
}

TEST_F(Http1ConnectionTest, AClosedClientCancelsTheExchange) {
  const auto close = {&TestClient::Close, &TestClient::Reset,
                      &TestClient::HalfClose};
  size_t number = 0;
  for (const auto way : close) {
    TestClient client = Connect();
    client.Send(kGet);
    ScriptedExchange& exchange = Exchange(number++);
    (client.*way)();
    RunUntil([&] { return exchange.over(); });
    EXPECT_THAT(exchange.cancelled, StartsWith("the client "));
  }
  EXPECT_EQ(server_->counters().cancelled, 3U);
  EXPECT_EQ(server_->counters().open, 0U);
}

TEST_F(Http1ConnectionTest, AnAbortBeforeTheHeadIsAnErrorPage) {
  TestClient client = Connect();
  client.Send(kGet);
  Exchange(0).Abort(Error(ErrorCode::kUnavailable, "secret detail"));
  RunUntilReceived(client, "503 Service Unavailable\n");
  EXPECT_THAT(client.received, Not(HasSubstr("secret")));
  client.Send(kGet);
  Exchange(1).Respond(MakeHead(200), "goes on");
  RunUntilReceived(client, "goes on");
}

TEST_F(Http1ConnectionTest, AnAbortBehindTheHeadCutsTheConnection) {
  TestClient client = Connect();
  client.Send(kGet);
  ScriptedExchange& exchange = Exchange(0);
  exchange.Start(MakeHead(200));
  exchange.Send("part");
  exchange.Abort(Error(ErrorCode::kInternal, "broken"));
  RunUntilClosed(client);
  EXPECT_THAT(client.received, EndsWith("part\r\n"));
}

TEST_F(Http1ConnectionTest, ABrokenBodyCancelsTheExchangeWithAnErrorPage) {
  TestClient client = Connect();
  client.Send(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\nx");
  ScriptedExchange& exchange = Exchange(0);
  exchange.Grant(100);
  RunUntilClosed(client);
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_THAT(client.received, EndsWith("a chunk has no size\n"));
  EXPECT_EQ(exchange.cancelled, "a chunk has no size");
  EXPECT_EQ(exchange.body, "");
}

TEST_F(Http1ConnectionTest, Http10GetsALengthOrTheEndOfTheConnection) {
  TestClient kept = Connect();
  kept.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  Exchange(0).Respond(MakeHead(200), "one");
  RunUntilReceived(kept, "Connection: keep-alive\r\n\r\none");
  kept.Send("GET / HTTP/1.0\r\n\r\n");
  ScriptedExchange& exchange = Exchange(1);
  exchange.Start(MakeHead(200));
  exchange.Send("two");
  exchange.End();
  RunUntilClosed(kept);
  EXPECT_THAT(kept.received, EndsWith("Connection: close\r\n\r\ntwo"));
  EXPECT_FALSE(kept.reset);
}

TEST_F(Http1ConnectionTest, ABrokenOffAnswerToHttp10IsSeenAsSuch) {
  TestClient client = Connect();
  client.Send("GET / HTTP/1.0\r\n\r\n");
  ScriptedExchange& exchange = Exchange(0);
  exchange.Start(MakeHead(200));
  exchange.Send("part");
  RunUntilReceived(client, "part");
  exchange.Abort(Error(ErrorCode::kInternal, "broken"));
  RunUntilClosed(client);
  EXPECT_TRUE(client.reset);
}

TEST_F(Http1ConnectionTest, CloseIsGrantedToWhoAsksForIt) {
  TestClient client = Connect();
  client.Send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  Exchange(0).Respond(MakeHead(200), "bye");
  RunUntilClosed(client);
  EXPECT_THAT(client.received, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(client.received, EndsWith("bye"));
}

TEST_F(Http1ConnectionTest, ASlowReaderStopsTheAnswererAndGetsItAll) {
  TestClient client(port_, 8 * 1024);
  client.Send(kGet);
  ScriptedExchange& exchange = Exchange(0);
  exchange.Start(MakeHead(200, {}, 10'000'000));
  const std::string piece(100'000, 'd');
  size_t sent = 0;
  size_t largest_backlog = 0;
  RunUntil([&] {
    const size_t rest = 10'000'000 - sent;
    sent += exchange.Send(std::string_view(piece).substr(0, rest));
    const size_t received = client.received.size();  // with the head
    largest_backlog =
        std::max(largest_backlog, sent - std::min(sent, received));
    if (sent == 10'000'000 && !exchange.over()) exchange.End();
    client.Receive(50'000);
    return client.received.size() >= 10'000'000;
  });
  RunUntil([&] {
    client.Receive();
    return BodyOf(client.received).size() == 10'000'000;
  });
  // The window, and what sockets take: far from the whole.
  EXPECT_LT(largest_backlog, 8'000'000U);
}

TEST_F(Http1ConnectionTest, ASilentReaderLeavesNoMoreThanTheWindowInMemory) {
  TestClient client(port_, 4 * 1024);
  client.Send(kGet);
  ScriptedExchange& exchange = Exchange(0);
  exchange.Start(MakeHead(200));
  const std::string piece(1'000'000, 'd');
  uint64_t sent = 0;
  int stalled = 0;
  while (stalled < 20) {
    const size_t size = exchange.Send(piece);
    sent += size;
    stalled = size == 0 ? stalled + 1 : 0;
    Round();
  }
  EXPECT_LE(sent, server_->counters().bytes_sent + 256 * 1024);
}

}  // namespace
}  // namespace caravel::net
