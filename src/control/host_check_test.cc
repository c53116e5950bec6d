#include "control/host_check.h"

#include <gtest/gtest.h>

#include <vector>

namespace caravel::api {
namespace {

TEST(HostCheckTest, LoopbackIsAlwaysAllowed) {
  for (const std::string_view authority :
       {"localhost", "localhost:8788", "LOCALHOST:1", "api.localhost.",
        "127.0.0.1:8788", "127.1.2.3", "[::1]:8788"}) {
    EXPECT_TRUE(IsAllowedHost(authority, {})) << authority;
  }
}

TEST(HostCheckTest, OtherNamesAreNot) {
  for (const std::string_view authority :
       {"", "evil.example", "localhost.evil.example", "notlocalhost",
        "127.0.0.1.evil.example", "10.0.0.1:8788", "[::1", "[fe80::1]",
        "128.0.0.1", "127.0.0.1@evil.example"}) {
    EXPECT_FALSE(IsAllowedHost(authority, {})) << authority;
  }
}

TEST(HostCheckTest, TheOperatorMayAllowMore) {
  const std::vector<std::string> one = {"api.Example.com"};
  EXPECT_TRUE(IsAllowedHost("API.example.com:443", one));
  EXPECT_FALSE(IsAllowedHost("example.com", one));
  const std::vector<std::string> all = {"*"};
  EXPECT_TRUE(IsAllowedHost("anything.example", all));
}

}  // namespace
}  // namespace caravel::api
