#include "control/json_decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace caravel::api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

enum class Shape : unsigned char { kRound, kHalfRound };
BOOST_DESCRIBE_ENUM(Shape, kRound, kHalfRound)

Status IsLowerCase(std::string_view text) {
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') {
      return Error(ErrorCode::kInvalid, "must be lower case");
    }
  }
  return {};
}

struct Rule {
  std::string pattern;
  std::optional<std::string> worker;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&Rule::pattern, "Host and path").Length(1, 10),
        api::Field(&Rule::worker, "Its Worker").Check(IsLowerCase));
  }
};
BOOST_DESCRIBE_STRUCT(Rule, (), (pattern, worker))

struct Input {
  std::vector<Rule> rules;
  std::map<std::string, int> counts;
  std::optional<Shape> shape;
  std::optional<uint8_t> level;
  std::optional<double> rate;
  std::optional<bool> enabled;
  std::optional<boost::json::value> anything;
  std::optional<std::string> message;

  static constexpr auto Rules() {
    return api::Rules(api::Field(&Input::level, "How loud").Range(1, 9),
                      api::Field(&Input::message, "A remark").Key("x/message"));
  }
};
BOOST_DESCRIBE_STRUCT(Input, (),
                      (rules, counts, shape, level, rate, enabled, anything,
                       message))

Input Decode(std::string_view text) {
  return DecodeJson<Input>(text, "the body", UnknownKeys::kRefuse).value();
}

std::string ErrorOf(std::string_view text,
                    UnknownKeys unknown = UnknownKeys::kRefuse) {
  auto result = DecodeJson<Input>(text, "the body", unknown);
  return result ? "no error" : result.error().ToText();
}

TEST(JsonDecodeTest, FillsEveryKindOfField) {
  const Input input = Decode(
      R"({"rules":[{"pattern":"a.b/*","worker":"w"},{"pattern":"c"}],
          "counts":{"a":1,"b":-2},"shape":"half_round","level":9,"rate":0.5,
          "enabled":true,"anything":[1,{}],"x/message":"hi"})");
  ASSERT_EQ(input.rules.size(), 2u);
  EXPECT_EQ(input.rules[0].pattern, "a.b/*");
  EXPECT_EQ(input.rules[0].worker, "w");
  EXPECT_EQ(input.rules[1].worker, std::nullopt);
  EXPECT_THAT(input.counts, ElementsAre(Pair("a", 1), Pair("b", -2)));
  EXPECT_EQ(input.shape, Shape::kHalfRound);
  EXPECT_EQ(input.level, 9);
  EXPECT_EQ(input.rate, 0.5);
  EXPECT_EQ(input.enabled, true);
  EXPECT_EQ(input.anything, boost::json::parse("[1,{}]"));
  EXPECT_EQ(input.message, "hi");
}

TEST(JsonDecodeTest, AbsentAndNullOptionalsStayEmpty) {
  EXPECT_EQ(Decode("{}").level, std::nullopt);
  EXPECT_EQ(Decode(R"({"level":null})").level, std::nullopt);
  EXPECT_TRUE(Decode("{}").rules.empty());
}

TEST(JsonDecodeTest, AWrongFieldIsNamedByItsPath) {
  EXPECT_EQ(ErrorOf(R"({"rules":[{"pattern":"a"},{"pattern":7}]})"),
            "rules[1].pattern: must be a string, is a number");
  EXPECT_EQ(ErrorOf(R"({"rules":[{}]})"), "rules[0].pattern: is required");
  EXPECT_EQ(ErrorOf(R"({"rules":{}})"), "rules: must be a list, is an object");
  EXPECT_EQ(ErrorOf(R"({"counts":{"a":"x"}})"),
            "counts.a: must be a whole number, is a string");
  EXPECT_EQ(ErrorOf(R"({"enabled":1})"),
            "enabled: must be true or false, is a number");
  EXPECT_EQ(ErrorOf("[]"), "the body: must be an object, is a list");
}

TEST(JsonDecodeTest, RulesAreHeld) {
  EXPECT_EQ(ErrorOf(R"({"rules":[{"pattern":""}]})"),
            "rules[0].pattern: must not be empty");
  EXPECT_EQ(ErrorOf(R"({"rules":[{"pattern":"12345678901"}]})"),
            "rules[0].pattern: must have at most 10 characters, has 11");
  EXPECT_EQ(ErrorOf(R"({"rules":[{"pattern":"a","worker":"W"}]})"),
            "rules[0].worker: must be lower case");
  EXPECT_EQ(ErrorOf(R"({"level":10})"), "level: must be between 1 and 9");
  EXPECT_EQ(ErrorOf(R"({"level":1.5})"),
            "level: must be a whole number, is 1.5");
  EXPECT_EQ(ErrorOf(R"({"level":18446744073709551615})"),
            "level: must be between 1 and 9");
  EXPECT_EQ(ErrorOf(R"({"shape":"square"})"),
            "shape: must be one of round, half_round, is \"square\"");
}

TEST(JsonDecodeTest, UnknownKeysAreRefusedOrIgnored) {
  EXPECT_THAT(ErrorOf(R"({"rules":[{"patern":"a","pattern":"b"}]})"),
              HasSubstr("rules[0].patern: is not a known key (did you mean "
                        "\"pattern\"?)\nknown keys are pattern, worker"));
  EXPECT_EQ(ErrorOf(R"({"rules":[{"patern":"a","pattern":"b"}]})",
                    UnknownKeys::kIgnore),
            "no error");
}

TEST(JsonDecodeTest, BrokenJsonIsNamedByItsByte) {
  EXPECT_EQ(ErrorOf("{\"a\":}"),
            "the body: not valid JSON at byte 5: syntax error");
  EXPECT_EQ(ErrorOf(""), "the body: not valid JSON at byte 0: incomplete JSON");
  EXPECT_EQ(ErrorOf("{} x"), "the body: not valid JSON at byte 3: extra data");
  EXPECT_EQ(ErrorOf("{}\n "), "no error");
  EXPECT_THAT(ErrorOf(std::string(100'000, '[')), HasSubstr("too deep"));
  EXPECT_THAT(ErrorOf("\"\xff\""), HasSubstr("not valid JSON at byte"));
}

TEST(JsonDecodeTest, ADocumentHasSoManyValuesAtMost) {
  std::string many = "[[";
  while (many.size() < 3'000'000) many += "{},";
  const auto parsed = ParseJson(many + "1]]", "the body");
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message(),
              testing::HasSubstr("more than 1000000 values"));
  // In texts there are none.
  const std::string text = "[{\"a\\\\\":\"" + std::string(1'500'000, ',') +
                           "\\\"" + std::string(1'500'000, '[') + "\"}]";
  EXPECT_TRUE(ParseJson(text, "the body"));
}

TEST(JsonDecodeTest, AListHasAnEnd) {
  std::string text = R"({"rules":[)";
  for (size_t i = 0; i <= DecodeSupport::kMostItems; ++i) {
    text += i == 0 ? "0" : ",0";
  }
  EXPECT_EQ(ErrorOf(text + "]}"),
            "rules: must have at most 10000 items, has 10001");
}

}  // namespace
}  // namespace caravel::api
