#include "runtime/ops/log_ops.h"

#include <gmock/gmock.h>

#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {
namespace {

using testing::HasSubstr;
using testing::Not;

// A Worker whose bundler made index.js of src/app.ts, a line of it for each.
class LogOpsTest : public IsolateFixture {
 protected:
  // What a handler with that body says on the console, as tail shows it.
  std::string Logged(const std::string& body) {
    const std::string source =
        "export default { async fetch(request) {\n" + body +
        "\nreturn new Response('x'); } }\n//# sourceMappingURL=index.js.map";
    EXPECT_EQ(Load({{"index.js", registry::ModuleType::kEsModule, source},
                    {"index.js.map", registry::ModuleType::kSourceMap,
                     R"({"version":3,"sources":["src/app.ts"],)"
                     R"("mappings":"AAAA;AACA;AACA"})"}}),
              "");
    const InvocationId id = Arrive("/");
    TurnUntilQuiet();
    const registry::LogEvent* event = Event(id);
    if (event == nullptr || event->logs.size() != 1) return "no log";
    return event->logs[0].message;
  }
};

TEST_F(LogOpsTest, AnErrorShowsTheAuthorsFramesInTheAuthorsFiles) {
  EXPECT_EQ(Logged("console.log(new Error('far'));"),
            R"~(["Error: far\n    at Object.fetch (src/app.ts:2:1)"])~");
}

TEST_F(LogOpsTest, SoDoesOneThatThePlatformThrew) {
  EXPECT_EQ(Logged("try { new URL('//') } catch (e) { console.error(e) }"),
            R"~(["TypeError: Invalid URL: \"//\"\n)~"
            R"~(    at Object.fetch (src/app.ts:2:1)"])~");
}

TEST_F(LogOpsTest, SoDoesOneThatCameOutOfABuiltinThatThePlatformCalled) {
  const std::string text = Logged(
      "try { Response.json({ get a() { throw new Error('mine') } }) }"
      "catch (e) { console.log(e) }");
  EXPECT_THAT(text, HasSubstr("at get a (src/app.ts:2:1)"));
  EXPECT_THAT(text, Not(HasSubstr("caravel:")));
  EXPECT_THAT(text, Not(HasSubstr("JSON.stringify")));
}

TEST_F(LogOpsTest, SoDoesADomException) {
  EXPECT_EQ(Logged("console.log(new DOMException('m', 'AbortError'));"),
            R"~(["AbortError: m\n    at Object.fetch (src/app.ts:2:1)"])~");
}

TEST_F(LogOpsTest, SoDoTheCauseOfAnErrorAndAnErrorInsideAnObject) {
  const std::string text = Logged(
      "console.log(new Map([[1, new Error('a', { cause: new URIError('b') "
      "})]]))");
  EXPECT_THAT(text, HasSubstr("Error: a\\n      at Object.fetch (src/app.ts"));
  EXPECT_THAT(text, HasSubstr("[cause]: URIError: b"));
  EXPECT_THAT(text, Not(HasSubstr("index.js")));
}

TEST_F(LogOpsTest, SoDoesATrace) {
  EXPECT_EQ(Logged("console.trace('here');"),
            R"~(["Trace: here\n    at Object.fetch (src/app.ts:2:1)"])~");
}

TEST_F(LogOpsTest, AStackThatTheAuthorWroteIsShownAsItIs) {
  EXPECT_EQ(Logged("console.log(Object.assign(new Error('x'),"
                   " { stack: 'Error: all mine' }));"),
            R"(["[Error: all mine]"])");
}

TEST_F(LogOpsTest, SoAreModulesThatItMadeUp) {
  EXPECT_EQ(Logged("console.log(Object.assign(new Error('x'),"
                   " { stack: 'Error: x\\n    at made/up.js:1:1"
                   "\\n    at index.js:2:1' }));"),
            R"~(["Error: x\n    at made/up.js:1:1\n    at src/app.ts:2:1"])~");
}

}  // namespace
}  // namespace caravel::runtime
