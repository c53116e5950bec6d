#include "runtime/ops/fetch_ops.h"

#include <gmock/gmock.h>

#include "runtime/ops/header_list.h"
#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr registry::Limits kSmallMemory{.cpu_ms = 500, .memory_bytes = 4 << 20};

class FetchOpsTest : public IsolateFixture {
 protected:
  // How a request ends whose handler has that body; `long_text` is 100 KB.
  std::string OutcomeOf(const std::string& body) {
    EXPECT_EQ(Load("const long_text = 'x'.repeat(100 << 10);"
                   "export default { async fetch() {" +
                       body + "} }",
                   kSmallMemory),
              "");
    id_ = Arrive("/");
    Turn();
    return Outcome(id_);
  }
  InvocationId id_ = 0;
};

TEST_F(FetchOpsTest, HeadersCountAgainstTheMemoryLimit) {
  EXPECT_EQ(OutcomeOf("for (let i = 0; i < 900; ++i) fetch('http://a/',"
                      " { headers: { x: long_text } }).catch(() => {});"),
            "exceededMemory");
  EXPECT_LT(Asked<StartFetch>().size(), 41U);
}

TEST_F(FetchOpsTest, SoDoUrls) {
  EXPECT_EQ(OutcomeOf("for (let i = 0; i < 900; ++i)"
                      " fetch('http://a/' + long_text).catch(() => {});"),
            "exceededMemory");
  EXPECT_LT(Asked<StartFetch>().size(), 41U);
}

TEST_F(FetchOpsTest, HeadersBeyondTheirLimitAreATypeErrorAndNoFetch) {
  OutcomeOf(
      "const headers = { x: long_text, y: long_text };"
      "return new Response("
      "await fetch('http://a/', { headers }).catch((e) => `${e}`));");
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id_),
            "200 TypeError: The headers exceed the limit of 131072 bytes.");
  EXPECT_THAT(Asked<StartFetch>(), IsEmpty());
}

TEST_F(FetchOpsTest, HeadersUpToTheirLimitAreSent) {
  OutcomeOf("await fetch('http://a/', { headers: { x: long_text } })");
  ASSERT_THAT(Asked<StartFetch>(), SizeIs(1));
  const StartFetch ask = Asked<StartFetch>()[0];
  EXPECT_EQ(ask.headers.Find("x"), std::string(100 << 10, 'x'));
}

TEST_F(FetchOpsTest, AnAnswerWithHeadersBeyondTheirLimitIsAnErrorPage) {
  EXPECT_EQ(OutcomeOf("return new Response('x', { headers:"
                      " { x: long_text, y: long_text } });"),
            "exception");
  EXPECT_EQ(Answer(id_), "error 1101");
}

}  // namespace
}  // namespace caravel::runtime
