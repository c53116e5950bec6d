#include <gmock/gmock.h>

#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// Service workers: a script whose handlers are listeners, and whose bindings
// are globals.
class IsolateScriptTest : public IsolateFixture {
 protected:
  std::string Run(const std::string& source) {
    return Load({{"worker.js", registry::ModuleType::kScript, source}});
  }
  std::string Ask(const std::string& path) {
    const InvocationId id = Arrive(path);
    Turn();
    return Answer(id);
  }
};

TEST_F(IsolateScriptTest, AListenerAnswersRequests) {
  ASSERT_EQ(Run("addEventListener('fetch', (event) => {"
                " event.respondWith(new Response([this === globalThis,"
                "  event.type, event instanceof FetchEvent,"
                "  event.target === self,"
                "  new URL(event.request.url).pathname].join())); });"),
            "");
  EXPECT_EQ(Ask("/x"), "200 true,fetch,true,true,/x");
}

TEST_F(IsolateScriptTest, APromiseMayBeTheAnswer) {
  ASSERT_EQ(Run("async function answer() { await 0; return new Response('a'); }"
                "addEventListener('fetch', (event) => {"
                " event.respondWith(answer()); });"),
            "");
  EXPECT_EQ(Ask("/"), "200 a");
}

TEST_F(IsolateScriptTest, BindingsAreGlobals) {
  bindings_ = {{"TEXT", registry::BindingType::kPlainText, "text"},
               {"VALUE", registry::BindingType::kJson, R"({"a":[1]})"},
               {"BLOB", registry::BindingType::kTextBlob, "blob"},
               {"DATA", registry::BindingType::kDataBlob, "data"},
               {"WASM", registry::BindingType::kWasmModule, "wasm"}};
  ASSERT_EQ(
      Load({{"worker.js", registry::ModuleType::kScript,
             "const atStart = TEXT; addEventListener('fetch', (event) =>"
             " event.respondWith(new Response([atStart, VALUE.a[0], BLOB,"
             "  new Uint8Array(DATA)[0], WASM instanceof WebAssembly.Module"
             "  ].join())));"},
            {"blob", registry::ModuleType::kText, "b"},
            {"data", registry::ModuleType::kData, "\x07"},
            {"wasm", registry::ModuleType::kWasm,
             std::string("\0asm\x01\0\0\0", 8)}}),
      "");
  EXPECT_EQ(Ask("/"), "200 text,1,b,7,true");
}

TEST_F(IsolateScriptTest, ABindingOfAMissingModuleIsNamed) {
  bindings_ = {{"BLOB", registry::BindingType::kTextBlob, "blob"}};
  EXPECT_THAT(Run("addEventListener('fetch', () => {});"),
              HasSubstr("binding \"BLOB\": the Worker has no module \"blob\""));
}

TEST_F(IsolateScriptTest, OnlyTheFirstListenerThatRespondsAnswers) {
  ASSERT_EQ(
      Run("let told = '';"
          "addEventListener('fetch', (event) => {"
          " if (event.request.url.endsWith('/told'))"
          "  return event.respondWith(new Response(told));"
          " if (event.request.url.endsWith('/second')) return;"
          " event.respondWith(new Response('first'));"
          " try { event.respondWith(new Response('again')); }"
          " catch (e) { told += `${e.name}: ${e.message}`; } });"
          "addEventListener('fetch', (event) => {"
          " told += 'second '; event.respondWith(new Response('2')); });"),
      "");
  EXPECT_EQ(Ask("/first"), "200 first");
  EXPECT_EQ(Ask("/told"),
            "200 InvalidStateError: FetchEvent.respondWith() has already been "
            "called; it can only be called once.");
  EXPECT_EQ(Ask("/second"), "200 2");
}

TEST_F(IsolateScriptTest, AListenerThatThrowsFailsTheRequest) {
  ASSERT_EQ(
      Run("addEventListener('fetch', (event) => {"
          " event.respondWith(new Response('a')); throw Error('no'); });"),
      "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Outcome(id), "exception");
  ASSERT_EQ(Event(id)->exceptions.size(), 1u);
  EXPECT_EQ(Event(id)->exceptions[0].message, "no");
}

TEST_F(IsolateScriptTest, RespondingTooLateIsAnError) {
  ASSERT_EQ(Run("let error; addEventListener('fetch', (event) => {"
                " if (event.request.url.endsWith('/told'))"
                "  return event.respondWith(new Response(error));"
                " Promise.resolve().then(() => {"
                "  try { event.respondWith(new Response('late')); }"
                "  catch (e) { error = e.message; } }); });"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  // Nobody answered: the request goes on to its own URL.
  EXPECT_EQ(Asked<StartFetch>().size(), 1u);
  EXPECT_EQ(Outcome(id), "");
  EXPECT_THAT(Ask("/told"), StartsWith("200 Too late to call "));
}

TEST_F(IsolateScriptTest, WaitUntilHoldsTheInvocation) {
  ASSERT_EQ(
      Run("addEventListener('fetch', (event) => {"
          " event.waitUntil(new Promise((resolve) => setTimeout(resolve, 9)));"
          " event.respondWith(new Response('a')); });"),
      "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "200 a");
  EXPECT_EQ(Outcome(id), "");
}

TEST_F(IsolateScriptTest, AScriptThatListensToNothingIsRefused) {
  EXPECT_EQ(Run("let x = 1;"),
            "the script \"worker.js\" registers no event handler: add "
            "\"addEventListener('fetch', (event) => event.respondWith(...))\"");
}

TEST_F(IsolateScriptTest, AnErrorAtStartIsToldWithItsLine) {
  EXPECT_THAT(Run("let x = 1;\nnope();"),
              AllOf(StartsWith("Uncaught ReferenceError: nope is not defined"),
                    HasSubstr("worker.js:2")));
}

TEST_F(IsolateScriptTest, TheScriptCannotImportItself) {
  ASSERT_EQ(
      Run("addEventListener('fetch', (event) => event.respondWith("
          " import('worker.js').catch((e) => new Response(e.message))));"),
      "");
  EXPECT_THAT(Ask("/"), HasSubstr("No such module \"worker.js\""));
}

}  // namespace
}  // namespace caravel::runtime
