#include <gmock/gmock.h>

#include "registry/kv_cursor.h"
#include "runtime/testing/js_test.h"
#include "runtime/testing/worker_driver.h"

namespace caravel::runtime {
namespace {

using registry::KvAnswer;
using registry::KvItem;
using registry::KvVerb;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

// A Worker with a KV namespace; the test is the namespace.
class IsolateKvTest : public ::testing::Test, protected WorkerDriver {
 protected:
  IsolateKvTest() : WorkerDriver(EngineEnvironment::Shared()) {}

  // Begins a request whose handler answers with what `expression` comes to.
  void Evaluate(const std::string& expression, const std::string& before = "") {
    registry::Version version;
    version.limits = {.cpu_ms = 2'000, .subrequests = 3};
    version.compatibility_date = "2026-01-01";
    version.bindings = {
        {"TEXT", registry::BindingType::kPlainText, "t"},
        {"KV", registry::BindingType::kKvNamespace, std::string(32, 'a')}};
    ASSERT_EQ(WorkerDriver::Load(
                  {{"index.js", registry::ModuleType::kEsModule,
                    before +
                        "\nexport default { async fetch(request, { KV }) {"
                        "let value; try { value = await (" +
                        expression +
                        ") } catch (e) { value = e.name + ': ' + e.message }"
                        "return Response.json(value ?? null) } }"}},
                  version),
              "");
    id_ = WorkerDriver::Arrive("/");
    Turn();
  }
  AskKv Question() { return Asked<AskKv>().back(); }
  void Reply(KvAnswer answer) {
    Arrive(KvAnswered{Question().question,
                      std::make_shared<const KvAnswer>(std::move(answer))});
    TurnUntilQuiet();
  }
  static KvItem Found(std::string value,
                      std::optional<std::string> metadata = {}) {
    return {.found = true,
            .key = {},
            .value = std::move(value),
            .metadata = std::move(metadata),
            .expiration = {}};
  }
  static KvAnswer With(std::vector<KvItem> items) {
    KvAnswer answer;
    answer.items = std::move(items);
    return answer;
  }
  InvocationId id_ = 0;
};

TEST_F(IsolateKvTest, GetAsksForTheKeyOfItsBinding) {
  Evaluate("KV.get('a key')");
  EXPECT_EQ(Question().binding, 1U);
  EXPECT_EQ(Question().asks.verb, KvVerb::kGet);
  EXPECT_THAT(Question().asks.keys, ElementsAre("a key"));
  Reply(With({Found("v\xC3\xA9")}));
  EXPECT_EQ(Answer(id_), "200 \"v\xC3\xA9\"");
}

TEST_F(IsolateKvTest, TextIsDecodedAsUtf8) {
  Evaluate("KV.get('k')");
  Reply(With({Found("\xEF\xBB\xBFx\xFF")}));
  EXPECT_EQ(Answer(id_), "200 \"x\xEF\xBF\xBD\"");
}

TEST_F(IsolateKvTest, BytesComeAsTheyAre) {
  Evaluate("KV.get('k', 'arrayBuffer').then(b => [...new Uint8Array(b)])");
  Reply(With({Found(std::string("\0\xFF", 2))}));
  EXPECT_EQ(Answer(id_), "200 [0,255]");
}

TEST_F(IsolateKvTest, WhatIsNotThereIsNull) {
  Evaluate("KV.getWithMetadata('k', 'stream')");
  Reply(With({KvItem()}));
  EXPECT_EQ(Answer(id_),
            R"(200 {"value":null,"metadata":null,"cacheStatus":null})");
}

TEST_F(IsolateKvTest, AFailureIsAnErrorOfWorkers) {
  Evaluate("KV.delete('k')");
  KvAnswer failed;
  failed.status = 503;
  failed.error = "Service Unavailable";
  Reply(failed);
  EXPECT_EQ(Answer(id_),
            "200 \"Error: KV DELETE failed: 503 Service Unavailable\"");
}

TEST_F(IsolateKvTest, PutTakesWhatIsThereAtTheCall) {
  Evaluate(
      "(() => { const b = new Uint8Array([104, 105]);"
      "const p = KV.put('k', b, { metadata: { m: 1 },"
      " expirationTtl: '60' }); b.fill(0); return p })()");
  EXPECT_EQ(Question().asks.verb, KvVerb::kPut);
  EXPECT_EQ(Question().asks.value, "hi");
  EXPECT_EQ(Question().asks.metadata, R"({"m":1})");
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                       clock_.Wall().time_since_epoch())
                       .count();
  EXPECT_NEAR(static_cast<double>(Question().asks.expiration.value()),
              static_cast<double>(now + 60), 30);
  Reply(KvAnswer());
  EXPECT_EQ(Answer(id_), "200 null");
}

TEST_F(IsolateKvTest, ListGoesOnBehindItsCursor) {
  Evaluate("KV.list({ prefix: 'p', limit: 2, cursor: '" +
           registry::KvCursorBehind("pa") + "' })");
  EXPECT_EQ(Question().asks.verb, KvVerb::kList);
  EXPECT_THAT(Question().asks.keys, ElementsAre("p"));
  EXPECT_EQ(Question().asks.after, "pa");
  EXPECT_EQ(Question().asks.limit, 2U);
  KvItem item = Found("", R"("m")");
  item.key = "pb";
  item.expiration = 1'900'000'000;
  KvAnswer answer = With({item});
  answer.complete = false;
  Reply(answer);
  EXPECT_EQ(Answer(id_),
            R"(200 {"keys":[{"name":"pb","expiration":1900000000,)"
            R"("metadata":"m"}],"list_complete":false,"cursor":")" +
                registry::KvCursorBehind("pb") + R"(","cacheStatus":null})");
}

TEST_F(IsolateKvTest, EachCallIsASubrequest) {
  Evaluate(
      "(async () => { for (let i = 0; i < 3; i++) KV.get('k' + i);"
      "return await KV.get('k') })()");
  EXPECT_THAT(Asked<AskKv>(), SizeIs(3));
  TurnUntilQuiet();
  EXPECT_THAT(Answer(id_), HasSubstr("Too many subrequests"));
}

TEST_F(IsolateKvTest, AtGlobalScopeItIsRefused) {
  Evaluate("refused",
           "import { env } from 'cloudflare:workers';"
           "let refused; env.KV.get('k').catch((e) => { refused = e.message });"
           "await null; await null; await null; await null;");
  EXPECT_THAT(Asked<AskKv>(), IsEmpty());
  EXPECT_THAT(Answer(id_), StartsWith("200 \"Disallowed operation"));
}

TEST_F(IsolateKvTest, ScriptSeesNothingOfWhatLiesBetween) {
  Evaluate("KV.getWithMetadata('k')",
           "globalThis.seen = 0;"
           "Array.prototype.then = function () { seen++ };"
           "Promise.prototype.then = function () { seen++ };"
           "Map.prototype.set = function () { seen++ };");
  Reply(With({Found("v", "1")}));
  EXPECT_EQ(Answer(id_),
            R"(200 {"value":"v","metadata":1,"cacheStatus":null})");
}

TEST_F(IsolateKvTest, ARequestThatIsOverIsNotWaitedFor) {
  Evaluate("(KV.get('k'), 'done')");
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id_), "200 \"done\"");
  Reply(With({Found("late")}));
}

TEST_F(IsolateKvTest, ACursorIsNoLongerThanAKey) {
  Evaluate("KV.list({ cursor: 'aa'.repeat(513) })");
  EXPECT_THAT(Asked<AskKv>(), IsEmpty());
  EXPECT_EQ(Answer(id_), "200 \"Error: KV GET failed: 400 Invalid cursor\"");
}

TEST_F(IsolateKvTest, EntriesEndBeforeClocksDo) {
  Evaluate("KV.put('k', 'v', { expiration: 9000000001 })");
  EXPECT_THAT(Asked<AskKv>(), IsEmpty());
  EXPECT_EQ(Answer(id_),
            "200 \"Error: KV PUT failed: 400 Invalid expiration of 9000000001. "
            "It must be at most 9000000000.\"");
}

TEST_F(IsolateKvTest, ATimeToLiveEndsBeforeClocksDo) {
  Evaluate("KV.put('k', 'v', { expirationTtl: 9000000000 })");
  EXPECT_THAT(Asked<AskKv>(), IsEmpty());
  EXPECT_THAT(Answer(id_), HasSubstr("Invalid expiration_ttl of 9000000000."));
}

}  // namespace
}  // namespace caravel::runtime
