#include "control/json_encode.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

namespace caravel::api {
namespace {

enum class Kind : unsigned char { kOne, kTwoThree };
BOOST_DESCRIBE_ENUM(Kind, kOne, kTwoThree)

struct Inner {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (name))

struct Outer {
  std::vector<Inner> items = {};
  std::map<std::string, bool> flags = {};
  std::optional<int> absent = {};
  std::optional<uint64_t> present = 18446744073709551615ULL;
  Kind kind = Kind::kTwoThree;
  boost::json::value raw = nullptr;
  std::string message = "\"quoted\"";

  static constexpr auto Rules() {
    return api::Rules(api::Field(&Outer::message, "").Key("workers/message"));
  }
};
BOOST_DESCRIBE_STRUCT(Outer, (),
                      (items, flags, absent, present, kind, raw, message))

TEST(JsonEncodeTest, WritesEveryKindOfFieldUnderItsKey) {
  const Outer outer{.items = {{"a"}, {"b"}}, .flags = {{"x", true}}};
  EXPECT_EQ(boost::json::serialize(EncodeJson(outer)),
            R"({"items":[{"name":"a"},{"name":"b"}],"flags":{"x":true},)"
            R"("present":18446744073709551615,"kind":"two_three","raw":null,)"
            R"("workers/message":"\"quoted\""})");
}

}  // namespace
}  // namespace caravel::api
