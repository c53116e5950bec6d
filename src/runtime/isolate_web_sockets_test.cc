#include <gmock/gmock.h>

#include "runtime/testing/web_socket_fixture.h"

namespace caravel::runtime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using IsolateWebSocketsTest = WebSocketFixture;

TEST_F(IsolateWebSocketsTest, AResponseWithAnEndAcceptsTheClient) {
  Handle("return pair((ws) => { ws.accept(); ws.send('first'); })");
  ASSERT_THAT(Asked<AcceptWebSocket>(), SizeIs(1));
  const AcceptWebSocket accept = Asked<AcceptWebSocket>()[0];
  EXPECT_EQ(accept.head.status, 101);
  EXPECT_EQ(accept.head.headers.Find("sec-websocket-accept"),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_TRUE(accept.deflate.has_value());
  EXPECT_THAT(Sent(), ElementsAre("text:first"));
  EXPECT_THAT(Asked<ReadWebSocket>(), SizeIs(1));
  EXPECT_EQ(Outcome(id_), "");
}

TEST_F(IsolateWebSocketsTest, MessagesReachTheListenerAndAnswersGoBack) {
  Handle(
      "return pair((ws) => { ws.accept();"
      "ws.binaryType = 'arraybuffer';"
      "ws.addEventListener('message', ({ data }) => ws.send(data)) })");
  Say("h\xC3\xA9llo");
  Arrive(WebSocketMessage{id_, false, std::string("\x00\xFF", 2)});
  Turn();
  EXPECT_THAT(Sent(), ElementsAre("text:h\xC3\xA9llo",
                                  "binary:" + std::string("\x00\xFF", 2)));
}

TEST_F(IsolateWebSocketsTest, TheInvocationLivesUntilBothSidesHaveClosed) {
  Handle(
      "return pair((ws) => { ws.accept();"
      "ws.addEventListener('message', () => ws.close(4000, 'bye')) })");
  EXPECT_EQ(Outcome(id_), "");
  Say("go");
  ASSERT_THAT(Asked<WebSocketClose>(), SizeIs(1));
  EXPECT_EQ(Asked<WebSocketClose>()[0].code, 4000);
  EXPECT_EQ(Asked<WebSocketClose>()[0].reason, "bye");
  EXPECT_EQ(Outcome(id_), "");
  End(4000, true);
  EXPECT_EQ(Outcome(id_), "ok");
}

TEST_F(IsolateWebSocketsTest, OfAReasonIsSentWhatACloseFrameHolds) {
  compatibility_date_ = "2026-03-02";  // which has no limit yet
  Handle(
      "return pair((ws) => { ws.accept(); ws.addEventListener('message', () =>"
      "  ws.close(4000, 'x' + '\u00e9'.repeat(1e6))) })");
  Say("go");
  ASSERT_THAT(Asked<WebSocketClose>(), SizeIs(1));
  EXPECT_EQ(Asked<WebSocketClose>()[0].reason.size(), 123U);
}

TEST_F(IsolateWebSocketsTest, ACloseFrameIsAnsweredByItselfFromItsDateOn) {
  Handle(
      "return pair((ws) => { ws.accept();"
      "ws.addEventListener('close', (e) => console.log(e.code, e.reason,"
      "e.wasClean, ws.readyState)) })");
  End(4001, true);
  ASSERT_THAT(Asked<WebSocketClose>(), SizeIs(1));
  EXPECT_EQ(Asked<WebSocketClose>()[0].code, 4001);
  EXPECT_EQ(Outcome(id_), "ok");
  ASSERT_NE(Event(id_), nullptr);
  EXPECT_THAT(Event(id_)->logs[0].message, HasSubstr("4001"));
}

TEST_F(IsolateWebSocketsTest, BeforeThatDateTheWorkerAnswersIt) {
  compatibility_date_ = "2026-01-01";
  Handle(
      "return pair((ws) => { ws.accept();"
      "ws.addEventListener('close', (e) => setTimeout(() => ws.close(1000)))"
      "})");
  End(4001, true);
  EXPECT_THAT(Asked<WebSocketClose>(), IsEmpty());
  EXPECT_EQ(Outcome(id_), "");
  TurnUntilQuiet();
  EXPECT_THAT(Asked<WebSocketClose>(), SizeIs(1));
  EXPECT_EQ(Outcome(id_), "ok");
}

TEST_F(IsolateWebSocketsTest, AConnectionThatIsLostEndsTheInvocation) {
  Handle("return pair((ws) => ws.accept())");
  End(1006, false);
  EXPECT_EQ(Outcome(id_), "ok");
  EXPECT_THAT(Asked<WebSocketClose>(), IsEmpty());
}

TEST_F(IsolateWebSocketsTest, WhatArrivesBeforeAcceptWaitsForIt) {
  Handle(
      "return pair((ws) => { setTimeout(() => { ws.accept();"
      "ws.addEventListener('message', ({ data }) => ws.send(data)) }) })");
  Arrive(WebSocketMessage{id_, true, "early"});
  TurnUntilQuiet();
  EXPECT_THAT(Sent(), ElementsAre("text:early"));
}

TEST_F(IsolateWebSocketsTest, OnlyWhatWasAcceptedIsRead) {
  Handle(
      "globalThis.kept = (await fetch('https://origin.example/',"
      "  { headers: { Upgrade: 'websocket' } })).webSocket;"
      "return pair((ws) => { ws.addEventListener('close', () => {});"
      "  setTimeout(() => { kept.accept(); setTimeout(() => ws.accept()) })"
      "})");
  const FetchId fetch = Asked<StartFetch>()[0].fetch;
  FetchAnswered answered{fetch, {}};
  answered.head.status = 101;
  Arrive(std::move(answered));
  Turn();
  ASSERT_THAT(Asked<AcceptWebSocket>(), SizeIs(1));
  EXPECT_THAT(Asked<ReadWebSocket>(), IsEmpty());
  TurnUntilQuiet();
  ASSERT_THAT(Asked<ReadWebSocket>(), SizeIs(2));
  EXPECT_EQ(Asked<ReadWebSocket>()[0].socket, fetch);
  EXPECT_EQ(Asked<ReadWebSocket>()[1].socket, id_);
}

TEST_F(IsolateWebSocketsTest, EachMessageHasTheWholeCpuLimit) {
  Handle(
      "return pair((ws) => { ws.accept();"
      "ws.addEventListener('message', () => {"
      "  const end = performance.now; let x = 0;"
      "  for (let i = 0; i < 3e6; i++) x += i;"
      "  ws.send('done') }) })",
      {.cpu_ms = 100});
  for (int i = 0; i < 30; ++i) Say("work");
  EXPECT_THAT(Sent(), SizeIs(30));
  EXPECT_EQ(Outcome(id_), "");
}

TEST_F(IsolateWebSocketsTest, AMessageThatRunsOnEndsItsInvocation) {
  Handle(
      "return pair((ws) => { ws.accept();"
      "ws.addEventListener('message', () => { for (;;); }) })",
      {.cpu_ms = 20});
  Say("go");
  EXPECT_EQ(Outcome(id_), "exceededCpu");
  EXPECT_THAT(Asked<RespondAbort>(), SizeIs(1));
}

TEST_F(IsolateWebSocketsTest, ARequestThatAsksForNoneGetsAnError) {
  Handle("return pair((ws) => ws.accept())");
  const InvocationId plain = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(plain), "error 1101");
}

TEST_F(IsolateWebSocketsTest, ARequestThatAsksWronglyIsRefused) {
  Handle("return pair((ws) => ws.accept())");
  const InvocationId wrong = Arrive("/");
  net::RequestHead& head = *std::get<RequestArrived>(inbox_.back()).head;
  head.upgrade = "websocket";
  Turn();
  EXPECT_THAT(Answer(wrong), HasSubstr("426 Sec-WebSocket-Version"));
}

TEST_F(IsolateWebSocketsTest, PairsWithinTheIsolateDeliverLater) {
  Handle(
      "const { 0: a, 1: b } = new WebSocketPair(); const log = [];"
      "a.accept(); b.accept();"
      "b.addEventListener('message', ({ data }) => log.push(data));"
      "b.addEventListener('close', (e) => log.push(e.code, e.reason));"
      "a.addEventListener('close', (e) => log.push('answered', e.code));"
      "a.send('one'); log.push('sent'); a.close(4000, 'x');"
      "await new Promise((r) => setTimeout(r));"
      "return new Response([...log, a.readyState, b.readyState].join())");
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id_), "200 sent,one,4000,x,answered,4000,3,3");
}

TEST_F(IsolateWebSocketsTest, WhatMayNotBeDoneSaysSo) {
  Handle(
      "const { 0: a, 1: b } = new WebSocketPair(); const log = [];"
      "const t = (f) => { try { f(); log.push('none') }"
      "  catch (e) { log.push(e.name) } };"
      "t(() => a.send('x')); t(() => a.close()); a.accept(); t(() =>"
      "a.accept()); t(() => a.close(1005)); t(() => a.close(2000));"
      "t(() => a.close(1000, 'x'.repeat(124))); t(() => a.close(undefined,"
      "'r')); a.close(); t(() => a.send('x')); t(() => a.close());"
      "t(() => new Response(null, { status: 101 }));"
      "t(() => new Response(null, { webSocket: b }));"
      "t(() => new Response(null, { status: 101, webSocket: {} }));"
      "t(() => new WebSocket('ftp://a/')); t(() => new WebSocket('ws://a/#f'));"
      "t(() => new WebSocket('ws://a/', ['x', 'x']));"
      "t(() => new WebSocket('ws://a/', 'a b'));"
      "t(() => WebSocket.prototype.send.call({}, 'x'));"
      "t(() => b.serializeAttachment(1));"
      "return new Response(log.join())");
  EXPECT_EQ(Answer(id_),
            "200 TypeError,TypeError,TypeError,TypeError,TypeError,SyntaxError,"
            "TypeError,TypeError,none,RangeError,RangeError,TypeError,"
            "SyntaxError,SyntaxError,SyntaxError,SyntaxError,TypeError,"
            "TypeError");
}

// Of a text, what it has as UTF-8: three bytes for each of these characters.
TEST_F(IsolateWebSocketsTest, BufferedAmountIsWhatWaitsForThePeer) {
  Handle(
      "return pair((ws) => { ws.accept();"
      "ws.addEventListener('message', ({ data }) => {"
      "  if (data === 'send') {"
      "    ws.send('\\u20ac'.repeat(4)); ws.send(new Uint8Array(5)) }"
      "  console.log(ws.bufferedAmount) });"
      "ws.addEventListener('close', () => console.log(ws.bufferedAmount)) })");
  Say("send");
  Arrive(WebSocketUnsent{id_, 7});
  Say("what waits?");
  Say("and in the next turn?");
  Arrive(WebSocketUnsent{id_, 0});
  Say("and once it was taken?");
  End(1006, false);
  ASSERT_NE(Event(id_), nullptr);
  std::vector<std::string> amounts;
  for (const auto& log : Event(id_)->logs) amounts.push_back(log.message);
  EXPECT_THAT(amounts,
              ElementsAre(HasSubstr("17"), HasSubstr("7"), HasSubstr("7"),
                          HasSubstr("0"), HasSubstr("0")));
}

TEST_F(IsolateWebSocketsTest, WhereMuchWaitsNoMoreIsSentAndTheWorkerHears) {
  Handle(
      "return pair((ws) => { ws.accept();"
      "const note = (e) => console.log(e.type, ws.readyState);"
      "ws.addEventListener('error', note); ws.addEventListener('close', note);"
      "ws.addEventListener('message', () => {"
      "  const piece = new Uint8Array(8 << 20);"
      "  for (let i = 0; i < 20; i++) ws.send(piece);"
      "  console.log('sent', ws.readyState) }) })",
      {.cpu_ms = 30'000});
  Say("go");
  EXPECT_THAT(Sent(), SizeIs(4));
  ASSERT_THAT(Asked<WebSocketClose>(), SizeIs(1));
  EXPECT_EQ(Asked<WebSocketClose>()[0].code, 1013);
  EXPECT_EQ(Outcome(id_), "") << "it waits for the client";
  End(1013, true);
  EXPECT_EQ(Outcome(id_), "ok");
  std::vector<std::string> logs;
  for (const auto& log : Event(id_)->logs) logs.push_back(log.message);
  EXPECT_THAT(logs, ElementsAre(HasSubstr("sent"), HasSubstr("error"),
                                HasSubstr("close")));
}

TEST_F(IsolateWebSocketsTest, ASmallMessageFindsRoomWhateverWaits) {
  Handle(
      "return pair((ws) => { ws.accept();"
      "ws.addEventListener('message', ({ data }) =>"
      "  ws.send(new Uint8Array(+data))) })");
  isolate_->SetWaitingBytes(size_t{128} << 20);
  Say("65536");
  EXPECT_THAT(Sent(), SizeIs(1));
  EXPECT_EQ(Outcome(id_), "");
  Say("65537");
  EXPECT_EQ(Outcome(id_), "exceededMemory");
}

TEST_F(IsolateWebSocketsTest, MoreThanThereIsRoomForEndsTheInvocation) {
  Handle(
      "return pair((ws) => { ws.accept();"
      "ws.addEventListener('message', () => {"
      "  const bytes = new Uint8Array(100 << 20);"
      "  ws.send(bytes.subarray(0, 31 << 20));"
      "  ws.send(bytes) }) })",
      {.cpu_ms = 30'000});
  Say("go");
  EXPECT_EQ(Outcome(id_), "exceededMemory");
}

TEST_F(IsolateWebSocketsTest, APrototypeThatWasPatchedBreaksNothing) {
  Handle(
      "Array.prototype[Symbol.iterator] = () => { throw 1 };"
      "Promise.prototype.then = () => { throw 2 };"
      "Uint8Array.prototype.slice = () => { throw 3 };"
      "Object.defineProperty(Object.prototype, 'data', { set() { throw 4 } });"
      "return pair((ws) => { ws.accept();"
      "ws.addEventListener('message', (e) => ws.send(typeof e.data)) })");
  Say("x");
  EXPECT_THAT(Sent(), ElementsAre("text:string"));
}

}  // namespace
}  // namespace caravel::runtime
