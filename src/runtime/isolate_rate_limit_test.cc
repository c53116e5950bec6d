#include <gmock/gmock.h>

#include "runtime/testing/js_test.h"
#include "runtime/testing/worker_driver.h"

namespace caravel::runtime {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

// A Worker with two rate limits; the test is who counts.
class IsolateRateLimitTest : public ::testing::Test, protected WorkerDriver {
 protected:
  IsolateRateLimitTest() : WorkerDriver(EngineEnvironment::Shared()) {}

  // Begins a request whose handler answers with what `expression` comes to.
  void Evaluate(const std::string& expression) {
    registry::Version version;
    version.limits = {.cpu_ms = 2'000, .subrequests = 1};
    version.compatibility_date = "2026-01-01";
    version.bindings = {
        {"SLOW", registry::BindingType::kRatelimit,
         R"({"namespace_id":"1001","simple":{"limit":5,"period":60}})"},
        {"FAST", registry::BindingType::kRatelimit,
         R"({"namespace_id":"1002","simple":{"limit":7,"period":10}})"}};
    ASSERT_EQ(WorkerDriver::Load(
                  {{"index.js", registry::ModuleType::kEsModule,
                    "export default { async fetch(request, { SLOW, FAST }) {"
                    "let value; try { value = await (" +
                        expression +
                        ") } catch (e) { value = e.name + ': ' + e.message }"
                        "return Response.json(value ?? null) } }"}},
                  version),
              "");
    id_ = WorkerDriver::Arrive("/");
    Turn();
  }
  void Reply(bool success) {
    Arrive(RateLimited{Asked<AskRateLimit>().back().question, success});
    TurnUntilQuiet();
  }
  InvocationId id_ = 0;
};

TEST_F(IsolateRateLimitTest, ACallAsksWithTheLimitOfItsBinding) {
  Evaluate("FAST.limit({ key: 'a \\u00e9' })");
  ASSERT_THAT(Asked<AskRateLimit>(), SizeIs(1));
  const AskRateLimit asked = Asked<AskRateLimit>().front();
  EXPECT_EQ(asked.key, "a \xC3\xA9");
  EXPECT_EQ(asked.limit->space, "1002");
  EXPECT_EQ(asked.limit->limit, 7U);
  EXPECT_EQ(asked.limit->period, 10U);
  EXPECT_EQ(Answer(id_), "");
  Reply(true);
  EXPECT_EQ(Answer(id_), R"(200 {"success":true})");
}

TEST_F(IsolateRateLimitTest, WhatIsBeyondTheLimitHasNoSuccess) {
  Evaluate("SLOW.limit({ key: 'k' })");
  Reply(false);
  EXPECT_EQ(Answer(id_), R"(200 {"success":false})");
}

TEST_F(IsolateRateLimitTest, CallsAreNoSubrequests) {
  Evaluate(
      "Promise.all(['a', 'b', 'c'].map((key) => SLOW.limit({ key })))"
      ".then((all) => all.map(({ success }) => success))");
  const auto asked = Asked<AskRateLimit>();
  ASSERT_THAT(asked, SizeIs(3));
  for (const AskRateLimit& ask : asked) {
    Arrive(RateLimited{ask.question, ask.key != "b"});
  }
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id_), "200 [true,false,true]");
}

TEST_F(IsolateRateLimitTest, WhatIsWrongWithACallIsAnErrorOfWorkers) {
  Evaluate(
      "Promise.all([undefined, 'k', { key: 1 }, { key: null },"
      " { key: 'k', limit: 5, x: 1 }]"
      ".map((o) => SLOW.limit(o).catch((e) => e.message)))");
  EXPECT_EQ(Answer(id_),
            R"(200 ["invalid rate limit options","invalid rate limit options",)"
            R"("invalid key: 1","invalid key: null",)"
            R"("bad rate limit options: [limit,x]"])");
  EXPECT_THAT(Asked<AskRateLimit>(), IsEmpty());
}

TEST_F(IsolateRateLimitTest, LongKeysAreToldApartByAFewBytes) {
  Evaluate(
      "Promise.all(['a'.repeat(256), 'a'.repeat(257), 'a'.repeat(1e6),"
      " 'a'.repeat(1e6 - 1) + 'b', 'a'.repeat(257)]"
      ".map((key) => SLOW.limit({ key })))");
  const auto asked = Asked<AskRateLimit>();
  ASSERT_THAT(asked, SizeIs(5));
  EXPECT_EQ(asked[0].key, std::string(256, 'a'));
  for (size_t i = 1; i < asked.size(); ++i) {
    EXPECT_THAT(asked[i].key, SizeIs(33)) << i;
    EXPECT_EQ(asked[i].key.front(), '\xff') << "no key of script's begins so";
  }
  EXPECT_EQ(asked[1].key, asked[4].key);
  EXPECT_NE(asked[1].key, asked[2].key);
  EXPECT_NE(asked[2].key, asked[3].key);
}

TEST_F(IsolateRateLimitTest, WithoutAKeyTheEmptyOneIsMeant) {
  Evaluate("SLOW.limit({})");
  ASSERT_THAT(Asked<AskRateLimit>(), SizeIs(1));
  EXPECT_EQ(Asked<AskRateLimit>().front().key, "");
}

TEST_F(IsolateRateLimitTest, ItsClassIsKnownByName) {
  Evaluate("[String(SLOW), typeof SLOW.constructor, typeof RateLimit]");
  EXPECT_EQ(Answer(id_),
            R"(200 ["[object RateLimit]","function","undefined"])");
}

}  // namespace
}  // namespace caravel::runtime
