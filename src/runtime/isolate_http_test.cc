// Servers of node:http in a Worker, by "cloudflare:node" (runtime/node/net):
// what belongs to the platform. How Node's library itself behaves is held by
// its own tests (tests/node).
#include <gmock/gmock.h>

#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Node's library is compiled on first use.
constexpr registry::Limits kPatient{.cpu_ms = 10'000};

class IsolateHttpTest : public IsolateFixture {
 protected:
  IsolateHttpTest() { compatibility_date_ = "2026-08-04"; }

  std::string Load(const std::string& source) {
    return IsolateFixture::Load(source, kPatient);
  }

  // A Worker whose server runs `handler`, JS with `req` and `res`.
  std::string LoadServer(const std::string& handler,
                         const std::string& head = "") {
    return Load(
        "import http from 'node:http';\n"
        "import { handleAsNodeRequest, httpServerHandler } from "
        "'cloudflare:node';\n" +
        head + "\nconst server = http.createServer(async (req, res) => {" +
        handler +
        "});\nserver.listen(8080);\n"
        "export default httpServerHandler({ port: 8080 });");
  }

  std::string Ask(const std::string& target = "/",
                  const std::string& method = "GET") {
    const InvocationId id = Arrive(target, method);
    TurnUntilQuiet();
    return Answer(id);
  }

  // The answers to streamed bodies, as they were sent.
  std::string Streamed(InvocationId) const {
    std::string body;
    for (const RespondBody& piece : Asked<RespondBody>()) body += piece.bytes;
    return body;
  }
};

TEST_F(IsolateHttpTest, AServerAnswersRequestsByItsPort) {
  ASSERT_EQ(LoadServer("res.statusCode = 201; res.end(`${req.method} "
                       "${req.url} ${req.headers.host}`);"),
            "");
  EXPECT_EQ(Ask("/path?query"), "201 GET /path?query test.localhost");
}

TEST_F(IsolateHttpTest, AServerCanBeGivenItself) {
  ASSERT_EQ(Load("import http from 'node:http';\n"
                 "import { httpServerHandler } from 'cloudflare:node';\n"
                 "export default httpServerHandler(http.createServer("
                 "(req, res) => res.end(String(req.socket.localPort > 0))));"),
            "");
  EXPECT_EQ(Ask(), "200 true");
}

TEST_F(IsolateHttpTest, ARequestCanBeHandedOver) {
  ASSERT_EQ(Load("import http from 'node:http';\n"
                 "import { handleAsNodeRequest } from 'cloudflare:node';\n"
                 "http.createServer((req, res) => res.end('node')).listen(1);\n"
                 "export default { fetch(request) {"
                 " return handleAsNodeRequest(1, request); } };"),
            "");
  EXPECT_EQ(Ask(), "200 node");
}

TEST_F(IsolateHttpTest, APortWhereNobodyListensIsNamed) {
  ASSERT_EQ(Load("import { httpServerHandler } from 'cloudflare:node';\n"
                 "const { fetch } = httpServerHandler({ port: 81 });\n"
                 "export default { fetch: (...args) => fetch(...args).catch("
                 "  e => new Response(`${e.code} ${e.message}`)) };"),
            "");
  EXPECT_EQ(Ask(),
            "200 ERR_INVALID_ARG_VALUE No server listens on port 81: call "
            "listen(81) on it before the first request");
}

TEST_F(IsolateHttpTest, ABodyArrivesAndIsSentInPieces) {
  ASSERT_EQ(LoadServer("for await (const piece of req) res.write(piece);"
                       "res.end('!');"),
            "");
  const InvocationId id = ArriveWithBody("/");
  TurnUntilQuiet();
  Arrive(BodyArrived{id, "one ", false});
  TurnUntilQuiet();
  EXPECT_EQ(Streamed(id), "one ");
  Arrive(BodyArrived{id, "two", true});
  TurnUntilQuiet();
  EXPECT_EQ(Streamed(id), "one two!");
  EXPECT_EQ(Asked<RespondEnd>().size(), 1u);
  EXPECT_EQ(Outcome(id), "ok");
}

TEST_F(IsolateHttpTest, ABodyHasALengthOrSaysThatItHasNone) {
  ASSERT_EQ(LoadServer("res.end(`${req.headers['content-length']} "
                       "${req.headers['transfer-encoding']}`);"),
            "");
  const auto told = [&](const std::string& method, int64_t size) {
    const InvocationId id = Arrive("/", method);
    auto& request = std::get<RequestArrived>(inbox_.back());
    request.has_body = size != 0;
    request.head->body_size = size;
    TurnUntilQuiet();
    return Answer(id);
  };
  EXPECT_EQ(told("PUT", 7), "200 7 undefined");
  EXPECT_EQ(told("POST", -1), "200 undefined chunked");
  EXPECT_EQ(told("GET", 0), "200 undefined undefined");
}

TEST_F(IsolateHttpTest, ARequestOfAWorkerTellsTheLengthOfItsText) {
  ASSERT_EQ(Load("import http from 'node:http';\n"
                 "import { handleAsNodeRequest } from 'cloudflare:node';\n"
                 "http.createServer((req, res) => res.end("
                 "  req.headers['content-length'])).listen(1);\n"
                 "export default { fetch: () => handleAsNodeRequest(1,"
                 " new Request('http://a/', { method: 'PUT', body: '\u00e9' }))"
                 "};"),
            "");
  EXPECT_EQ(Ask(), "200 2");
}

TEST_F(IsolateHttpTest, WhatTheHandlerThrowsEndsTheRequest) {
  ASSERT_EQ(Load("import http from 'node:http';\n"
                 "import { httpServerHandler } from 'cloudflare:node';\n"
                 "export default httpServerHandler(http.createServer("
                 "() => { throw new RangeError('on purpose'); }));"),
            "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id), "error 1101");
  ASSERT_NE(Event(id), nullptr);
  EXPECT_EQ(Event(id)->exceptions.at(0).message, "on purpose");
}

TEST_F(IsolateHttpTest, AnAnswerThatNeverComesIsAnError) {
  ASSERT_EQ(LoadServer(""), "");
  EXPECT_EQ(Ask(), "error 1101");
}

TEST_F(IsolateHttpTest, AConnectionThatIsDestroyedIsAnError) {
  ASSERT_EQ(LoadServer("res.destroy();"), "");
  EXPECT_EQ(Ask(), "error 1101");
}

TEST_F(IsolateHttpTest, HeadersGoBothWaysAsTheyAre) {
  ASSERT_EQ(LoadServer("res.setHeader('Set-Cookie', ['a=1', 'b=2']);"
                       "res.writeHead(200, 'Fine', { 'X-Echo':"
                       "  req.rawHeaders.join() });"
                       "res.end();"),
            "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  const net::ResponseHead head = Asked<Respond>().at(0).head;
  EXPECT_EQ(head.reason, "Fine");
  std::vector<std::string> seen;
  for (size_t i = 0; i < head.headers.size(); ++i) {
    const auto [name, value] = head.headers[i];
    if (name != "date") seen.push_back(fmt::format("{}: {}", name, value));
  }
  EXPECT_THAT(seen, ElementsAre("set-cookie: a=1", "set-cookie: b=2",
                                "x-echo: Host,test.localhost"));
  EXPECT_EQ(Answer(id), "200 ");
}

TEST_F(IsolateHttpTest, AnAnswerToHeadHasTheLengthOfTheBodyThatItHasNot) {
  ASSERT_EQ(LoadServer("res.setHeader('Content-Length', 4); res.end('four');"),
            "");
  Arrive("/", "HEAD");
  TurnUntilQuiet();
  EXPECT_EQ(Asked<RespondStart>().at(0).head.body_size, 4);
  EXPECT_TRUE(Asked<RespondBody>().empty());
}

TEST_F(IsolateHttpTest, AStreamedAnswerHasTheLengthThatItNames) {
  ASSERT_EQ(LoadServer("res.writeHead(200, { 'Content-Length': 6 });"
                       "res.write('abc'); setTimeout(() => res.end('def'));"),
            "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Asked<RespondStart>().at(0).head.body_size, 6);
  EXPECT_EQ(Streamed(id), "abcdef");
}

TEST_F(IsolateHttpTest, InformationIsNotTheAnswer) {
  ASSERT_EQ(LoadServer("res.writeContinue(); res.writeEarlyHints({ link:"
                       "  '</style.css>; rel=preload' });"
                       "res.statusCode = 204; res.end();"),
            "");
  EXPECT_EQ(Ask(), "204 ");
}

TEST_F(IsolateHttpTest, AClientThatIsSlowHoldsTheServerBack) {
  ASSERT_EQ(LoadServer("let n = 0; const more = () => {"
                       "  while (n++ < 100)"
                       "    if (!res.write(Buffer.alloc(16384))) return;"
                       "  res.end(); };"
                       "res.on('drain', more); more();"),
            "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  const size_t before = Asked<RespondBody>().size();
  EXPECT_LE(before, 8U);  // the window is four of them
  EXPECT_TRUE(Asked<RespondEnd>().empty());
  for (int i = 0; i < 200; ++i) {
    Arrive(ResponseCredit{id, 16 * 1024});
    TurnUntilQuiet();
  }
  EXPECT_EQ(Streamed(id).size(), 100U * 16384);
  EXPECT_EQ(Asked<RespondEnd>().size(), 1U);
}

TEST_F(IsolateHttpTest, AClientThatLeavesClosesTheConnection) {
  ASSERT_EQ(LoadServer("req.on('aborted', () => console.log('aborted'));"
                       "req.on('error', e => console.log(e.code));"
                       "res.on('close', () => console.log('closed',"
                       "  res.writableFinished));"
                       "res.write('begun'); setTimeout(() => {}, 1000);"),
            "");
  const InvocationId id = ArriveWithBody("/");
  Turn();
  Arrive(ClientGone{id});
  TurnUntilQuiet();
  ASSERT_NE(Event(id), nullptr);
  std::string logged;
  for (const auto& line : Event(id)->logs) logged += line.message;
  EXPECT_EQ(logged, R"(["aborted"]["closed",false]["ECONNRESET"])");
}

TEST_F(IsolateHttpTest, WhatIsDoneBehindTheAnswerBelongsToTheRequest) {
  ASSERT_EQ(LoadServer("res.on('finish', () => console.log('finish'));"
                       "res.on('close', () => console.log('close'));"
                       "res.end('done');"
                       "setImmediate(() => console.log('immediate'));"),
            "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id), "200 done");
  ASSERT_NE(Event(id), nullptr);
  std::string logged;
  for (const auto& line : Event(id)->logs) logged += line.message;
  EXPECT_EQ(logged, R"(["finish"]["close"]["immediate"])");
}

TEST_F(IsolateHttpTest, AStorageIsTheSameInTheServersCallbacks) {
  ASSERT_EQ(
      Load("import http from 'node:http';\n"
           "import { AsyncLocalStorage } from 'node:async_hooks';\n"
           "import { handleAsNodeRequest } from 'cloudflare:node';\n"
           "const storage = new AsyncLocalStorage();\n"
           "http.createServer((req, res) => { setTimeout(() => { req.on('data',"
           "  () => {}).on('end', () => res.end(storage.getStore())); }); })"
           "  .listen(1);\n"
           "export default { fetch(request) { return storage.run('kept',"
           "  () => handleAsNodeRequest(1, request)); } };"),
      "");
  const InvocationId id = ArriveWithBody("/");
  Arrive(BodyArrived{id, "body", true});
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id), "200 kept");
}

TEST_F(IsolateHttpTest, PortsAreOfTheIsolate) {
  ASSERT_EQ(Load("import http from 'node:http';\n"
                 "import { once } from 'node:events';\n"
                 "export default { async fetch() {"
                 "  const first = http.createServer().listen(0);"
                 "  await once(first, 'listening');"
                 "  const { port, address } = first.address();"
                 "  const second = http.createServer().listen(port);"
                 "  const [error] = await once(second, 'error');"
                 "  first.close(); await once(first, 'close');"
                 "  second.listen(port); await once(second, 'listening');"
                 "  return new Response([port > 1023, address, error.code,"
                 "    second.address().port === port].join()); } };"),
            "");
  EXPECT_EQ(Ask(), "200 true,::,EADDRINUSE,true");
}

TEST_F(IsolateHttpTest, AServerOfTheSameIsolateIsReachedByItsPort) {
  ASSERT_EQ(
      Load("import http from 'node:http';\n"
           "import { text } from 'node:stream/consumers';\n"
           "const server = http.createServer(async (req, res) => {"
           "  res.setHeader('X-Mixed-Case', 'kept'); res.write('echo ');"
           "  res.end(await text(req)); }).listen(8000);\n"
           "export default { fetch: () => new Promise((resolve, reject) => {"
           "  http.request({ port: 8000, method: 'POST' }, async (res) => {"
           "    resolve(new Response(`${res.statusCode} ${res.rawHeaders[0]} `"
           "      + await text(res))); }).on('error', reject).end('hello');"
           "}) };"),
      "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id), "200 200 X-Mixed-Case echo hello");
}

TEST_F(IsolateHttpTest, TheModuleNeedsNodesModules) {
  compatibility_date_ = "2024-01-01";
  EXPECT_THAT(Load("import { httpServerHandler } from 'cloudflare:node';\n"
                   "export default httpServerHandler({ port: 1 });"),
              HasSubstr("nodejs_compat"));
}

// A server that was upgraded, and its client; both the test's.
class UpgradedTest : public IsolateHttpTest {
 protected:
  // `upgraded` is JS with the server's `socket`, behind the handshake.
  std::string LoadUpgraded(const std::string& upgraded,
                           registry::Limits limits = kPatient) {
    return IsolateFixture::Load(
        "import http from 'node:http';\n"
        "import { httpServerHandler } from 'cloudflare:node';\n"
        "const server = http.createServer();\n"
        "server.on('upgrade', (req, socket) => {"
        "  socket.on('error', ({ code }) => console.log(code));"
        "  socket.write('HTTP/1.1 101 Switching Protocols\\r\\n"
        "Upgrade: websocket\\r\\nConnection: Upgrade\\r\\n\\r\\n');" +
            upgraded +
            "});\n"
            "server.listen(8080);\n"
            "export default httpServerHandler(server);",
        limits);
  }

  InvocationId Open() {
    const InvocationId id = ArriveForWebSocket("/");
    TurnUntilQuiet();
    return id;
  }

  // Turns with `each` messages of `size` bytes.
  void Send(InvocationId id, int turns, int each, size_t size) {
    for (int turn = 0; turn < turns && !isolate_->condemned(); ++turn) {
      for (int i = 0; i < each; ++i) {
        Arrive(WebSocketMessage{id, false, std::string(size, 'x')});
      }
      TurnUntilQuiet();
    }
  }
};

TEST_F(UpgradedTest, EmptyMessagesThatNobodyReadsAreCountedToo) {
  ASSERT_EQ(LoadUpgraded(""), "");
  const InvocationId id = Open();
  ASSERT_EQ(Asked<AcceptWebSocket>().size(), 1U);
  Send(id, 64, 10'000, 0);
  ASSERT_EQ(Asked<WebSocketClose>().size(), 1U);
  EXPECT_EQ(Asked<WebSocketClose>()[0].code, 1013);
  EXPECT_FALSE(isolate_->condemned());
}

TEST_F(UpgradedTest, NothingIsKeptForAServerThatHasClosed) {
  ASSERT_EQ(LoadUpgraded("setTimeout(() => socket.destroy());",
                         {.cpu_ms = 10'000, .memory_bytes = 24 << 20}),
            "");
  const InvocationId id = Open();
  ASSERT_EQ(Asked<WebSocketClose>().size(), 1U);
  EXPECT_EQ(Asked<WebSocketClose>()[0].code, 1011);
  Send(id, 38, 1, 1 << 20);
  EXPECT_FALSE(isolate_->condemned());
  Arrive(WebSocketClosed{id, 1011, "", true});
  TurnUntilQuiet();
  EXPECT_EQ(Outcome(id), "ok");
}

}  // namespace
}  // namespace caravel::runtime
