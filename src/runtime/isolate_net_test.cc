#include <gmock/gmock.h>

#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A Worker that uses node:net; the test is resolver and peer.
class IsolateNetTest : public IsolateFixture {
 protected:
  void Handle(const std::string& body, registry::Limits limits = {}) {
    compatibility_date_ = "2026-08-04";
    limits.cpu_ms = 10'000;  // the library is compiled on first use
    ASSERT_EQ(Load("import net from 'node:net'; import { once } from "
                   "'node:events'; let kept;"
                   "export default { async fetch() {" +
                       body + "} }",
                   limits),
              "");
    id_ = Arrive("/");
    TurnUntilQuiet();
  }
  SocketId Opened() {
    const SocketId socket = Asked<OpenSocket>().back().socket;
    Arrive(SocketOpened{socket, "10.0.0.1:40000", "192.0.2.1:5432"});
    return socket;
  }
  std::string Written() const {
    std::string all;
    for (const SocketWrite& each : Asked<SocketWrite>()) all += each.bytes;
    return all;
  }
  InvocationId id_ = 0;
};

TEST_F(IsolateNetTest, ANameIsLookedUpAndTheConnectionCarriesBytesBothWays) {
  Handle(
      "const s = net.connect(5432, 'db.example'); s.setEncoding('utf8');"
      "await once(s, 'connect'); const { remoteAddress, localPort } = s;"
      "s.write('ques'); s.write('tion'); let all = '';"
      "for await (const piece of s) all += piece;"
      "return Response.json([all, remoteAddress, localPort, s.bytesRead,"
      " s.bytesWritten])");
  ASSERT_THAT(Asked<AskName>(), SizeIs(1));
  Arrive(NameAnswered{Asked<AskName>()[0].question, "", "192.0.2.1"});
  TurnUntilQuiet();
  ASSERT_THAT(Asked<OpenSocket>(), SizeIs(1));
  EXPECT_EQ(Asked<OpenSocket>()[0].host, "192.0.2.1");
  EXPECT_EQ(Asked<OpenSocket>()[0].port, 5432);
  const SocketId socket = Opened();
  TurnUntilQuiet();
  EXPECT_EQ(Written(), "question");
  Arrive(BodyArrived{socket, "an", false});
  TurnUntilQuiet();
  Arrive(BodyArrived{socket, "swer", true});
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id_), R"(200 ["answer","192.0.2.1",40000,6,8])");
  EXPECT_THAT(Asked<SocketEnd>(), SizeIs(1));
}

TEST_F(IsolateNetTest, FailuresHaveTheCodesOfNode) {
  Handle(
      "const told = [];"
      "for (let i = 0; i < 4; i++) {"
      " const [e] = await once(net.connect(80, '192.0.2.' + i), 'error')"
      "  .catch((e) => [e]); told.push(e.code); }"
      "return new Response(told.join())");
  for (const char* why :
       {"connect to 192.0.2.1:80: connection refused",
        "connect to 192.0.2.1:80: no answer in 10000 ms",
        "connection to \"10.0.0.1\": the address 10.0.0.1 is private; the "
        "operator can allow it with --allow-egress 10.0.0.0/8",
        "the server reset the connection"}) {
    Arrive(SocketClosed{Asked<OpenSocket>().back().socket, why});
    TurnUntilQuiet();
  }
  EXPECT_EQ(Answer(id_), "200 ECONNREFUSED,ETIMEDOUT,EACCES,ECONNRESET");
}

TEST_F(IsolateNetTest, ASlowPeerHoldsTheWriterBack) {
  Handle(
      "const s = net.connect(80, '192.0.2.1'); await once(s, 'connect');"
      "let drained = 0; s.on('drain', () => drained++);"
      "const full = !s.write(new Uint8Array(100 << 10));"
      "s.write('x'); await once(s, 'drain');"
      "return new Response(`${full} ${drained}`)");
  const SocketId socket = Opened();
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id_), "");
  EXPECT_EQ(Written().size(), 100U << 10);
  Arrive(SocketCredit{socket, 100 << 10});
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id_), "200 true 1");
}

TEST_F(IsolateNetTest, WhatArrivesWhileItIsPausedWaits) {
  Handle(
      "const s = net.connect(80, '192.0.2.1'); await once(s, 'connect');"
      "const got = []; s.on('data', (b) => got.push(b.toString()));"
      "s.pause(); await new Promise((r) => setTimeout(r, 10));"
      "const before = got.length; s.resume();"
      "await once(s, 'end'); return new Response(`${before} ${got.join()}`)");
  const SocketId socket = Opened();
  Turn();
  Arrive(BodyArrived{socket, "some", false});
  TurnUntilQuiet();
  Arrive(BodyArrived{socket, "more", true});
  TurnUntilQuiet();
  EXPECT_THAT(Answer(id_), HasSubstr("200 0 some"));
  EXPECT_THAT(Answer(id_), HasSubstr("more"));
}

TEST_F(IsolateNetTest, ASocketEndsWithTheInvocationThatOpenedIt) {
  Handle(
      "if (kept) { const [e] = await once(kept, 'error'); "
      " return new Response(e.code) }"
      "kept = net.connect(80, '192.0.2.1'); await once(kept, 'connect');"
      "setTimeout(() => {}); return new Response('kept')");
  Opened();
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id_), "200 kept");
  EXPECT_THAT(Asked<CloseSocket>(), SizeIs(1));
}

TEST_F(IsolateNetTest, BeyondTheLimitOfSubrequestsIsAnError) {
  registry::Limits limits;
  limits.subrequests = 1;
  Handle(
      "net.connect(80, '192.0.2.1').on('error', () => {});"
      "const [e] = await once(net.connect(80, '192.0.2.1'), 'error')"
      " .catch((e) => [e]);"
      "return new Response(e.code)",
      limits);
  EXPECT_EQ(Answer(id_), "200 EMFILE");
}

TEST_F(IsolateNetTest, AddressesAndListsOfThemAreNodes) {
  Handle(
      "const list = new net.BlockList(); list.addAddress('123.1.2.3');"
      "list.addSubnet('8592:757c:efae:4e45::', 64, 'ipv6');"
      "list.addRange('10.0.0.1', '10.0.0.10');"
      "return Response.json([net.isIP('::1'), net.isIPv4('1.2.3'), list.rules,"
      " list.check('10.0.0.5'), list.check('10.0.0.11'),"
      " list.check('::ffff:7b01:203', 'ipv6'),"
      " list.check('8592:757c:efae:4e45:1::', 'ipv6'),"
      " new net.SocketAddress({ address: '1:0:0:2:0::', family: 'ipv6',"
      "  port: 8 })])");
  EXPECT_EQ(
      Answer(id_),
      R"(200 [6,false,["Address: IPv4 123.1.2.3",)"
      R"("Subnet: IPv6 8592:757c:efae:4e45::/64",)"
      R"("Range: IPv4 10.0.0.1-10.0.0.10"],true,false,true,true,)"
      R"({"address":"1:0:0:2::","port":8,"family":"ipv6","flowlabel":0}])");
}

TEST_F(IsolateNetTest, AConnectionWithinTheIsolateLeavesItNot) {
  Handle(
      "const server = net.createServer((s) => s.end('hello')).listen(8080);"
      "const s = net.connect(8080, '127.0.0.1'); let all = '';"
      "for await (const piece of s) all += piece;"
      "server.close(); return new Response(all)");
  EXPECT_EQ(Answer(id_), "200 hello");
  EXPECT_THAT(Asked<OpenSocket>(), IsEmpty());
}

TEST_F(IsolateNetTest, WhatTheHostsTlsHasNoPartOfIsRefused) {
  Handle(
      "const tls = await import('node:tls'); const told = [];"
      "for (const options of [{ ca: 'x' }, { rejectUnauthorized: false },"
      " { ALPNProtocols: ['h2'] }, { key: 'k', cert: 'c' }])"
      " try { tls.connect({ port: 1, host: '192.0.2.1', ...options }) }"
      " catch (e) { told.push(e.code, e.message.split('\"')[1]) }"
      "try { tls.createServer() } catch (e) { told.push(e.message) }"
      "return new Response(told.join())");
  EXPECT_EQ(Answer(id_),
            "200 ERR_OPTION_NOT_IMPLEMENTED,ca,ERR_OPTION_NOT_IMPLEMENTED,"
            "rejectUnauthorized,ERR_OPTION_NOT_IMPLEMENTED,ALPNProtocols,"
            "ERR_OPTION_NOT_IMPLEMENTED,cert,"
            "node:tls: createServer() is not supported in Workers");
  EXPECT_THAT(Asked<OpenSocket>(), IsEmpty());
}

TEST_F(IsolateNetTest, ATlsSocketOfAnotherStreamFailsWhenItIsToCarryAnything) {
  Handle(
      "const tls = await import('node:tls');"
      "const { PassThrough } = await import('node:stream');"
      "const { once } = await import('node:events'); const told = [];"
      "const idle = new tls.TLSSocket(new PassThrough());"
      "told.push(idle._handle._parentWrap.constructor.name, idle.destroyed);"
      "const over = (stream) => tls.connect({ socket: stream });"
      "const written = new tls.TLSSocket(new PassThrough()); "
      "written.write('a');"
      "const read = new tls.TLSSocket(new PassThrough()); read.resume();"
      "const all = [over(new PassThrough()), over(idle), written, read];"
      "for (const [e] of await Promise.all(all.map((s) => once(s, 'error'))))"
      " told.push(e.code); told.push(all.every((s) => s.destroyed));"
      "return new Response(told.join())");
  EXPECT_EQ(Answer(id_),
            "200 JSStreamSocket,false,ERR_OPTION_NOT_IMPLEMENTED,"
            "ERR_OPTION_NOT_IMPLEMENTED,ERR_OPTION_NOT_IMPLEMENTED,"
            "ERR_OPTION_NOT_IMPLEMENTED,true");
}

TEST_F(IsolateNetTest, ATlsSocketOfNothingWaitsForItsConnection) {
  Handle(
      "const tls = await import('node:tls'); const told = [];"
      "for (const nothing of [undefined, null, false])"
      " told.push(new tls.TLSSocket(nothing, nothing).connecting);"
      "const socket = tls.connect({ port: 1, host: '192.0.2.1', socket: null "
      "});"
      "told.push(socket.connecting, socket.destroyed);"
      "return new Response(told.join())");
  EXPECT_EQ(Answer(id_), "200 false,false,false,true,false");
}

// The class by which packages make a net.Socket of any stream.
TEST_F(IsolateNetTest, AStreamOfScriptIsASocket) {
  Handle(
      "const tls = await import('node:tls');"
      "const { Duplex, PassThrough } = await import('node:stream');"
      "const { once } = await import('node:events');"
      "const Socket = new tls.TLSSocket(new PassThrough())"
      "._handle._parentWrap.constructor;"
      "const sent = [];"
      "const stream = new Duplex({ autoDestroy: false, read() {},"
      " write(piece, _, done) { sent.push(`${piece}`); done() },"
      " final(done) { sent.push('end'); this.push('answer'); this.push(null);"
      "  done() } });"
      "const socket = new Socket(stream);"
      "socket.write('a'); socket.write(Buffer.from('b')); socket.end('c');"
      "let all = ''; for await (const piece of socket) all += piece;"
      "const broken = new Socket(new Duplex({ read() {},"
      " write(piece, _, done) { done(new Error('broken')) } }));"
      "broken.on('error', () => {});"
      "broken.write('a'); const [error] = await once(broken, 'error');"
      "return new Response([sent.join(''), all, error.message].join())");
  EXPECT_EQ(Answer(id_), "200 abcend,answer,broken");
}

}  // namespace
}  // namespace caravel::runtime
