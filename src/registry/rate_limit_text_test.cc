#include "registry/rate_limit_text.h"

#include <gtest/gtest.h>

namespace caravel::registry {
namespace {

// The text of a limit of 5 calls in 10 seconds in that namespace, or the error.
std::string InNamespace(std::string_view space) {
  const auto text = RateLimitText(space, 5, 10);
  return text ? *text : text.error().ToText();
}

TEST(RateLimitTextTest, OneNumberIsOneNamespaceHoweverItIsWritten) {
  const std::string seven =
      R"({"namespace_id":"7","simple":{"limit":5,"period":10}})";
  EXPECT_EQ(InNamespace("7"), seven);
  EXPECT_EQ(InNamespace("007"), seven);
}

TEST(RateLimitTextTest, ANamespaceThatIsNoPositiveNumberIsRefused) {
  for (const std::string space : {"", "0", "000", "-1", "1.5", "mine", "0x1"}) {
    EXPECT_EQ(InNamespace(space),
              "namespace_id \"" + space +
                  "\" is not a positive integer\nchoose a number for it, such "
                  "as \"1001\"; bindings with the same number count together");
  }
}

TEST(RateLimitTextTest, ANumberIsBounded) {
  const std::string longest(18, '9');
  EXPECT_EQ(InNamespace(longest), R"({"namespace_id":")" + longest +
                                      R"(","simple":{"limit":5,"period":10}})");
  EXPECT_EQ(InNamespace(longest + "0"),
            "namespace_id has 19 characters, and may have 18\nchoose a "
            "smaller number for it, such as \"1001\"");
}

}  // namespace
}  // namespace caravel::registry
