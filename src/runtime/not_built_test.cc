#include "runtime/not_built.h"

#include <gmock/gmock.h>

#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {
namespace {

using testing::SizeIs;
using testing::StartsWith;

class NotBuiltTest : public IsolateFixture {};

TEST_F(NotBuiltTest, AGlobalThatIsNotBuiltIsNamedAsSuchWhereItsUseIsNotCaught) {
  ASSERT_EQ(Load("export default { fetch() { return new "
                 "WebSocketRequestResponsePair(); } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  ASSERT_NE(Event(id), nullptr);
  ASSERT_THAT(Event(id)->exceptions, SizeIs(1));
  const std::string told =
      "WebSocketRequestResponsePair is not defined: hibernation of WebSockets "
      "is not built in Caravel yet";
  EXPECT_EQ(Event(id)->exceptions[0].message, told);
  EXPECT_THAT(Event(id)->exceptions[0].stack,
              StartsWith("ReferenceError: " + told + "\n    at "));
}

TEST_F(NotBuiltTest, AGlobalThatIsNotBuiltIsNamedAsSuchAtTheStart) {
  EXPECT_THAT(
      Load("new WebSocketRequestResponsePair(); export default { fetch() {} }"),
      StartsWith("Uncaught ReferenceError: "
                 "WebSocketRequestResponsePair is not defined: "
                 "hibernation of WebSockets is not built in Caravel "
                 "yet"));
}

TEST_F(NotBuiltTest, AMethodThatIsNotBuiltIsNamedAsSuch) {
  ASSERT_EQ(Load("export default { fetch(request, env, ctx) {"
                 " const c = { ctx, myctx: {} };"
                 " if (request.url.endsWith('mine')) c.myctx.abort();"
                 " if (request.url.endsWith('abort')) c.ctx.abort();"
                 " navigator.sendBeacon('/'); } }"),
            "");
  const InvocationId abort = Arrive("/abort");
  const InvocationId beacon = Arrive("/");
  const InvocationId mine = Arrive("/mine");
  Turn();
  const auto message_of = [this](InvocationId id) {
    return Event(id)->exceptions.at(0).message;
  };
  EXPECT_EQ(message_of(abort),
            "c.ctx.abort is not a function: it is not built in Caravel yet");
  EXPECT_EQ(message_of(beacon),
            "navigator.sendBeacon is not a function: it is not built in "
            "Caravel yet: hand a fetch() to ctx.waitUntil()");
  EXPECT_EQ(message_of(mine), "c.myctx.abort is not a function");
}

TEST_F(NotBuiltTest, AMistypedGlobalKeepsItsMessage) {
  EXPECT_THAT(Load("cashes; export default { fetch() {} }"),
              StartsWith("Uncaught ReferenceError: cashes is not defined\n"));
}

TEST_F(NotBuiltTest, WhatIsListedAsAbsentIsUndefined) {
  std::string source = "const there = [];";
  for (const AbsentGlobal& global : AbsentGlobals()) {
    source += fmt::format("if (typeof {0} !== 'undefined') there.push('{0}');",
                          global.name);
  }
  ASSERT_EQ(Load(source + "export default { fetch: () =>"
                          " new Response(there.join()) }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "200 ");
}

TEST_F(NotBuiltTest, AnImportThatWranglersPolyfillMayHaveAddedIsToldByItsFlag) {
  registry::Version version;
  version.compatibility_date = "2025-06-01";
  version.compatibility_flags = {"nodejs_compat"};
  const std::string cause = "The compatibility flag nodejs_compat is the cause";
  EXPECT_THAT(NodeCompatNote(version), StartsWith(cause));
  version.compatibility_date = "2026-03-17";  // wrangler adds nothing
  EXPECT_EQ(NodeCompatNote(version), "");
  version.compatibility_date = "2025-06-01";
  version.compatibility_flags = {};
  EXPECT_EQ(NodeCompatNote(version), "");
}

}  // namespace
}  // namespace caravel::runtime
