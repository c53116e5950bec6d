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
    for (int i = 0; i < 3; ++i) loop_->Poll(std::chrono::nanoseconds(0));
    return asker;
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

TEST_F(FetchCacheTest, OnlyGetIsAnsweredFromTheCache) {
  const auto first = Ask();
  Origin().Respond(net::MakeHead(200), "x");
  const auto post = Ask({}, "POST");
  ASSERT_THAT(origin_.exchanges, SizeIs(2));
  Origin().Respond(net::MakeHead(200), "y");
  EXPECT_EQ(Status(*post), "DYNAMIC");
  EXPECT_EQ(Ask()->body, "x");
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
  (void)Ask();
  EXPECT_THAT(origin_.exchanges, SizeIs(3));
  EXPECT_EQ(cache_.bytes(), 0U);
}

TEST_F(FetchCacheTest, AnOriginThatFailsIsToldAsItIs) {
  const auto first = Ask();
  Origin().Abort(Error(ErrorCode::kUnavailable, "fetch to a:80: refused"));
  EXPECT_EQ(first->aborted, "fetch to a:80: refused");
}

}  // namespace
}  // namespace caravel::host
