#include "host/freshness.h"

#include <gmock/gmock.h>

#include "net/scripted_target.h"

namespace caravel::host {
namespace {

using testing::ElementsAre;
using testing::Pair;

using Fields = std::vector<net::Headers::Field>;

class FreshnessTest : public testing::Test {
 protected:
  static constexpr int64_t kNotKept = -1;

  int64_t Fresh(uint16_t status, Fields answer, const Fields& request = {}) {
    return FreshFor(rules_, net::MakeHead(200, request).headers,
                    net::MakeHead(status, std::move(answer)), now_)
        .value_or(kNotKept);
  }

  // Sun, 06 Nov 1994 08:49:37 GMT
  base::WallTime now_{std::chrono::seconds(784111777)};
  runtime::FetchRules rules_;
};

TEST_F(FreshnessTest, AnAnswerSaysForHowLong) {
  EXPECT_EQ(Fresh(200, {{"cache-control", "public, max-age=60"}}), 60);
  EXPECT_EQ(Fresh(200, {{"Cache-Control", "max-age=60"},
                        {"Cache-Control", "s-maxage=\"90\""}}),
            90);
  EXPECT_EQ(Fresh(200, {{"Cache-Control", "max-age=60"}, {"Age", "50"}}), 10);
  EXPECT_EQ(Fresh(200, {{"Cache-Control", "max-age=60"}, {"Age", "70"}}),
            kNotKept);
  EXPECT_EQ(Fresh(200, {{"Expires", "Sun, 06 Nov 1994 08:50:37 GMT"}}), 60);
  EXPECT_EQ(Fresh(200, {{"Expires", "0"}}), kNotKept);
  EXPECT_EQ(Fresh(500, {{"Cache-Control", "max-age=60"}}), 60);
  EXPECT_EQ(Fresh(200, {{"Cache-Control", "max-age=soon"}}), kNotKept);
}

TEST_F(FreshnessTest, WithoutAWordTheStatusCounts) {
  EXPECT_EQ(Fresh(200, {}), 7200);
  EXPECT_EQ(Fresh(302, {}), 1200);
  EXPECT_EQ(Fresh(404, {}), 180);
  EXPECT_EQ(Fresh(500, {}), kNotKept);
}

TEST_F(FreshnessTest, WhatIsOfOneClientIsNotKept) {
  for (const char* control : {"no-store", "max-age=60, private", "No-Cache"}) {
    EXPECT_EQ(Fresh(200, {{"Cache-Control", control}}), kNotKept) << control;
  }
  EXPECT_EQ(Fresh(200, {{"Set-Cookie", "a=b"}}), kNotKept);
  EXPECT_EQ(Fresh(200, {{"Set-Cookie", "a=b"},
                        {"Cache-Control", "private=\"Set-Cookie\""}}),
            7200);
  EXPECT_EQ(Fresh(200, {}, {{"authorization", "x"}}), kNotKept);
  EXPECT_EQ(Fresh(200, {{"Cache-Control", "public"}}, {{"authorization", "x"}}),
            7200);
}

TEST_F(FreshnessTest, TheWorkersWordCountsBeforeTheAnswers) {
  rules_.ttl = 30;
  EXPECT_EQ(Fresh(200, {{"Cache-Control", "no-store"}, {"Set-Cookie", "a"}}),
            30);
  EXPECT_EQ(Fresh(404, {}), 30);
  EXPECT_EQ(Fresh(503, {{"Cache-Control", "max-age=60"}}), kNotKept);
  rules_.ttl = 0;
  EXPECT_EQ(Fresh(200, {{"Cache-Control", "max-age=60"}}), 0);
  EXPECT_EQ(Fresh(503, {}), kNotKept);
  rules_.ttl = -1;
  EXPECT_EQ(Fresh(200, {{"Cache-Control", "max-age=60"}}), kNotKept);
}

TEST_F(FreshnessTest, WhatIsSaidToCachesAloneCountsBeforeTheRest) {
  EXPECT_EQ(Fresh(200, {{"Cache-Control", "no-store"},
                        {"CDN-Cache-Control", "max-age=60"}}),
            60);
  EXPECT_EQ(Fresh(200, {{"CDN-Cache-Control", "max-age=60"},
                        {"Cloudflare-CDN-Cache-Control", "max-age=90"}}),
            90);
  EXPECT_EQ(Fresh(200, {{"Cache-Control", "max-age=60"},
                        {"cdn-cache-control", "no-store"}}),
            kNotKept);
  EXPECT_EQ(Fresh(200, {{"CDN-Cache-Control", "public"},
                        {"Expires", "Sun, 06 Nov 1994 08:50:37 GMT"}}),
            7200);
}

TEST_F(FreshnessTest, OfAStatusTheWorkerSaysMore) {
  rules_.ttl = 30;
  rules_.by_status = {{200, 299, 60}, {404, 404, 1}, {500, 599, -1}};
  EXPECT_EQ(Fresh(204, {}), 60);
  EXPECT_EQ(Fresh(301, {}), 30);
  EXPECT_EQ(Fresh(404, {}), 1);
  EXPECT_EQ(Fresh(500, {}), kNotKept);
  rules_.ttl.reset();
  EXPECT_EQ(Fresh(301, {{"Cache-Control", "max-age=5"}}), 5);
}

TEST_F(FreshnessTest, WhatAnswersOneRequestsConditionsOrRangeIsNeverKept) {
  rules_.by_status = {{200, 599, 30}};
  for (const uint16_t status : {206, 304, 412, 416, 417, 431}) {
    EXPECT_EQ(Fresh(status, {{"Cache-Control", "max-age=60"}}), kNotKept)
        << status;
  }
  rules_.by_status.clear();
  EXPECT_EQ(Fresh(412, {{"Cache-Control", "max-age=60"}}), kNotKept);
}

TEST_F(FreshnessTest, WhatVariesByAllIsNeverKept) {
  rules_.ttl = 30;
  EXPECT_EQ(Fresh(200, {{"Vary", "Accept, *"}}), kNotKept);
}

TEST_F(FreshnessTest, AnAnswerVariesByFieldsOfTheRequest) {
  EXPECT_THAT(
      VariesBy(net::MakeHead(200, {{"Vary", "X, accept"}, {"vary", "Accept"}})
                   .headers,
               net::MakeHead(200, {{"ACCEPT", "a"}, {"Accept", "b"}}).headers),
      ElementsAre(Pair("accept", "a, b"), Pair("x", "")));
}

}  // namespace
}  // namespace caravel::host
