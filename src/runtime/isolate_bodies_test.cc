#include <gmock/gmock.h>

#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {
namespace {

using testing::SizeIs;

class IsolateBodiesTest : public IsolateFixture {};

TEST_F(IsolateBodiesTest, ABodyThatCameWithItsRequestIsReadInTheSameTurn) {
  ASSERT_EQ(Load("export default { async fetch(r) {"
                 " return Response.json({ n: (await r.json()).n + 1 }); } }"),
            "");
  const InvocationId id = ArriveWithBody("/");
  Arrive(BodyArrived{id, R"({"n":)", false});
  Arrive(BodyArrived{id, "41}", true});
  Turn();
  EXPECT_EQ(Answer(id), R"(200 {"n":42})");
}

TEST_F(IsolateBodiesTest, ARequestShowsTheLengthOfItsBodyWhereItIsKnown) {
  ASSERT_EQ(Load("export default { fetch: (r) => new Response("
                 "r.headers.get('content-length')) }"),
            "");
  const auto told = [&](const std::string& method, int64_t size) {
    const InvocationId id = Arrive("/", method);
    auto& request = std::get<RequestArrived>(inbox_.back());
    request.has_body = size != 0;
    request.head->body_size = size;
    Turn();
    return Answer(id);
  };
  EXPECT_EQ(told("PUT", 7), "200 7");
  EXPECT_EQ(told("POST", 0), "200 0");
  EXPECT_EQ(told("POST", -1), "200 ");
  EXPECT_EQ(told("GET", 0), "200 ");
}

TEST_F(IsolateBodiesTest, ASlowClientHoldsTheWriterBack) {
  ASSERT_EQ(Load("export default { fetch() { let n = 0;"
                 " return new Response(new ReadableStream({ pull(c) {"
                 "  if (n++ === 100) c.close();"
                 "  else c.enqueue(new Uint8Array(16 * 1024)); } })); } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  const size_t before = Asked<RespondBody>().size();
  EXPECT_LE(before, 6U);  // the window is four of them
  Arrive(ResponseCredit{id, 32 * 1024});
  Turn();
  EXPECT_GT(Asked<RespondBody>().size(), before);
  EXPECT_LE(Asked<RespondBody>().size(), before + 4);
  EXPECT_TRUE(Asked<RespondEnd>().empty());
}

TEST_F(IsolateBodiesTest, AClientThatLeavesAbortsTheSignalAndTheEndIsCanceled) {
  ASSERT_EQ(Load("export default { fetch(r) { return new Promise((_, no) =>"
                 " { r.signal.addEventListener('abort', () => {"
                 "   console.log('left'); no(r.signal.reason); });"
                 "   setTimeout(() => {}, 1000); }); } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  Arrive(ClientGone{id});
  TurnUntilQuiet();
  ASSERT_NE(Event(id), nullptr);
  ASSERT_THAT(Event(id)->logs, SizeIs(1));
  EXPECT_EQ(Event(id)->logs[0].message, R"(["left"])");
}

TEST_F(IsolateBodiesTest, AStreamThatBreaksIsCut) {
  ASSERT_EQ(Load("export default { fetch: () => new Response("
                 "new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(9));"
                 " throw new Error('broken'); } })) }"),
            "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  EXPECT_THAT(Asked<RespondAbort>(), SizeIs(1));
  EXPECT_NE(Event(id), nullptr);
}

TEST_F(IsolateBodiesTest, OfTheReasonOfABrokenStreamLittleIsTold) {
  ASSERT_EQ(Load("export default { fetch: () => new Response("
                 "new ReadableStream({ pull() {"
                 " throw new Error('broken'.repeat(1e6)); } })) }"),
            "");
  Arrive("/");
  TurnUntilQuiet();
  ASSERT_THAT(Asked<RespondAbort>(), SizeIs(1));
  EXPECT_EQ(Asked<RespondAbort>()[0].why.size(), 1024U);
}

TEST_F(IsolateBodiesTest, AnAnswerOfAnOriginShowsItsLength) {
  ASSERT_EQ(
      Load("export default { fetch: async () => new Response("
           " (await fetch('http://a/')).headers.get('content-length')) }"),
      "");
  const InvocationId id = Arrive("/");
  Turn();
  const FetchId fetch = Asked<StartFetch>().at(0).fetch;
  FetchAnswered answered{.fetch = fetch, .head = {}};
  answered.head.body_size = 5;
  Arrive(std::move(answered));
  Arrive(BodyArrived{fetch, "hello", true});
  Turn();
  EXPECT_EQ(Answer(id), "200 5");
}

TEST_F(IsolateBodiesTest, AFailedFetchHasTheLinesThatAwaitIt) {
  ASSERT_EQ(Load("const load = async (to) => {\n"
                 "  await fetch('http://a/' + to, { redirect: 'error' });\n"
                 "};\n"
                 "export default { async fetch(request) {\n"
                 "  await load(request.url);\n"
                 "} };"),
            "");
  const InvocationId failed = Arrive("/failed");
  const InvocationId redirected = Arrive("/redirected");
  Turn();
  ASSERT_THAT(Asked<StartFetch>(), SizeIs(2));
  Arrive(FetchFailed{Asked<StartFetch>()[0].fetch, "no road"});
  FetchAnswered answered{Asked<StartFetch>()[1].fetch, {}};
  answered.head.status = 302;
  answered.head.headers.Add("location", "http://b/");
  Arrive(std::move(answered));
  Turn();
  for (const auto& [id, message] :
       {std::pair(failed, "no road"),
        std::pair(
            redirected,
            "fetch: \"http://a/http://test.localhost/redirected\" answered "
            "with a redirect, and redirect is \"error\"")}) {
    ASSERT_NE(Event(id), nullptr);
    EXPECT_EQ(Event(id)->exceptions.at(0).stack,
              fmt::format("TypeError: {}\n"
                          "    at async load (index.js:2:3)\n"
                          "    at async Object.fetch (index.js:5:3)",
                          message));
  }
}

constexpr const char* kUploader = R"js(
  export default {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      let cancelled;
      const reason = new Promise((resolve) => { cancelled = resolve; });
      let chunks = 0;
      const body = new ReadableStream({
        pull(controller) {
          if (++chunks > 3 && pathname === '/forward') controller.close();
          else controller.enqueue(new Uint8Array(64 << 10));
        },
        cancel: cancelled,
      });
      const answer = await fetch('http://origin.test/', { method: 'POST', body });
      if (pathname === '/forward') return answer;
      return new Response((await reason).message + ': ' + (await answer.text()));
    },
  };)js";

TEST_F(IsolateBodiesTest,
       AnUploadThatTheOriginDoesNotWantIsCancelledAndItsAnswerRead) {
  ASSERT_EQ(Load(kUploader), "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  ASSERT_THAT(Asked<StartFetch>(), SizeIs(1));
  const FetchId fetch = Asked<StartFetch>()[0].fetch;
  Arrive(FetchAnswered{fetch, {}});
  Arrive(BodyArrived{fetch, "early", true});
  Arrive(FetchBodyRefused{fetch});
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id),
            "200 the origin has ended the exchange without the rest of the "
            "request's body: early");
  EXPECT_EQ(Outcome(id), "ok");
}

TEST_F(IsolateBodiesTest, AnUploadGoesOnBehindAnAnswerThatIsForwarded) {
  ASSERT_EQ(Load(kUploader), "");
  const InvocationId id = Arrive("/forward");
  TurnUntilQuiet();
  const FetchId fetch = Asked<StartFetch>()[0].fetch;
  Arrive(FetchAnswered{fetch, {}});
  TurnUntilQuiet();
  EXPECT_THAT(Asked<RespondForward>(), SizeIs(1));
  EXPECT_EQ(Outcome(id), "") << "it uploads still";
  for (int i = 0; i < 3; ++i) {
    Arrive(FetchCredit{fetch, 64 << 10});
    TurnUntilQuiet();
  }
  EXPECT_THAT(Asked<FetchBody>(), SizeIs(3));
  EXPECT_THAT(Asked<FetchEnd>(), SizeIs(1));
  EXPECT_THAT(Asked<FetchAbort>(), SizeIs(0));
  EXPECT_EQ(Outcome(id), "ok");
}

TEST_F(IsolateBodiesTest, AForwardedExchangeThatEndsEarlyEndsItsUpload) {
  ASSERT_EQ(Load(kUploader), "");
  const InvocationId id = Arrive("/forward");
  TurnUntilQuiet();
  const FetchId fetch = Asked<StartFetch>()[0].fetch;
  Arrive(FetchAnswered{fetch, {}});
  TurnUntilQuiet();
  Arrive(FetchBodyRefused{fetch});
  TurnUntilQuiet();
  EXPECT_EQ(Outcome(id), "ok");
}

}  // namespace
}  // namespace caravel::runtime
