#include <gmock/gmock.h>

#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A Worker with a connection, whose peer is the test.
class IsolateSocketsTest : public IsolateFixture {
 protected:
  // Begins a request whose handler has that body; `to` is an address.
  void Handle(const std::string& body, registry::Limits limits = {}) {
    ASSERT_EQ(Load("import { connect } from 'cloudflare:sockets';"
                   "const to = { hostname: 'db.example', port: 5432 };"
                   "const text = (bytes) => new TextDecoder().decode(bytes);"
                   "const bytes = (text) => new TextEncoder().encode(text);"
                   "export default { async fetch() {" +
                       body + "} }",
                   limits),
              "");
    id_ = Arrive("/");
    Turn();
  }
  SocketId Opened() {
    const SocketId socket = Asked<OpenSocket>().back().socket;
    Arrive(SocketOpened{socket, "10.0.0.1:40000", "10.0.0.2:5432"});
    return socket;
  }
  std::string Written() const {
    std::string all;
    for (const SocketWrite& each : Asked<SocketWrite>()) all += each.bytes;
    return all;
  }
  InvocationId id_ = 0;
};

TEST_F(IsolateSocketsTest, AConnectionTellsItsEndsWhenItIsOpen) {
  Handle("return Response.json(await connect('db.example:5432').opened)");
  ASSERT_THAT(Asked<OpenSocket>(), SizeIs(1));
  EXPECT_EQ(Asked<OpenSocket>()[0].host, "db.example");
  EXPECT_EQ(Asked<OpenSocket>()[0].port, 5432);
  EXPECT_FALSE(Asked<OpenSocket>()[0].tls);
  Opened();
  Turn();
  EXPECT_EQ(Answer(id_), R"(200 {"remoteAddress":"10.0.0.2:5432",)"
                         R"("localAddress":"10.0.0.1:40000"})");
}

TEST_F(IsolateSocketsTest, ItIsWrittenToAndReadUntilItsEnd) {
  Handle(
      "const s = connect(to); const w = s.writable.getWriter();"
      "await w.write(bytes('question'));"
      "return new Response(s.readable)");
  EXPECT_EQ(Written(), "question");
  const SocketId socket = Opened();
  Arrive(BodyArrived{socket, "an", false});
  Turn();
  Arrive(BodyArrived{socket, "swer", true});
  Turn();
  std::string answer;
  for (const RespondBody& each : Asked<RespondBody>()) answer += each.bytes;
  EXPECT_EQ(answer, "answer");
  EXPECT_THAT(Asked<RespondEnd>(), SizeIs(1));
  // Its own side ended with the peer's.
  EXPECT_THAT(Asked<SocketEnd>(), SizeIs(1));
}

TEST_F(IsolateSocketsTest, WithHalfOpenTheOwnSideStaysOpen) {
  Handle(
      "const s = connect(to, { allowHalfOpen: true });"
      "const { done } = await s.readable.getReader().read();"
      "await s.writable.getWriter().write(bytes('still'));"
      "return new Response(`${done}`)");
  const SocketId socket = Opened();
  Arrive(BodyArrived{socket, "", true});
  Turn();
  EXPECT_EQ(Written(), "still");
  EXPECT_EQ(Answer(id_), "200 true");
  EXPECT_THAT(Asked<SocketEnd>(), IsEmpty());
}

TEST_F(IsolateSocketsTest, TheConnectionEndsWithItsInvocation) {
  Handle("connect(to); return new Response('done')");
  EXPECT_EQ(Answer(id_), "200 done");
  ASSERT_THAT(Asked<CloseSocket>(), SizeIs(1));
  EXPECT_EQ(Asked<CloseSocket>()[0].socket, Asked<OpenSocket>()[0].socket);
}

TEST_F(IsolateSocketsTest, OneThatCannotBeHadRejectsOpenedAndClosed) {
  Handle(
      "const s = connect(to); const e = await s.opened.catch((e) => e);"
      "const c = await s.closed.catch((e) => e);"
      "const w = await s.writable.getWriter().write(bytes('x')).catch((e) => "
      "e);"
      "return new Response([e === c, e === w, e.name, e.message].join())");
  Arrive(SocketClosed{Asked<OpenSocket>()[0].socket, "nobody answers"});
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id_),
            "200 true,true,Error,proxy request failed, cannot connect to the "
            "specified address: nobody answers");
}

TEST_F(IsolateSocketsTest, WhatArrivedBeforeAFailureIsStillRead) {
  Handle(
      "const s = connect(to); const r = s.readable.getReader();"
      "await s.closed.catch(() => {});"
      "const first = text((await r.read()).value);"
      "const e = await r.read().catch((e) => e);"
      "return new Response(`${first}, ${e}`)");
  const SocketId socket = Opened();
  Arrive(BodyArrived{socket, "some", false});
  Arrive(BodyFailed{socket, "reset"});
  Arrive(SocketClosed{socket, "reset"});
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id_), "200 some, Error: Network connection lost: reset");
}

TEST_F(IsolateSocketsTest, ASlowPeerHoldsTheWriterBack) {
  Handle(
      "const w = connect(to).writable.getWriter();"
      "for (let i = 0; i < 100; i++) await w.write(new Uint8Array(16384));"
      "return new Response('all')");
  EXPECT_THAT(Asked<SocketWrite>(), SizeIs(1));  // there is no connection yet
  const SocketId socket = Opened();
  Turn();
  const size_t before = Asked<SocketWrite>().size();
  EXPECT_LE(before, 5U);
  Arrive(SocketCredit{socket, 32768});
  Turn();
  EXPECT_GT(Asked<SocketWrite>().size(), before);
  EXPECT_LE(Asked<SocketWrite>().size(), before + 3);
}

TEST_F(IsolateSocketsTest, MoreIsAskedForAsItIsRead) {
  Handle(
      "const r = connect(to).readable.getReader(); await r.read();"
      "await r.read()");
  const SocketId socket = Opened();
  Arrive(BodyArrived{socket, std::string(1000, 'x'), false});
  Turn();
  ASSERT_THAT(Asked<GrantBody>(), SizeIs(1));
  EXPECT_EQ(Asked<GrantBody>()[0].body, socket);
  EXPECT_EQ(Asked<GrantBody>()[0].bytes, 1000U);
}

TEST_F(IsolateSocketsTest, CloseSendsWhatWasWrittenAndThenCloses) {
  Handle(
      "const s = connect(to); const w = s.writable.getWriter();"
      "w.write(bytes('a')); w.write(bytes('b'));"
      "const closed = s.close(); const r = s.readable.getReader();"
      "await closed; return new Response(`${(await r.read()).done}`)");
  EXPECT_THAT(Asked<CloseSocket>(), IsEmpty());
  Opened();
  Turn();
  EXPECT_EQ(Written(), "ab");
  EXPECT_EQ(Answer(id_), "200 true");
  EXPECT_THAT(Asked<CloseSocket>(), SizeIs(1));
}

TEST_F(IsolateSocketsTest, StartTlsGivesASocketOfItsOwnBehindWhatWasWritten) {
  Handle(
      "const s = connect(to, { secureTransport: 'starttls' });"
      "const w = s.writable.getWriter(); await w.write(bytes('S'));"
      "const r = s.readable.getReader(); await r.read();"
      "w.releaseLock(); r.releaseLock();"
      "const t = s.startTls({ expectedServerHostname: 'tls.example' });"
      "await t.opened; await s.closed;"
      "await t.writable.getWriter().write(bytes('secret'));"
      "const { value } = await t.readable.getReader().read();"
      "return new Response([s.upgraded, s.secureTransport, t.upgraded,"
      " t.secureTransport, text(value)].join())");
  const SocketId socket = Opened();
  Arrive(BodyArrived{socket, "S", false});
  Turn();
  ASSERT_THAT(Asked<SecureSocket>(), SizeIs(1));
  const SecureSocket secure = Asked<SecureSocket>()[0];
  EXPECT_EQ(secure.socket, socket);
  EXPECT_EQ(secure.host, "tls.example");
  // In the clear, and too late: nobody may read it as protected.
  Arrive(BodyArrived{socket, "injected", false});
  Arrive(SocketOpened{secure.secured, "10.0.0.1:40000", "10.0.0.2:5432"});
  Turn();
  Arrive(BodyArrived{secure.secured, "answer", false});
  Turn();
  EXPECT_EQ(Written(), "Ssecret");
  EXPECT_EQ(Asked<SocketWrite>()[1].socket, secure.secured);
  EXPECT_EQ(Answer(id_), "200 true,starttls,false,on,answer");
}

TEST_F(IsolateSocketsTest, StartTlsIsRefusedWhereItCannotBe) {
  Handle(
      "const told = []; const tell = (s) => { try { s.startTls() }"
      " catch (e) { told.push(`${e}`) } };"
      "tell(connect(to)); tell(connect(to, { secureTransport: 'on' }));"
      "const s = connect(to, { secureTransport: 'starttls' });"
      "s.readable.getReader(); tell(s);"
      "return new Response(told.join('|'))");
  EXPECT_EQ(Answer(id_),
            "200 TypeError: The `secureTransport` socket option must be set to "
            "'starttls' for startTls to be used.|"
            "TypeError: Cannot startTls on a TLS socket.|"
            "TypeError: startTls: release the locks of readable and writable "
            "first");
  EXPECT_TRUE(Asked<OpenSocket>()[1].tls);
}

TEST_F(IsolateSocketsTest, AddressesThatAreNoneAreTypeErrors) {
  Handle(
      "const told = []; for (const a of ['', 'db', 'db:', 'db:0', 'db:70000',"
      " 'http://db:1', 'db:1/x', '[::1]', { hostname: 'db' }, { port: 1 },"
      " { hostname: 'db:1', port: 2 }, { hostname: '', port: 2 }])"
      " try { connect(a); told.push('taken') } catch (e) { told.push(e.name) }"
      "for (const a of ['[::1]:1', '127.0.0.1:2', { hostname: '::1', port: "
      "'3'},"
      " { hostname: '[::1]', port: 4 }]) connect(a);"
      "try { connect(to, { secureTransport: 'yes' }) }"
      " catch (e) { told.push(e.message) }"
      "return new Response(told.join())");
  EXPECT_EQ(
      Answer(id_),
      "200 TypeError,TypeError,TypeError,TypeError,TypeError,TypeError,"
      "TypeError,TypeError,TypeError,taken,TypeError,TypeError,"
      "Unsupported value in secureTransport socket option: \"yes\"; there "
      "are off, on, starttls");
  std::vector<std::string> opened;
  for (const OpenSocket& each : Asked<OpenSocket>()) {
    opened.push_back(fmt::format("{} {}", each.host, each.port));
  }
  EXPECT_THAT(opened, ElementsAre("undefined 1", "::1 1", "127.0.0.1 2",
                                  "::1 3", "::1 4"));
}

TEST_F(IsolateSocketsTest, ConnectionsCountAsSubrequests) {
  registry::Limits limits;
  limits.subrequests = 3;
  Handle(
      "try { for (;;) connect(to) } catch (e) { return new Response(e.message) "
      "}",
      limits);
  EXPECT_THAT(Answer(id_), HasSubstr("Too many subrequests"));
  EXPECT_THAT(Asked<OpenSocket>(), SizeIs(3));
}

TEST_F(IsolateSocketsTest, NoConnectionIsOpenedAtGlobalScope) {
  EXPECT_THAT(Load("import { connect } from 'cloudflare:sockets';"
                   "connect('db:1'); export default { fetch() {} }"),
              HasSubstr("Disallowed operation called within global scope"));
}

TEST_F(IsolateSocketsTest, WhatIsWrittenCountsAgainstTheMemoryLimit) {
  Handle(
      "const big = new Uint8Array(1 << 20);"
      "for (let i = 0; i < 64; i++)"
      " connect(to).writable.getWriter().write(big).catch(() => {});"
      "await new Promise(() => {})",
      {.cpu_ms = 500, .memory_bytes = 8 << 20});
  EXPECT_EQ(Outcome(id_), "exceededMemory");
  EXPECT_LT(Asked<SocketWrite>().size(), 10U);
}

TEST_F(IsolateSocketsTest, PatchedPrototypesSeeNothingOfAConnection) {
  Handle(
      "let seen = 0;"
      "for (const name of ['then', 'hostname', 'secureTransport', 'start'])"
      " Object.defineProperty(Object.prototype, name, { configurable: true,"
      "  get() { seen++; return undefined; } });"
      "const s = connect('db:1', { secureTransport: 'off' });"
      "const r = s.readable.getReader(); seen = 0;"
      "await s.opened; await s.closed;"
      "const n = seen; delete Object.prototype.then;"
      "delete Object.prototype.hostname; delete Object.prototype.start;"
      "delete Object.prototype.secureTransport;"
      "return new Response(`${n}`)");
  const SocketId socket = Opened();
  Turn();
  Arrive(SocketClosed{socket, ""});
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id_), "200 0");
}

}  // namespace
}  // namespace caravel::runtime
