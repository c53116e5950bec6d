#include "host/version_choice.h"

#include <gtest/gtest.h>

#include <string>

namespace caravel::host {
namespace {

class PickVersionTest : public ::testing::Test {
 protected:
  PickVersionTest() {
    worker_.name = "hello";
    for (const char* id : {"v1", "v2", "v3"}) {
      worker_.versions.emplace_back().id.value = id;
    }
    worker_.traffic = {{{"v1"}, 9'999}, {{"v2"}, 1}, {{"v3"}, 0}};
  }

  std::string Pick(uint64_t draw) {
    return PickVersion(worker_, headers_, draw).id.value;
  }
  std::string Overridden(std::string_view value) {
    headers_.Clear();
    headers_.Add("Cloudflare-Workers-Version-Overrides", value);
    return Pick(0);
  }
  std::string ByKey(std::string_view key, uint64_t draw = 0) {
    headers_.Clear();
    headers_.Add("Cloudflare-Workers-Version-Key", key);
    return Pick(draw);
  }
  void Divide(uint32_t first) {
    worker_.traffic = {{{"v1"}, first}, {{"v2"}, 10'000 - first}};
  }

  registry::PublishedWorker worker_;
  net::Headers headers_;
};

TEST_F(PickVersionTest, RequestsAreDividedByHundredthsOfAPercent) {
  EXPECT_EQ(Pick(0), "v1");
  EXPECT_EQ(Pick(9'998), "v1");
  EXPECT_EQ(Pick(9'999), "v2");
  EXPECT_EQ(Pick(10'000), "v1");
}

TEST_F(PickVersionTest, AnOverrideTakesAVersionOfTheDeployment) {
  EXPECT_EQ(Overridden(R"(hello="v2")"), "v2");
  EXPECT_EQ(Overridden(R"(other="v1", hello="v3")"), "v3");
  EXPECT_EQ(Overridden(R"(hello="v2" , hello="v3")"), "v3");
}

TEST_F(PickVersionTest, AnOverrideOfNoneOrThatIsWrongHasNoEffect) {
  for (const char* value :
       {"", R"(hello="v4")", R"(other="v2")", R"(Hello="v2")", "hello=v2",
        R"(hello="v2)", R"(hello="v2" other="v1")", R"(hello="v2",,)",
        R"(hello="v2", x)", R"(="v2")", R"(hello="v\2")"}) {
    EXPECT_EQ(Overridden(value), "v1") << value;
  }
}

TEST_F(PickVersionTest, OneKeyGetsOneVersion) {
  Divide(5'000);
  int first = 0;
  for (int i = 0; i < 1'000; ++i) {
    const std::string key = std::to_string(i);
    const std::string version = ByKey(key);
    EXPECT_EQ(ByKey(key, 7'777), version);
    first += version == "v1" ? 1 : 0;
  }
  // Five standard deviations of a fair draw.
  EXPECT_NEAR(first, 500, 80);
}

TEST_F(PickVersionTest, KeysStayWithAVersionThatGrows) {
  for (int i = 0; i < 1'000; ++i) {
    const std::string key = "user-" + std::to_string(i);
    Divide(2'000);
    const std::string before = ByKey(key);
    Divide(6'000);
    if (before == "v1") {
      EXPECT_EQ(ByKey(key), "v1") << key;
    }
  }
}

}  // namespace
}  // namespace caravel::host
