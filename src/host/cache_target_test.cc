#include "host/cache_target.h"

#include <gtest/gtest.h>

#include "net/scripted_asker.h"

namespace caravel::host {
namespace {

class CacheTargetTest : public testing::Test {
 protected:
  net::RequestHead Head(
      std::string method,
      std::vector<std::pair<std::string, std::string>> fields) {
    net::RequestHead head;
    head.method = std::move(method);
    head.scheme = "cache";
    head.authority = "account";
    head.target = "http://a/b";
    head.headers.Add("caravel-cache", "default");
    for (const auto& [name, value] : fields) head.headers.Add(name, value);
    return head;
  }
  void Round() { loop_->Poll(std::chrono::nanoseconds(0)); }
  // Puts `body` as the asker is granted room for it; the status.
  int Put(std::string_view body, const std::string& status = "200",
          const std::string& tag = "\"e\"",
          std::vector<std::pair<std::string, std::string>> more = {}) {
    more.insert(more.end(), {{"caravel-cache-status", status},
                             {"caravel-cache-ttl", "60"},
                             {"etag", tag}});
    net::RequestHead head = Head("PUT", std::move(more));
    head.body_size = -1;
    net::ScriptedAsker asker(std::move(head), target_);
    while (!body.empty() && !asker.ended) {
      Round();
      body.remove_prefix(asker.SendBody(body));
    }
    asker.EndBody();
    for (int i = 0; i < 3; ++i) Round();
    return asker.ended ? asker.head->status : 0;
  }

  base::FakeClock clock_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  Cache cache_{clock_,
               {.bytes = 4 << 20, .body = 1 << 20, .arriving = 4 << 20}};
  CacheTarget target_{*loop_, cache_, clock_};
};

TEST_F(CacheTargetTest, GivesWhatWasPutWithinTheCredit) {
  std::string body(300'000, 'x');
  body += "end";
  EXPECT_EQ(Put(body), 200);
  net::ScriptedAsker asker(Head("MATCH", {}), target_);
  Round();
  ASSERT_TRUE(asker.head.has_value());
  EXPECT_EQ(asker.head->status, 200);
  EXPECT_EQ(asker.head->headers.Find("cf-cache-status"), "HIT");
  EXPECT_EQ(asker.head->body_size, 300'003);
  EXPECT_TRUE(asker.body.empty());
  asker.Take(1000);
  Round();
  EXPECT_EQ(asker.body.size(), 1000U);
  asker.Take(1'000'000);
  Round();
  EXPECT_TRUE(asker.ended);
  EXPECT_EQ(asker.body, body);
}

TEST_F(CacheTargetTest, NothingIsFoundWhereNothingIs) {
  net::ScriptedAsker match(Head("MATCH", {}), target_);
  net::ScriptedAsker gone(Head("DELETE", {}), target_);
  Round();
  EXPECT_EQ(match.head->status, 404);
  EXPECT_EQ(gone.head->status, 404);
}

TEST_F(CacheTargetTest, ABodyThatIsTooLargeIsRefusedAndGivenBack) {
  EXPECT_EQ(Put(std::string((1 << 20) + 1, 'x')), 413);
  EXPECT_EQ(cache_.bytes(), 0U);
  EXPECT_TRUE(cache_.Reserve("account", 2 << 20));
}

TEST_F(CacheTargetTest, AnAskerThatLeavesLeavesNothingBehind) {
  {
    net::RequestHead head = Head("PUT", {});
    head.body_size = -1;
    net::ScriptedAsker asker(std::move(head), target_);
    Round();
    EXPECT_EQ(asker.SendBody("half"), 4U);
  }
  Round();
  EXPECT_EQ(cache_.bytes(), 0U);
  EXPECT_TRUE(cache_.Reserve("account", 2 << 20));
}

TEST_F(CacheTargetTest, WhatWasMatchedIsSentThoughItIsDeletedMeanwhile) {
  Put("body");
  net::ScriptedAsker asker(Head("MATCH", {}), target_);
  Round();
  net::ScriptedAsker gone(Head("DELETE", {}), target_);
  Round();
  EXPECT_EQ(gone.head->status, 200);
  asker.Take(100);
  Round();
  EXPECT_EQ(asker.body, "body");
}

TEST_F(CacheTargetTest, WhatArrivesIsCountedWithItsHead) {
  net::RequestHead head = Head("PUT", {{"x", std::string(1 << 20, 'x')}});
  head.body_size = -1;
  net::ScriptedAsker asker(std::move(head), target_);
  Round();
  EXPECT_EQ(asker.SendBody("half"), 4U);
  EXPECT_FALSE(cache_.Reserve("account", 1 << 20));
  asker.Cancel();
  Round();
  EXPECT_TRUE(cache_.Reserve("account", 1 << 20));
}

TEST_F(CacheTargetTest, WhatIsKeptHoldsNothingInReserve) {
  const std::string body(600'000, 'x');
  EXPECT_EQ(Put(body), 200);
  EXPECT_LT(cache_.bytes(), body.size() + 2000);
}

TEST_F(CacheTargetTest, WhatIsBeingSentIsCountedUntilTheAskerLeaves) {
  Put("body");
  const size_t bytes = cache_.bytes();
  net::ScriptedAsker asker(Head("MATCH", {}), target_);
  Round();
  net::ScriptedAsker gone(Head("DELETE", {}), target_);
  Round();
  EXPECT_EQ(cache_.bytes(), bytes);
  asker.Cancel();
  Round();
  EXPECT_EQ(cache_.bytes(), 0U);
}

TEST_F(CacheTargetTest, ConditionsAreOnAnswersThatWentWell) {
  for (const char* status : {"301", "404"}) {
    Put("a body", status);
    net::ScriptedAsker asker(Head("MATCH", {{"if-none-match", "*"}}), target_);
    asker.Take(100);
    Round();
    EXPECT_EQ(fmt::to_string(asker.head->status), status);
    EXPECT_EQ(asker.body, "a body");
  }
}

TEST_F(CacheTargetTest, APartIsOfTheAnswerThatIfRangeNames) {
  const auto part = [this](const std::string& tag, const std::string& asked) {
    Put("0123456789", "200", tag);
    net::ScriptedAsker asker(
        Head("MATCH", {{"range", "bytes=8-"}, {"if-range", asked}}), target_);
    asker.Take(100);
    Round();
    return asker.body;
  };
  EXPECT_EQ(part("\"e\"", "\"e\""), "89");
  EXPECT_EQ(part("\"e\"", "\"f\""), "0123456789");
  EXPECT_EQ(part("W/\"e\"", "W/\"e\""), "0123456789");
}

TEST_F(CacheTargetTest, OfEncodedBytesThereAreNoParts) {
  Put("0123456789", "200", "\"e\"", {{"content-encoding", "br"}});
  net::ScriptedAsker asker(Head("MATCH", {{"range", "bytes=8-"}}), target_);
  asker.Take(100);
  Round();
  EXPECT_EQ(asker.head->status, 200);
  EXPECT_EQ(asker.body, "0123456789");
}

TEST_F(CacheTargetTest, ConditionsAreAnswered) {
  Put("0123456789");
  net::ScriptedAsker same(Head("MATCH", {{"if-none-match", "*"}}), target_);
  net::ScriptedAsker part(Head("MATCH", {{"range", "bytes=8-99"}}), target_);
  net::ScriptedAsker none(Head("MATCH", {{"range", "bytes=10-"}}), target_);
  part.Take(100);
  Round();
  EXPECT_EQ(same.head->status, 304);
  EXPECT_EQ(part.head->status, 206);
  EXPECT_EQ(part.head->headers.Find("content-range"), "bytes 8-9/10");
  EXPECT_EQ(part.body, "89");
  EXPECT_EQ(none.head->status, 416);
}

}  // namespace
}  // namespace caravel::host
