#include <gmock/gmock.h>

#include "runtime/testing/web_socket_fixture.h"

namespace caravel::runtime {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using IsolateFetchedWebSocketsTest = WebSocketFixture;

TEST_F(IsolateFetchedWebSocketsTest, AFetchIsAnsweredWithTheOriginsWebSocket) {
  Handle(
      "const { webSocket: ws, status } = await fetch('https://origin.example/',"
      "{ headers: { Upgrade: 'WebSocket', 'Sec-WebSocket-Key': 'forged',"
      "'Sec-WebSocket-Protocol': 'chat' } });"
      "ws.accept(); ws.send('hello');"
      "const text = await new Promise((resolve) =>"
      "ws.addEventListener('message', ({ data }) => resolve(data)));"
      "ws.close(1000);"
      "return new Response(`${status} ${ws.protocol} ${text}`)");
  ASSERT_THAT(Asked<StartFetch>(), SizeIs(1));
  const StartFetch fetch = Asked<StartFetch>()[0];
  EXPECT_TRUE(fetch.web_socket);
  EXPECT_TRUE(fetch.compress);
  EXPECT_FALSE(fetch.headers.Find("sec-websocket-key").has_value());
  EXPECT_EQ(fetch.headers.Find("sec-websocket-protocol"), "chat");
  FetchAnswered answered{fetch.fetch, {}};
  answered.head.status = 101;
  answered.head.headers.Add("sec-websocket-protocol", "chat");
  Arrive(std::move(answered));
  Arrive(WebSocketMessage{fetch.fetch, true, "world"});
  Turn();
  EXPECT_THAT(Sent(), ElementsAre("text:hello"));
  EXPECT_EQ(Answer(id_), "200 101 chat world");
  EXPECT_EQ(Outcome(id_), "") << "it waits for the origin to close";
  Arrive(WebSocketClosed{fetch.fetch, 1000, "", true});
  Turn();
  EXPECT_EQ(Outcome(id_), "ok");
}

TEST_F(IsolateFetchedWebSocketsTest, WhoFetchedAWebSocketOwnsItsEvents) {
  Handle(
      "if (!globalThis.kept) {"
      "  globalThis.kept = (await fetch('https://origin.example/',"
      "    { headers: { Upgrade: 'websocket' } })).webSocket;"
      "  await new Promise((resolve) => { globalThis.release = resolve });"
      "  return new Response('first') }"
      "const ws = globalThis.kept;"
      "ws.accept();"
      "ws.addEventListener('message', ({ data }) => {"
      "  console.log(data); fetch('https://other.example/');"
      "  globalThis.release() });"
      "await new Promise((resolve) => setTimeout(resolve, 5));"
      "return new Response('second')");
  const FetchId fetch = Asked<StartFetch>()[0].fetch;
  FetchAnswered answered{fetch, {}};
  answered.head.status = 101;
  Arrive(std::move(answered));
  Turn();
  const InvocationId second = Ask();
  Turn();
  Arrive(WebSocketMessage{fetch, true, "whose?"});
  Turn();
  EXPECT_THAT(Asked<StartFetch>(), SizeIs(2));
  for (const OutboxEntry& entry : outbox_) {
    if (std::holds_alternative<StartFetch>(entry.action)) {
      EXPECT_EQ(entry.invocation, id_);
    }
  }
  TurnUntilQuiet();
  EXPECT_EQ(Outcome(second), "ok");
  EXPECT_EQ(Event(second), nullptr) << "it has no log lines";
  Arrive(WebSocketClosed{fetch, 1000, "", true});
  TurnUntilQuiet();
  ASSERT_EQ(Outcome(id_), "ok");
  EXPECT_THAT(Event(id_)->logs, SizeIs(1));
}

// Requests that share what the first one fetched, by their paths.
constexpr const char* kShared =
    "if (!globalThis.kept) {"
    "  globalThis.kept = (await fetch('https://origin.example/',"
    "    { headers: { Upgrade: 'websocket' } })).webSocket;"
    "  return new Response('fetched') }"
    "const ws = globalThis.kept;";

TEST_F(IsolateFetchedWebSocketsTest,
       AWebSocketEndsWithTheRequestThatFetchedIt) {
  Handle(std::string(kShared) +
         "const log = [ws.readyState];"
         "for (const f of [() => ws.accept(), () => ws.send('x')])"
         "  try { f(); log.push('none') } catch (e) {"
         "    log.push(e instanceof TypeError, e.message) }"
         "return new Response(log.join())");
  Opened(Asked<StartFetch>()[0].fetch);
  EXPECT_EQ(Outcome(id_), "ok");
  const InvocationId second = Ask();
  Turn();
  EXPECT_EQ(Answer(second),
            "200 3,true,accept: the request that this WebSocket belongs to is "
            "over,true,send: the request that this WebSocket belongs to is "
            "over");
}

TEST_F(IsolateFetchedWebSocketsTest,
       NoClientIsGivenAWebSocketWhoseRequestIsOver) {
  Handle(std::string(kShared) +
         "return new Response(null, { status: 101, webSocket: ws })");
  Opened(Asked<StartFetch>()[0].fetch);
  const InvocationId second = Ask();
  Turn();
  EXPECT_EQ(Answer(second), "error 1101");
  EXPECT_THAT(Asked<AcceptWebSocket>(), IsEmpty());
  ASSERT_NE(Event(second), nullptr);
  EXPECT_EQ(Event(second)->exceptions[0].message,
            "The Response has a WebSocket, but the request that this WebSocket "
            "belongs to is over");
}

// As long as its request runs; here it is ended at its limit.
constexpr const char* kSharedUntilALimit =
    "if (!globalThis.kept) {"
    "  globalThis.kept = (await fetch('https://origin.example/',"
    "    { headers: { Upgrade: 'websocket' } })).webSocket;"
    "  await new Promise((resolve) => setTimeout(resolve));"
    "  for (;;); }"
    "const ws = globalThis.kept;";

TEST_F(IsolateFetchedWebSocketsTest,
       WhoAcceptedAWebSocketHearsThatItsRequestEnded) {
  Handle(std::string(kSharedUntilALimit) +
         "ws.accept();"
         "const log = [];"
         "ws.addEventListener('error', (e) => log.push(e.message));"
         "await new Promise((resolve) => ws.addEventListener('close', (e) =>"
         "  { log.push(e.code, e.wasClean, ws.readyState); resolve() }));"
         "ws.send('to no effect'); ws.close();"
         "return new Response(log.join())");
  Opened(Asked<StartFetch>()[0].fetch);
  const InvocationId second = Ask();
  Turn();
  TurnUntilQuiet();
  EXPECT_EQ(Answer(second),
            "200 WebSocket: the request that this WebSocket belongs to is over,"
            "1006,false,3");
  EXPECT_EQ(Outcome(second), "ok");
  EXPECT_THAT(Sent(), IsEmpty());
}

TEST_F(IsolateFetchedWebSocketsTest,
       WhatAnEndedRequestLeavesOpenIsSeenToBeOver) {
  Handle(
      "if (!globalThis.kept) return pair((ws) => {"
      "  globalThis.kept = ws; ws.accept();"
      "  ws.addEventListener('close', () => console.log('heard'));"
      "  ws.addEventListener('message', () => { for (;;); }) });"
      "let text = 'none'; try { kept.send('x') } catch (e) { text = e.message }"
      "return new Response(`${kept.readyState} ${text}`)");
  Say("go");
  EXPECT_EQ(Outcome(id_), "exceededCpu");
  const InvocationId second = Ask();
  Turn();
  EXPECT_EQ(Answer(second),
            "200 3 send: the request that this WebSocket belongs to is over");
}

TEST_F(IsolateFetchedWebSocketsTest,
       AClientHearsThatTheOtherSideEndedWithItsRequest) {
  Handle(std::string(kSharedUntilALimit) +
         "return new Response(null, { status: 101, webSocket: ws })");
  Opened(Asked<StartFetch>()[0].fetch);
  const InvocationId second = Ask();
  Turn();
  EXPECT_THAT(Asked<JoinWebSockets>(), SizeIs(1));
  TurnUntilQuiet();
  ASSERT_THAT(Asked<WebSocketClose>(), SizeIs(1));
  EXPECT_EQ(Asked<WebSocketClose>()[0].socket, second);
  EXPECT_EQ(Asked<WebSocketClose>()[0].code, 1011);
  Arrive(WebSocketClosed{second, 1011, "", true});
  Turn();
  EXPECT_EQ(Outcome(second), "ok");
}

TEST_F(IsolateFetchedWebSocketsTest, AnOriginHearsThatTheClientsRequestEnded) {
  Handle(
      "if (!globalThis.kept) {"
      "  globalThis.kept = (await fetch('https://origin.example/',"
      "    { headers: { Upgrade: 'websocket' } })).webSocket;"
      "  await new Promise((resolve) => { globalThis.release = resolve });"
      "  return new Response('first') }"
      "setTimeout(() => { for (;;); });"
      "return new Response(null, { status: 101, webSocket: kept })");
  const FetchId fetch = Asked<StartFetch>()[0].fetch;
  Opened(fetch);
  const InvocationId second = Ask();
  Turn();
  TurnUntilQuiet();
  EXPECT_EQ(Outcome(second), "exceededCpu");
  ASSERT_THAT(Asked<WebSocketClose>(), SizeIs(1));
  EXPECT_EQ(Asked<WebSocketClose>()[0].socket, fetch);
}

TEST_F(IsolateFetchedWebSocketsTest, AnOriginsWebSocketGoesOnToTheClient) {
  Handle("return fetch('https://origin.example/', request)");
  const FetchId fetch = Asked<StartFetch>()[0].fetch;
  FetchAnswered answered{fetch, {}};
  answered.head.status = 101;
  Arrive(std::move(answered));
  Turn();
  ASSERT_THAT(Asked<AcceptWebSocket>(), SizeIs(1));
  ASSERT_THAT(Asked<JoinWebSockets>(), SizeIs(1));
  EXPECT_EQ(Asked<JoinWebSockets>()[0].one, id_);
  EXPECT_EQ(Asked<JoinWebSockets>()[0].two, fetch);
  EXPECT_THAT(Asked<ReadWebSocket>(), SizeIs(2)) << "both are read";
  Say("there");
  Arrive(WebSocketMessage{fetch, false, "back"});
  Turn();
  ASSERT_THAT(Sent(), ElementsAre("text:there", "binary:back"));
  EXPECT_EQ(Asked<WebSocketSend>()[0].socket, fetch);
  EXPECT_EQ(Asked<WebSocketSend>()[1].socket, id_);
  Arrive(WebSocketClosed{fetch, 4000, "enough", true});
  Turn();
  EXPECT_EQ(Asked<WebSocketClose>()[0].socket, id_);
  End(4000, true);
  EXPECT_EQ(Outcome(id_), "ok");
}

TEST_F(IsolateFetchedWebSocketsTest, AnAnswerThatIsNoneOpensNone) {
  Handle(
      "const ws = new WebSocket('wss://origin.example/');"
      "const log = [ws.readyState];"
      "ws.onerror = (e) => log.push(e.type);"
      "await new Promise((r) => { ws.onclose = (e) => { log.push(e.code,"
      "e.wasClean, ws.readyState); r() } });"
      "return new Response(log.join())");
  const StartFetch fetch = Asked<StartFetch>()[0];
  EXPECT_EQ(fetch.url, "https://origin.example/");
  FetchAnswered answered{fetch.fetch, {}};
  answered.head.status = 404;
  Arrive(std::move(answered));
  Arrive(BodyArrived{fetch.fetch, "", true});
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id_), "200 0,error,1006,false,3");
}

// Of the request before, which left it connecting.
constexpr const char* kLeftConnecting =
    "if (!globalThis.kept) {"
    "  globalThis.kept = new WebSocket('wss://origin.example/');"
    "  kept.onclose = kept.onopen = () => console.log('heard');"
    "  return new Response(`${kept.readyState}`) }"
    "const log = [kept.readyState];"
    "for (const f of [() => kept.send('x'), () => kept.close()])"
    "  try { f(); log.push('none') } catch (e) { log.push(e.message) }"
    "return new Response(log.join())";

TEST_F(IsolateFetchedWebSocketsTest, WhatStillConnectsIsOverWithItsRequest) {
  Handle(kLeftConnecting);
  EXPECT_EQ(Answer(id_), "200 0");
  EXPECT_EQ(Outcome(id_), "ok");
  const FetchId fetch = Asked<StartFetch>()[0].fetch;
  ASSERT_THAT(Asked<FetchAbort>(), SizeIs(1));
  EXPECT_EQ(Asked<FetchAbort>()[0].fetch, fetch);
  Opened(fetch);  // which was under way
  const InvocationId second = Ask();
  Turn();
  EXPECT_EQ(Answer(second),
            "200 3,send: the request that this WebSocket belongs to is over,"
            "close: the request that this WebSocket belongs to is over");
}

TEST_F(IsolateFetchedWebSocketsTest,
       NoClientIsGivenAWebSocketThatNeverConnected) {
  Handle(
      "if (!globalThis.kept) {"
      "  globalThis.kept = new WebSocket('wss://origin.example/');"
      "  return new Response('first') }"
      "return new Response(null, { status: 101, webSocket: kept })");
  const InvocationId second = Ask();
  Turn();
  EXPECT_EQ(Answer(second), "error 1101");
  ASSERT_NE(Event(second), nullptr);
  EXPECT_EQ(Event(second)->exceptions[0].message,
            "The Response has a WebSocket, but the request that this WebSocket "
            "belongs to is over");
}

}  // namespace
}  // namespace caravel::runtime
