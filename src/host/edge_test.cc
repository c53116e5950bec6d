#include "host/edge.h"

#include <gtest/gtest.h>

namespace caravel::host {
namespace {

class EdgeTest : public ::testing::Test {
 protected:
  // The client, as it is told of a request from `peer`.
  std::string ClientOf(
      std::string peer,
      const std::vector<std::pair<std::string, std::string>>& fields) {
    head_ = {};
    head_.scheme = "http";
    head_.client = std::move(peer);
    for (const auto& [name, value] : fields) head_.headers.Add(name, value);
    edge_.Identify(head_);
    return head_.client;
  }

  Edge edge_{{.place = "AMS", .trusted_proxies = "10.0.0.0/8,fd00::/8"}};
  net::RequestHead head_;
};

TEST_F(EdgeTest, ATrustedProxySaysWhoTheClientIs) {
  EXPECT_EQ(ClientOf("10.0.0.5", {{"x-forwarded-for", "192.0.2.7"},
                                  {"x-forwarded-proto", "https"}}),
            "192.0.2.7");
  EXPECT_EQ(head_.proxy, "10.0.0.5");
  EXPECT_EQ(head_.scheme, "https");
  EXPECT_EQ(ClientOf("fd00::1", {{"X-Forwarded-For", "[2001:DB8::7]:443"}}),
            "2001:db8::7");
  EXPECT_EQ(ClientOf("10.0.0.5", {{"X-Forwarded-For", "192.0.2.7:1234"}}),
            "192.0.2.7");
}

TEST_F(EdgeTest, NobodyElseDoes) {
  EXPECT_EQ(ClientOf("192.0.2.1", {{"X-Forwarded-For", "192.0.2.7"},
                                   {"X-Forwarded-Proto", "https"}}),
            "192.0.2.1");
  EXPECT_EQ(head_.proxy, "");
  EXPECT_EQ(head_.scheme, "http");
  const Edge none({.place = "AMS", .trusted_proxies = ""});
  head_.headers.Add("X-Forwarded-For", "192.0.2.7");
  none.Identify(head_);
  EXPECT_EQ(head_.client, "192.0.2.1");
}

TEST_F(EdgeTest, WhatTheClientItselfSaysDoesNotCount) {
  EXPECT_EQ(ClientOf("10.0.0.5",
                     {{"X-Forwarded-For", "127.0.0.1, 192.0.2.7, 10.0.0.6"}}),
            "192.0.2.7");
  EXPECT_EQ(ClientOf("10.0.0.5", {{"X-Forwarded-For", "10.0.0.1, 192.0.2.7"},
                                  {"X-Forwarded-For", "10.0.0.6"}}),
            "192.0.2.7");
}

TEST_F(EdgeTest, BehindTrustedProxiesAloneTheFarthestIsTheClient) {
  EXPECT_EQ(ClientOf("10.0.0.5", {{"X-Forwarded-For", "10.0.0.7, 10.0.0.6"}}),
            "10.0.0.7");
}

TEST_F(EdgeTest, WhatIsNoAddressEndsTheList) {
  EXPECT_EQ(ClientOf("10.0.0.5", {{"X-Forwarded-For", "192.0.2.7, unknown"}}),
            "10.0.0.5");
  EXPECT_EQ(ClientOf("10.0.0.5", {{"X-Forwarded-For", "x, 10.0.0.6"}}),
            "10.0.0.6");
  EXPECT_EQ(ClientOf("10.0.0.5", {{"X-Forwarded-For", ""}}), "10.0.0.5");
  EXPECT_EQ(ClientOf("10.0.0.5", {}), "10.0.0.5");
}

TEST_F(EdgeTest, OnlySchemesOfTheWebAreTaken) {
  (void)ClientOf("10.0.0.5", {{"X-Forwarded-Proto", "HTTPS, http"}});
  EXPECT_EQ(head_.scheme, "https");
  (void)ClientOf("10.0.0.5", {{"X-Forwarded-Proto", "cache"}});
  EXPECT_EQ(head_.scheme, "http");
}

}  // namespace
}  // namespace caravel::host
