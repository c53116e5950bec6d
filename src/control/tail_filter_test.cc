#include "control/tail_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/json_decode.h"
#include "control/tail_endpoints.h"

namespace caravel::api {
namespace {

using ::testing::HasSubstr;

registry::LogEvent PlainEvent() {
  registry::LogEvent event;
  event.version = {"v1"};
  event.outcome = "ok";
  event.method = "GET";
  event.url = "http://hello.localhost/";
  event.logs.push_back({"log", R"(["the answer","is 42"])", 1});
  event.request =
      R"({"headers":{"cf-connecting-ip":"10.1.2.3","x-kind":"a b"},"cf":{}})";
  return event;
}

// As wrangler sends it.
Result<TailFilter> Filter(std::string_view json) {
  CARAVEL_TRY(TailInput input,
              DecodeJson<TailInput>(json, "the body", UnknownKeys::kRefuse));
  return TailFilter::Make(std::move(input.filters), "10.1.2.3");
}

bool Shows(std::string_view conditions) {
  const auto filter = Filter(fmt::format(R"({{"filters":[{}]}})", conditions));
  EXPECT_TRUE(filter) << filter.error().ToText();
  const registry::LogEvent event = PlainEvent();
  return filter->Wants(event, ReadTailedRequest(event));
}

TEST(TailFilterTest, WithoutConditionsAllIsShown) { EXPECT_TRUE(Shows("")); }

TEST(TailFilterTest, EachConditionHasToHold) {
  struct Case {
    std::string_view condition;
    bool shows;
  };
  for (const Case& each : {
           Case{R"({"outcome":["ok","canceled"]})", true},
           Case{R"({"outcome":["exception"]})", false},
           Case{R"({"method":["GET"]})", true},
           Case{R"({"method":["POST"]})", false},
           Case{R"({"client_ip":["self"]})", true},
           Case{R"({"client_ip":["10.1.2.4"]})", false},
           Case{R"({"header":{"key":"X-Kind"}})", true},
           Case{R"({"header":{"key":"x-kind","query":"b"}})", true},
           Case{R"({"header":{"key":"x-kind","query":"c"}})", false},
           Case{R"({"header":{"key":"x-other"}})", false},
           Case{R"({"query":"answer"})", true},
           Case{R"({"query":"the answer is 42"})", true},
           Case{R"({"query":"question"})", false},
           Case{R"({"scriptVersion":"v1"})", true},
           Case{R"({"scriptVersion":"v2"})", false},
           Case{R"({"method":["GET"]},{"outcome":["exception"]})", false},
           Case{R"({"sampling_rate":0.5})", true},
       }) {
    EXPECT_EQ(Shows(each.condition), each.shows) << each.condition;
  }
}

TEST(TailFilterTest, ARequestThatCannotBeReadHasNoFields) {
  registry::LogEvent event = PlainEvent();
  event.request = R"({"headers":[1],"cf":)";
  const TailedRequest request = ReadTailedRequest(event);
  EXPECT_TRUE(request.headers.empty());
  const auto filter = Filter(R"({"filters":[{"header":{"key":"x-kind"}}]})");
  EXPECT_FALSE(filter->Wants(event, request));
}

TEST(TailFilterTest, SamplingRatesMultiplyAndAreChecked) {
  EXPECT_EQ(Filter(R"({"filters":[{"sampling_rate":0.5},
                                  {"sampling_rate":0.5}]})")
                ->sampling_rate(),
            0.25);
  for (const char* wrong : {"0", "1.5", "-1"}) {
    const auto filter =
        Filter(fmt::format(R"({{"filters":[{{"sampling_rate":{}}}]}})", wrong));
    ASSERT_FALSE(filter);
    EXPECT_THAT(filter.error().message(), HasSubstr("must be above 0"));
  }
}

}  // namespace
}  // namespace caravel::api
