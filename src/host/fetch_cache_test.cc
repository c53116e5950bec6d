#include "host/fetch_cache.h"

#include <gmock/gmock.h>

#include "net/scripted_asker.h"
#include "net/scripted_target.h"

namespace caravel::host {
namespace {

using testing::SizeIs;

class FetchCacheTest : public testing::Test {
 protected:
  FetchCacheTest() {
    rules_.cache = true;
    rules_.ttl = 60;
  }

  std::unique_ptr<net::ScriptedAsker> Ask(
      const std::vector<net::Headers::Field>& fields = {},
      std::string method = "GET", std::string url = "http://a/b") {
    net::RequestHead head;
    head.method = std::move(method);
    head.headers = net::MakeHead(200, fields).headers;
    net::Target& way =
        fetches_.Before(origin_, "account", url,
                        std::make_shared<const runtime::FetchRules>(rules_));
    auto asker = std::make_unique<net::ScriptedAsker>(std::move(head), way);
    asker->Take(1 << 20);
    Poll();
    return asker;
  }
  void Poll() {
    for (int i = 0; i < 3; ++i) loop_->Poll(std::chrono::nanoseconds(0));
  }
  // The origin says that what it is asked for is as before.
  void AnswerUnchanged(const std::vector<net::Headers::Field>& fields = {}) {
    Origin().Respond(net::MakeHead(304, fields));
    Poll();
  }
  void KeepStale(const std::vector<net::Headers::Field>& fields) {
    const auto asker = Ask();
    Origin().Respond(net::MakeHead(200, fields), "a body");
    clock_.Advance(std::chrono::seconds(61));
  }
  net::ScriptedExchange& Origin() { return *origin_.exchanges.back(); }
  static std::string Status(const net::ScriptedAsker& asker) {
    return asker.head ? std::string(asker.head->headers.Find("cf-cache-status")
                                        .value_or("none"))
                      : "no answer";
  }
  // The origin answers `body` in pieces.
  void AnswerInPieces(std::string_view body, int64_t size = -1) {
    net::ResponseHead head = net::MakeHead(200, {{"ETag", "\"e\""}}, size);
    Origin().Start(head);
    const size_t half = body.size() / 2;
    EXPECT_EQ(Origin().Send(body.substr(0, half)), half);
    EXPECT_EQ(Origin().Send(body.substr(half)), body.size() - half);
    Origin().End();
  }

  base::FakeClock clock_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  Cache cache_{clock_,
               {.bytes = 4 << 20, .body = 1 << 10, .arriving = 8 << 10}};
  CacheTarget target_{*loop_, cache_, clock_};
  net::ScriptedTarget origin_;
  FetchCache fetches_{cache_, target_, clock_};
  runtime::FetchRules rules_;
};

TEST_F(FetchCacheTest, WhatAnOriginAnsweredIsGivenAgain) {
  const auto first = Ask();
  AnswerInPieces("a body");
  EXPECT_TRUE(first->ended);
  EXPECT_EQ(first->body, "a body");
  EXPECT_EQ(Status(*first), "MISS");
  clock_.Advance(std::chrono::seconds(59));
  const auto again = Ask();
  EXPECT_THAT(origin_.exchanges, SizeIs(1));
  EXPECT_TRUE(again->ended);
  EXPECT_EQ(again->body, "a body");
  EXPECT_EQ(Status(*again), "HIT");
  EXPECT_EQ(again->head->headers.Find("age"), "59");
  clock_.Advance(std::chrono::seconds(2));
  (void)Ask();
  EXPECT_THAT(origin_.exchanges, SizeIs(2));
}

TEST_F(FetchCacheTest, AWholeAnswerIsKeptToo) {
  const auto first = Ask();
  Origin().Respond(net::MakeHead(404, {{"Set-Cookie", "a"}, {"X", "1"}}),
                   "gone");
  EXPECT_EQ(first->head->headers.Find("set-cookie"), "a");
  const auto again = Ask();
  EXPECT_EQ(again->head->status, 404);
  EXPECT_EQ(again->body, "gone");
  EXPECT_EQ(again->head->headers.Find("x"), "1");
  EXPECT_FALSE(again->head->headers.Find("set-cookie"));
}

TEST_F(FetchCacheTest, ConditionsAndPartsAreAnsweredFromWhatIsKept) {
  const auto first = Ask();
  AnswerInPieces("0123456789", 10);
  EXPECT_EQ(Ask({{"If-None-Match", "\"e\""}})->head->status, 304);
  const auto part = Ask({{"Range", "bytes=2-3"}});
  EXPECT_EQ(part->head->status, 206);
  EXPECT_EQ(part->body, "23");
  EXPECT_THAT(origin_.exchanges, SizeIs(1));
}

TEST_F(FetchCacheTest, WhatIsNotToBeKeptIsAskedForAnew) {
  rules_.ttl.reset();
  const auto first = Ask();
  Origin().Respond(net::MakeHead(200, {{"Cache-Control", "no-store"}}), "x");
  EXPECT_EQ(Status(*first), "BYPASS");
  (void)Ask();
  EXPECT_THAT(origin_.exchanges, SizeIs(2));
}

TEST_F(FetchCacheTest, WhatIsStaleIsGivenWhereTheOriginSaysThatItHolds) {
  KeepStale({{"ETag", "\"e\""},
             {"Last-Modified", "then"},
             {"X", "old"},
             {"Content-Type", "text/plain"}});
  const auto again = Ask({{"if-none-match", "\"other\""}, {"accept", "a"}});
  ASSERT_THAT(origin_.exchanges, SizeIs(2));
  const net::Headers& asked = Origin().head.headers;
  EXPECT_THAT(asked, SizeIs(3));
  EXPECT_EQ(asked.Find("if-none-match"), "\"e\"");
  EXPECT_EQ(asked.Find("if-modified-since"), "then");
  EXPECT_EQ(asked.Find("accept"), "a");
  AnswerUnchanged({{"X", "new"}, {"Content-Type", "none"}, {"Age", "9"}});
  EXPECT_TRUE(again->ended);
  EXPECT_EQ(again->head->status, 200);
  EXPECT_EQ(again->body, "a body");
  EXPECT_EQ(Status(*again), "REVALIDATED");
  EXPECT_EQ(again->head->headers.Find("age"), "0");
  EXPECT_EQ(again->head->headers.Find("x"), "new");
  EXPECT_EQ(again->head->headers.Find("content-type"), "text/plain");
  clock_.Advance(std::chrono::seconds(59));
  EXPECT_EQ(Status(*Ask()), "HIT");
  EXPECT_THAT(origin_.exchanges, SizeIs(2));
}

TEST_F(FetchCacheTest, AnAnswerInPiecesCanSayThatNothingHasChanged) {
  KeepStale({{"ETag", "\"e\""}});
  const auto again = Ask();
  Origin().Start(net::MakeHead(304, {}));
  EXPECT_FALSE(again->head);
  Origin().End();
  Poll();
  EXPECT_EQ(again->body, "a body");
  EXPECT_EQ(Status(*again), "REVALIDATED");
}

TEST_F(FetchCacheTest, WhatIsRevalidatedMeetsTheConditionsOfItsRequest) {
  KeepStale({{"ETag", "\"e\""}});
  const auto again = Ask({{"If-None-Match", "\"e\""}});
  AnswerUnchanged();
  EXPECT_EQ(again->head->status, 304);
  clock_.Advance(std::chrono::seconds(61));
  const auto part = Ask({{"Range", "bytes=2-3"}});
  AnswerUnchanged();
  EXPECT_EQ(part->head->status, 206);
  EXPECT_EQ(part->body, "bo");
}

TEST_F(FetchCacheTest, WhatHasChangedTakesTheStaleOnesPlace) {
  KeepStale({{"ETag", "\"e\""}});
  const size_t before = cache_.bytes();
  const auto again = Ask();
  Origin().Respond(net::MakeHead(200, {{"ETag", "\"f\""}}), "b body");
  EXPECT_EQ(again->body, "b body");
  EXPECT_EQ(Status(*again), "EXPIRED");
  EXPECT_EQ(cache_.bytes(), before);
  EXPECT_EQ(Ask()->body, "b body");
}

TEST_F(FetchCacheTest, WhatIsNotToBeKeptAnyMoreIsAskedForEachTime) {
  rules_.ttl.reset();
  KeepStale({{"ETag", "\"e\""}, {"Cache-Control", "max-age=60"}});
  for (int i = 0; i < 2; ++i) {
    const auto again = Ask();
    AnswerUnchanged({{"Cache-Control", "private"}});
    EXPECT_EQ(again->body, "a body");
    EXPECT_EQ(Status(*again), "REVALIDATED");
  }
  const auto changed = Ask();
  Origin().Respond(net::MakeHead(503), "away");
  EXPECT_EQ(Status(*changed), "BYPASS");
}

TEST_F(FetchCacheTest, WhatExpiresAtOnceIsAskedForEachTime) {
  rules_.ttl = 0;
  const auto first = Ask();
  Origin().Respond(net::MakeHead(200, {{"ETag", "\"e\""}}), "a body");
  EXPECT_EQ(Status(*first), "MISS");
  for (int i = 0; i < 3; ++i) {
    const auto again = Ask();
    AnswerUnchanged();
    EXPECT_EQ(Status(*again), "REVALIDATED");
    EXPECT_EQ(again->body, "a body");
  }
  const auto other = Ask({}, "GET", "http://a/other");
  Origin().Respond(net::MakeHead(200), "no ETag");
  EXPECT_EQ(Status(*other), "BYPASS");
}

TEST_F(FetchCacheTest, WhatNoOriginCanBeAskedAboutIsMissed) {
  KeepStale({});
  const auto again = Ask({{"If-None-Match", "\"mine\""}});
  EXPECT_EQ(Origin().head.headers.Find("if-none-match"), "\"mine\"");
  AnswerUnchanged();
  EXPECT_EQ(again->head->status, 304);
  EXPECT_EQ(Status(*again), "BYPASS");
}

TEST_F(FetchCacheTest, ARevalidationCanBeGivenUp) {
  KeepStale({{"ETag", "\"e\""}});
  auto again = Ask();
  again->Cancel();
  EXPECT_NE(Origin().cancelled, "");
  auto failed = Ask();
  Origin().Abort(Error(ErrorCode::kUnavailable, "fetch to a:80: refused"));
  EXPECT_EQ(failed->aborted, "fetch to a:80: refused");
  auto given = Ask();
  given->Take(1);
  AnswerUnchanged();
  EXPECT_TRUE(cache_.Delete({"account", "default", "http://a/b"}));
  EXPECT_EQ(cache_.bytes(), 0U) << "nobody holds it";
}

TEST_F(FetchCacheTest, WhatAnOriginMayGoByIsPartOfTheKey) {
  const auto poisoned = Ask({{"X-Forwarded-Host", "evil.example"}});
  Origin().Respond(net::MakeHead(200), "links to evil.example");
  const auto first = Ask();
  ASSERT_THAT(origin_.exchanges, SizeIs(2));
  Origin().Respond(net::MakeHead(200), "a body");
  EXPECT_EQ(Ask()->body, "a body");
  EXPECT_EQ(Ask({{"x-forwarded-scheme", "https"}, {"Accept", "x"}})->body,
            "a body");
  EXPECT_EQ(Ask({{"x-forwarded-host", "evil.example"}})->body,
            "links to evil.example");
  for (const char* name :
       {"Origin", "X-Host", "X-Original-URL", "X-Rewrite-URL", "Forwarded",
        "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override",
        "X-Forwarded-Scheme"}) {
    const size_t before = origin_.exchanges.size();
    (void)Ask({{name, "evil.example"}});
    EXPECT_THAT(origin_.exchanges, SizeIs(before + 1)) << name;
  }
}

TEST_F(FetchCacheTest, WhatIsKeptIsInACodingThatIsDecodedForAll) {
  const auto first = Ask({{"accept-encoding", "gzip, deflate, br, zstd"}});
  EXPECT_EQ(Origin().head.headers.Find("accept-encoding"), "br, gzip");
  Origin().Respond(net::MakeHead(200, {{"Vary", "Accept-Encoding"}}), "a body");
  EXPECT_EQ(Ask({{"accept-encoding", "identity"}})->body, "a body");
  const auto part =
      Ask({{"accept-encoding", "identity"}, {"range", "bytes=0-1"}});
  ASSERT_THAT(origin_.exchanges, SizeIs(2));
  EXPECT_EQ(Origin().head.headers.Find("accept-encoding"), "identity");
  const auto post = Ask({{"accept-encoding", "zstd"}}, "POST");
  EXPECT_EQ(Origin().head.headers.Find("accept-encoding"), "zstd");
}

TEST_F(FetchCacheTest, AWholeInACodingThatWhoeverAskedForAPartChoseIsNotKept) {
  const std::vector<net::Headers::Field> asked = {{"range", "bytes=0-1"},
                                                  {"accept-encoding", "zstd"}};
  const auto first = Ask(asked);
  Origin().Respond(net::MakeHead(200, {{"Content-Encoding", "zstd"}}), "coded");
  EXPECT_EQ(first->body, "coded");
  EXPECT_EQ(Status(*first), "BYPASS");
  const auto second = Ask(asked);
  ASSERT_THAT(origin_.exchanges, SizeIs(2));
  Origin().Respond(net::MakeHead(200), "a body");
  EXPECT_EQ(Ask()->body, "a body");
  EXPECT_THAT(origin_.exchanges, SizeIs(2));
}

TEST_F(FetchCacheTest, WhatIsKeptInACodingIsRenewedForWhoAsksForAPartToo) {
  KeepStale({{"ETag", "\"e\""}, {"Content-Encoding", "gzip"}});
  const auto part = Ask({{"range", "bytes=2-3"}});
  AnswerUnchanged();
  EXPECT_EQ(Status(*part), "REVALIDATED");
  EXPECT_EQ(part->body, "a body");
  EXPECT_EQ(Status(*Ask()), "HIT");
  EXPECT_THAT(origin_.exchanges, SizeIs(2));
}

TEST_F(FetchCacheTest, AnAnswerWithoutRoomForItsHeadPassesUnkept) {
  const std::string large(5 << 10, 'x');
  const auto first = Ask();
  Origin().Start(net::MakeHead(200, {{"X", large}}));
  EXPECT_EQ(Status(*first), "BYPASS");
  const auto second = Ask({}, "GET", "http://a/other");
  Origin().Start(net::MakeHead(200, {{"X", large.substr(0, 1 << 10)}}));
  EXPECT_EQ(Status(*second), "MISS");
  EXPECT_FALSE(cache_.Reserve("account", 3 << 10)) << "it is counted";
  Origin().End();
  EXPECT_TRUE(cache_.Reserve("account", 4 << 10));
}

TEST_F(FetchCacheTest, ARequestWithoutRoomForItsHeadPassesUnkept) {
  const std::string large(5 << 10, 'x');
  const auto first = Ask({{"X", large}});
  Origin().Respond(net::MakeHead(200), "a body");
  EXPECT_EQ(first->body, "a body");
  EXPECT_EQ(Status(*first), "BYPASS");
  EXPECT_EQ(cache_.bytes(), 0U);
}

TEST_F(FetchCacheTest, OnlyGetIsAnsweredFromTheCache) {
  const auto first = Ask();
  Origin().Respond(net::MakeHead(200), "x");
  const auto post = Ask({}, "POST");
  ASSERT_THAT(origin_.exchanges, SizeIs(2));
  Origin().Respond(net::MakeHead(200), "y");
  EXPECT_EQ(Status(*post), "DYNAMIC");
  EXPECT_EQ(Ask()->body, "x");
}

TEST_F(FetchCacheTest, AHeadIsAnsweredFromWhatAGetHasKept) {
  const auto before = Ask({}, "HEAD");
  Origin().Respond(net::MakeHead(200, {}, 6));
  EXPECT_EQ(Status(*before), "BYPASS");
  const auto kept = Ask();
  ASSERT_THAT(origin_.exchanges, SizeIs(2)) << "the head was not kept";
  Origin().Respond(net::MakeHead(200, {{"X", "1"}, {"ETag", "\"e\""}}),
                   "a body");
  const auto head = Ask({{"Range", "bytes=0-1"}}, "HEAD");
  EXPECT_THAT(origin_.exchanges, SizeIs(2));
  EXPECT_EQ(Status(*head), "HIT");
  EXPECT_EQ(head->head->status, 200);
  EXPECT_EQ(head->head->body_size, 6);
  EXPECT_EQ(head->head->headers.Find("x"), "1");
  EXPECT_EQ(head->body, "");
  clock_.Advance(std::chrono::seconds(61));
  const auto stale = Ask({{"If-None-Match", "\"mine\""}}, "HEAD");
  ASSERT_THAT(origin_.exchanges, SizeIs(3));
  EXPECT_EQ(Origin().head.headers.Find("if-none-match"), "\"mine\"");
}

TEST_F(FetchCacheTest, ANamedKeyStandsForTheUrl) {
  rules_.key = "mine";
  const auto first = Ask({}, "GET", "http://a/1");
  Origin().Respond(net::MakeHead(200), "x");
  EXPECT_EQ(Ask({}, "GET", "http://a/2")->body, "x");
  rules_.key.clear();
  (void)Ask({}, "GET", "http://a/1");
  EXPECT_THAT(origin_.exchanges, SizeIs(2));
}

TEST_F(FetchCacheTest, OneThatVariesIsForRequestsLikeTheFirst) {
  const auto first = Ask({{"Accept", "a"}});
  Origin().Respond(net::MakeHead(200, {{"Vary", "Accept"}}), "for a");
  EXPECT_EQ(Ask({{"accept", "a"}})->body, "for a");
  (void)Ask({{"Accept", "b"}});
  EXPECT_THAT(origin_.exchanges, SizeIs(2));
}

TEST_F(FetchCacheTest, HalfAnAnswerIsNotKept) {
  const auto first = Ask();
  Origin().Start(net::MakeHead(200));
  (void)Origin().Send("half");
  Origin().Abort(Error(ErrorCode::kUnavailable, "broken"));
  auto second = Ask();
  Origin().Start(net::MakeHead(200));
  (void)Origin().Send("half");
  second->Cancel();
  EXPECT_NE(Origin().cancelled, "");
  (void)Ask();
  EXPECT_THAT(origin_.exchanges, SizeIs(3));
  EXPECT_TRUE(cache_.Reserve("account", 4 << 10))
      << "what it held is given back";
}

TEST_F(FetchCacheTest, WhatIsTooLargePassesUnkept) {
  const auto first = Ask();
  const std::string large(2 << 10, 'x');
  AnswerInPieces(large);
  EXPECT_EQ(first->body, large);
  const auto second = Ask();
  AnswerInPieces(large, 2 << 10);
  EXPECT_EQ(second->body, large);
  EXPECT_EQ(Status(*second), "BYPASS");
  const auto third = Ask();
  Origin().Respond(net::MakeHead(200, {}, 2 << 10), large);
  EXPECT_EQ(Status(*third), "BYPASS");
  (void)Ask();
  EXPECT_THAT(origin_.exchanges, SizeIs(4));
  EXPECT_EQ(cache_.bytes(), 0U);
}

TEST_F(FetchCacheTest, AnOriginThatFailsIsToldAsItIs) {
  const auto first = Ask();
  Origin().Abort(Error(ErrorCode::kUnavailable, "fetch to a:80: refused"));
  EXPECT_EQ(first->aborted, "fetch to a:80: refused");
}

}  // namespace
}  // namespace caravel::host
