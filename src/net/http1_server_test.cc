#include "net/http1_server.h"

#include <gmock/gmock.h>

#include "net/http1_fixture.h"

namespace caravel::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

using Http1ServerTest = Http1Fixture;

struct Conversation {
  std::string request;
  std::string_view status_line;
};

TEST_F(Http1ServerTest, EachBadRequestIsAnsweredWithItsStatusAndClosed) {
  Serve({.limits = {.target_bytes = 100, .field_bytes = 200, .fields = 5},
         .max_body_bytes = 1'000});
  const std::string host = "Host: a\r\n";
  const Conversation kCases[] = {
      {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"GET / HTTP/1.1\nHost: a\n\n", "HTTP/1.1 400 Bad Request"},
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"POST / HTTP/1.1\r\n" + host +
           "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       "HTTP/1.1 400 Bad Request"},
      {"GET /" + std::string(100, 'a'), "HTTP/1.1 414 URI Too Long"},
      {"GET / HTTP/1.1\r\nX: " + std::string(200, 'a'),
       "HTTP/1.1 431 Request Header Fields Too Large"},
      {"PUT / HTTP/1.1\r\n" + host + "Content-Length: 1001\r\n\r\n",
       "HTTP/1.1 413 Content Too Large"},
      {"PUT / HTTP/1.1\r\n" + host + "Expect: magic\r\n\r\n",
       "HTTP/1.1 417 Expectation Failed"},
      {"PUT / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n",
       "HTTP/1.1 501 Not Implemented"},
      {"CONNECT a:1 HTTP/1.1\r\n" + host + "\r\n",
       "HTTP/1.1 501 Not Implemented"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
       "HTTP/1.1 505 HTTP Version Not Supported"},
  };
  for (const Conversation& one : kCases) {
    const std::string answer = Talk(one.request);
    EXPECT_THAT(answer, StartsWith(std::string(one.status_line) + "\r\n"))
        << one.request;
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  }
  EXPECT_EQ(target_.exchanges.size(), 0U);
  EXPECT_EQ(server_->counters().refused_requests, std::size(kCases));
}

TEST_F(Http1ServerTest, WhatStandsBehindARefusedRequestIsNotRead) {
  Serve();
  const std::string answer = Talk("GET / HTTP/1.1\r\n\r\n" + std::string(kGet));
  EXPECT_EQ(target_.exchanges.size(), 0U);
  EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos);
}

TEST_F(Http1ServerTest, ARefusalBehindAnAnswerComesAfterIt) {
  Serve();
  TestClient client = Connect();
  client.Send(std::string(kGet) + "BAD\r\n\r\n");
  Exchange(0).Respond(MakeHead(200), "good");
  RunUntilClosed(client);
  EXPECT_THAT(client.received, HasSubstr("goodHTTP/1.1 400 Bad Request\r\n"));
}

TEST_F(Http1ServerTest, ABodyInChunksAboveTheLimitIsRefused) {
  Serve({.max_body_bytes = 10});
  TestClient client = Connect();
  client.Send(
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "b\r\nhello world\r\n");
  ScriptedExchange& exchange = Exchange(0);
  exchange.Grant(1'000);
  RunUntilClosed(client);
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 413 Content Too Large"));
  EXPECT_EQ(exchange.cancelled, "the body of the request is too large");
}

TEST_F(Http1ServerTest, TheHostDecidesHowAnErrorPageLooks) {
  Http1Options options;
  options.error_page = [](uint16_t status, const Error& why) {
    return ErrorPage{"text/x-test",
                     fmt::format("error code: {}; {}", status, why.message())};
  };
  Serve(std::move(options));
  TestClient client = Connect();
  client.Send(kGet);
  Exchange(0).Abort(Error(ErrorCode::kInternal, "the worker is gone"));
  RunUntilReceived(client, "error code: 500; the worker is gone");
  EXPECT_THAT(client.received, HasSubstr("Content-Type: text/x-test\r\n"));
}

TEST_F(Http1ServerTest, AHeadThatTakesTooLongIsRefused) {
  Serve({.head_timeout = seconds(10)});
  TestClient client = Connect();
  client.Send("GET / HTTP/1.1\r\nHo");
  RunUntil([&] { return server_->counters().bytes_received > 0; });
  clock_.Advance(seconds(9));
  RunIdle();
  client.Send("st: a");  // more of it does not buy more time
  RunIdle();
  client.Receive();
  EXPECT_EQ(client.received, "");
  clock_.Advance(seconds(2));
  RunUntilClosed(client);
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
}

TEST_F(Http1ServerTest, AnIdleConnectionIsClosed) {
  Serve({.idle_timeout = seconds(60)});
  TestClient client = Connect();
  client.Send(kGet);
  Exchange(0).Respond(MakeHead(200), "one");
  RunUntilReceived(client, "one");
  clock_.Advance(seconds(59));
  RunIdle();
  client.Receive();
  EXPECT_FALSE(client.closed);
  clock_.Advance(seconds(2));
  RunUntilClosed(client);
  EXPECT_THAT(client.received, EndsWith("one"));
}

TEST_F(Http1ServerTest, AnAnswererMayThinkForAsLongAsItLikes) {
  Serve();
  TestClient client = Connect();
  client.Send(kGet);
  ScriptedExchange& exchange = Exchange(0);
  clock_.Advance(std::chrono::hours(1));
  RunIdle();
  exchange.Respond(MakeHead(200), "late");
  RunUntilReceived(client, "late");
}

TEST_F(Http1ServerTest, ABodyThatStallsIsGivenUpOnlyWhileItIsWanted) {
  Serve({.body_timeout = seconds(30)});
  TestClient client = Connect();
  client.Send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123");
  ScriptedExchange& exchange = Exchange(0);
  exchange.Grant(3);
  RunUntil([&] { return exchange.body == "123"; });
  clock_.Advance(seconds(31));
  RunIdle();
  EXPECT_FALSE(exchange.over());
  exchange.Grant(6);
  clock_.Advance(seconds(31));
  RunUntil([&] { return exchange.over(); });
  EXPECT_EQ(exchange.cancelled, "the body did not arrive in time");
  RunUntilReceived(client, "HTTP/1.1 408 Request Timeout\r\n");
}

TEST_F(Http1ServerTest, AClientThatDoesNotReadLosesTheConnection) {
  Serve({.write_timeout = seconds(30)});
  TestClient client(port_, 4 * 1024);
  client.Send(kGet);
  ScriptedExchange& exchange = Exchange(0);
  exchange.Start(MakeHead(200));
  const std::string piece(1'000'000, 'd');
  for (int stalled = 0; stalled < 20; Round()) {
    stalled = exchange.Send(piece) == 0 ? stalled + 1 : 0;
  }
  clock_.Advance(seconds(31));
  RunUntil([&] { return exchange.over(); });
  EXPECT_EQ(exchange.cancelled, "the client did not read the response in time");
  EXPECT_EQ(server_->counters().open, 0U);
}

TEST_F(Http1ServerTest, ConnectionsAboveTheLimitAreTurnedAway) {
  Serve({.max_connections = 2});
  TestClient first = Connect();
  TestClient second = Connect();
  RunUntil([&] { return server_->counters().open == 2; });
  EXPECT_THAT(Talk(""), StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  first.Close();
  RunUntil([&] { return server_->counters().open == 1; });
  TestClient third = Connect();
  third.Send(kGet);
  Exchange(0).Respond(MakeHead(200), "room");
  RunUntilReceived(third, "room");
  EXPECT_EQ(server_->counters().refused_connections, 1U);
}

TEST_F(Http1ServerTest, DrainingEndsWhatRunsAndTakesNothingNew) {
  Serve();
  TestClient idle = Connect();
  TestClient busy = Connect();
  busy.Send(kGet);
  ScriptedExchange& exchange = Exchange(0);
  RunUntil([&] { return server_->counters().open == 2; });

  bool drained = false;
  server_->Drain([&] { drained = true; });
  RunUntilClosed(idle);
  EXPECT_EQ(idle.received, "");
  TestClient late = Connect();
  late.Send(kGet);
  RunIdle();
  EXPECT_FALSE(drained);
  EXPECT_EQ(target_.exchanges.size(), 1U);

  exchange.Respond(MakeHead(200), "last");
  RunUntilClosed(busy);
  EXPECT_THAT(busy.received, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(busy.received, EndsWith("last"));
  RunUntil([&] { return drained; });

  // Who waits in the listener is served by the next owner.
  std::vector<base::Fd> listeners = server_->ReleaseListeners();
  ASSERT_EQ(listeners.size(), 1U);
  server_ =
      std::make_unique<Http1Server>(*loop_, clock_, target_, Http1Options());
  ASSERT_TRUE(server_->AdoptListener(std::move(listeners[0])));
  Exchange(1).Respond(MakeHead(200), "taken over");
  RunUntilReceived(late, "taken over");
}

TEST_F(Http1ServerTest, AConnectionThatBecomesIdleWhileDrainingIsClosed) {
  Serve();
  TestClient client = Connect();
  client.Send(kGet);
  ScriptedExchange& exchange = Exchange(0);
  exchange.Start(MakeHead(200));  // said to go on
  RunUntilReceived(client, "\r\n\r\n");
  bool drained = false;
  server_->Drain([&] { drained = true; });
  exchange.End();
  RunUntilClosed(client);
  EXPECT_THAT(client.received, EndsWith("0\r\n\r\n"));
  RunUntil([&] { return drained; });
}

TEST_F(Http1ServerTest, AServerThatGoesCancelsWhatRuns) {
  Serve();
  TestClient client = Connect();
  client.Send(kGet);
  ScriptedExchange& exchange = Exchange(0);
  server_.reset();
  EXPECT_EQ(exchange.cancelled, "the server is stopping");
}

TEST_F(Http1ServerTest, ASocketThatDoesNotListenIsNotAdopted) {
  Serve();
  base::Fd socket(::socket(AF_INET, SOCK_STREAM, 0));
  const Status adopted = server_->AdoptListener(std::move(socket));
  ASSERT_FALSE(adopted);
  EXPECT_EQ(adopted.error().message(),
            "adopt a listening socket: this one does not listen");
}

TEST_F(Http1ServerTest, APortInUseIsNamed) {
  Serve();
  const Result<base::Fd> second = ListenTcp({.port = port_});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(second.error().ToText(),
            fmt::format("listen on 127.0.0.1 port {}: another program listens "
                        "there already\nstop it, or choose another port",
                        port_));
  EXPECT_EQ(ListenTcp({.address = "localhost"}).error().code(),
            ErrorCode::kInvalid);
}

}  // namespace
}  // namespace caravel::net
