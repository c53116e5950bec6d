#include <gmock/gmock.h>

#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A Worker with WebSockets, whose clients and origins are the test.
class IsolateWebSocketsTest : public IsolateFixture {
 protected:
  IsolateWebSocketsTest() { compatibility_date_ = "2026-05-01"; }

  // Begins a request for a WebSocket; the handler has that body.
  void Handle(const std::string& body, registry::Limits limits = {}) {
    ASSERT_EQ(
        Load("const pair = (use) => {"
             "  const { 0: client, 1: server } = new WebSocketPair();"
             "  use(server);"
             "  return new Response(null, { status: 101, webSocket: client });"
             "};"
             "export default { async fetch(request, env, ctx) {" +
                 body + "} }",
             limits),
        "");
    id_ = Ask();
    Turn();
  }
  InvocationId Ask() {
    const InvocationId id = ArriveForWebSocket("/");
    std::get<RequestArrived>(inbox_.back())
        .head->headers.Add("sec-websocket-extensions", "permessage-deflate");
    return id;
  }
  void Say(const std::string& text) {
    Arrive(WebSocketMessage{id_, true, text});
    Turn();
  }
  void End(uint16_t code, bool clean) {
    Arrive(WebSocketClosed{id_, code, "why", clean});
    Turn();
  }
  std::vector<std::string> Sent() const {
    std::vector<std::string> all;
    for (const WebSocketSend& each : Asked<WebSocketSend>()) {
      all.push_back((each.text ? "text:" : "binary:") + each.bytes);
    }
    return all;
  }
  // The origin answers with a WebSocket.
  void Opened(FetchId fetch) {
    FetchAnswered answered{fetch, {}};
    answered.head.status = 101;
    Arrive(std::move(answered));
    Turn();
  }
  InvocationId id_ = 0;
};

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

TEST_F(IsolateWebSocketsTest, AFetchIsAnsweredWithTheOriginsWebSocket) {
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

TEST_F(IsolateWebSocketsTest, WhoFetchedAWebSocketOwnsItsEvents) {
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

TEST_F(IsolateWebSocketsTest, AWebSocketEndsWithTheRequestThatFetchedIt) {
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

TEST_F(IsolateWebSocketsTest, NoClientIsGivenAWebSocketWhoseRequestIsOver) {
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

TEST_F(IsolateWebSocketsTest, WhoAcceptedAWebSocketHearsThatItsRequestEnded) {
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

TEST_F(IsolateWebSocketsTest, WhatAnEndedRequestLeavesOpenIsSeenToBeOver) {
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

TEST_F(IsolateWebSocketsTest, AClientHearsThatTheOtherSideEndedWithItsRequest) {
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

TEST_F(IsolateWebSocketsTest, AnOriginHearsThatTheClientsRequestEnded) {
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

TEST_F(IsolateWebSocketsTest, AnOriginsWebSocketGoesOnToTheClient) {
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

TEST_F(IsolateWebSocketsTest, AnAnswerThatIsNoneOpensNone) {
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

TEST_F(IsolateWebSocketsTest, WhatStillConnectsIsOverWithItsRequest) {
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

TEST_F(IsolateWebSocketsTest, NoClientIsGivenAWebSocketThatNeverConnected) {
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
