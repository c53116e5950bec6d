#include "daemon/egress_rules.h"

namespace caravel::daemon {
namespace {

using ::testing::HasSubstr;

net::IpAddress Literal(std::string_view text) {
  return net::ParseIpLiteral(text).value().value();
}

EgressRules Allowing(const std::vector<std::string>& ranges) {
  return EgressRules::Parse(ranges).value();
}

// What Check says against `text`; empty when it may be reached.
std::string Refusal(const EgressRules& rules, std::string_view text) {
  const Status status = rules.Check(Literal(text));
  return status ? "" : status.error().message();
}

struct Refused {
  std::string_view address;
  std::string_view why;
};

TEST(EgressRulesTest, RefusesEachKindOfSpecialAddressByItsName) {
  const EgressRules rules = Allowing({});
  constexpr Refused kCases[] = {
      {"0.0.0.0", "unspecified"},
      {"0.1.2.3", "of this network"},
      {"10.0.0.1", "private"},
      {"10.255.255.255", "private"},
      {"100.64.0.1", "CGNAT"},
      {"100.127.255.255", "CGNAT"},
      {"127.0.0.1", "loopback"},
      {"127.255.0.1", "loopback"},
      {"169.254.1.1", "link-local"},
      {"169.254.169.254", "metadata"},
      {"172.16.0.1", "private"},
      {"172.31.255.255", "private"},
      {"192.0.2.1", "documentation"},
      {"192.168.1.1", "private"},
      {"198.19.0.1", "benchmarks"},
      {"224.0.0.1", "multicast"},
      {"239.255.255.255", "multicast"},
      {"240.0.0.1", "reserved"},
      {"255.255.255.255", "broadcast"},
      {"::", "unspecified"},
      {"::1", "loopback"},
      {"::2", "reserved"},
      {"::7f00:1", "reserved"},  // IPv4-compatible 127.0.0.1
      {"fc00::1", "private"},
      {"fd12:3456::1", "private"},
      {"fd00:ec2::254", "metadata"},
      {"fe80::1", "link-local"},
      {"febf::1", "link-local"},
      {"fec0::1", "private"},
      {"ff02::1", "multicast"},
      {"2001:db8::1", "documentation"},
      {"2001::1", "reserved"},  // Teredo
      {"64:ff9b:1::a00:1", "private"},
      {"4000::1", "reserved"},
  };
  for (const Refused& each : kCases) {
    EXPECT_THAT(Refusal(rules, each.address), HasSubstr(each.why))
        << each.address;
  }
}

TEST(EgressRulesTest, ReachesPublicAddressesUpToTheBordersOfSpecialRanges) {
  const EgressRules rules = Allowing({});
  for (const std::string_view address :
       {"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255",
        "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
        "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255",
        "192.169.0.0", "223.255.255.255", "2606:4700::1111", "2a00::1"}) {
    EXPECT_EQ(Refusal(rules, address), "") << address;
  }
}

TEST(EgressRulesTest, LooksThroughIpv6FormsOfAnIpv4Address) {
  const EgressRules rules = Allowing({});
  EXPECT_THAT(Refusal(rules, "::ffff:127.0.0.1"),
              HasSubstr("the address 127.0.0.1 is loopback"));
  EXPECT_THAT(Refusal(rules, "::ffff:a9fe:a9fe"), HasSubstr("metadata"));
  EXPECT_THAT(Refusal(rules, "64:ff9b::10.0.0.1"),
              HasSubstr("the address 64:ff9b::a00:1 (10.0.0.1) is private"));
  EXPECT_THAT(Refusal(rules, "2002:7f00:1::1"), HasSubstr("loopback"));
  EXPECT_EQ(Refusal(rules, "::ffff:8.8.8.8"), "");
  EXPECT_EQ(Refusal(rules, "64:ff9b::8.8.8.8"), "");
  EXPECT_EQ(Refusal(rules, "2002:808:808::1"), "");
}

TEST(EgressRulesTest, UnderstandsTheOddFormsOfAnIpv4Address) {
  for (const std::string_view text :
       {"127.0.0.1", "127.1", "127.0.1", "127.0.0.1.", "0x7f.0.0.1",
        "0177.0.0.1", "2130706433", "0x7f000001", "017700000001",
        "0X7F.0x0.0x0.0x1", "127.0x.0.1"}) {
    EXPECT_EQ(Literal(text).ToText(), "127.0.0.1") << text;
  }
  EXPECT_EQ(Literal("0").ToText(), "0.0.0.0");
}

TEST(EgressRulesTest, RefusesTextThatIsNeitherNameNorAddress) {
  for (const std::string_view text :
       {"1.2.3.4.5", "256.1.1.1", "1.2.3.256", "1..2.3", "4294967296", "09.1",
        "example.9", "a.0x7f", "1.2.3.08", "18446744073709551616", "::1%lo",
        "fe80::1%eth0", "::g", "1::2::3", "[::1]", ":::"}) {
    const auto result = net::ParseIpLiteral(text);
    EXPECT_FALSE(result) << text;
  }
}

TEST(EgressRulesTest, LeavesNamesToTheResolver) {
  for (const std::string_view text :
       {"localhost", "example.com", "127.0.0.1.example", "1.2.3.4x", "x0x7f"}) {
    const auto result = net::ParseIpLiteral(text);
    ASSERT_TRUE(result) << text;
    EXPECT_FALSE(result->has_value()) << text;
  }
}

TEST(EgressRulesTest, TellsTheOperatorHowToAllowAnAddress) {
  EXPECT_EQ(Refusal(Allowing({}), "10.0.0.1"),
            "the address 10.0.0.1 is private; the operator can allow it with "
            "--allow-egress 10.0.0.0/8");
}

TEST(EgressRulesTest, OpensWhatTheOperatorAllowsAndNothingBesides) {
  const EgressRules rules = Allowing({"127.0.0.0/8", "::1/128", "10.1.2.3"});
  EXPECT_EQ(Refusal(rules, "127.0.0.1"), "");
  EXPECT_EQ(Refusal(rules, "::ffff:127.0.0.1"), "");
  EXPECT_EQ(Refusal(rules, "64:ff9b::127.0.0.1"), "");
  EXPECT_EQ(Refusal(rules, "::1"), "");
  EXPECT_EQ(Refusal(rules, "10.1.2.3"), "");
  EXPECT_NE(Refusal(rules, "10.1.2.4"), "");
  EXPECT_NE(Refusal(rules, "::"), "");
  EXPECT_NE(Refusal(rules, "169.254.169.254"), "");
}

TEST(EgressRulesTest, AllowingEverythingOfAFamilyLeavesTheOtherClosed) {
  const EgressRules rules = Allowing({"0.0.0.0/0"});
  EXPECT_EQ(Refusal(rules, "10.0.0.1"), "");
  EXPECT_NE(Refusal(rules, "::1"), "");
}

TEST(EgressRulesTest, ThePortOfMailServersIsClosedWhereTheOperatorOpensNone) {
  const EgressRules rules = Allowing({"10.0.0.0/8"});
  const net::IpAddress mail = **net::ParseIpLiteral("93.184.216.34");
  EXPECT_TRUE(rules.Check(mail, 587));
  const Status refused = rules.Check(mail, 25);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(),
              HasSubstr("port 25, that of mail servers; the operator can allow "
                        "it with --allow-egress 93.184.216.34/32"));
  EXPECT_TRUE(rules.Check(**net::ParseIpLiteral("10.0.0.1"), 25));
}

struct BadRange {
  std::string range;
  std::string_view text;
};

TEST(EgressRulesTest, NamesTheRangeThatIsWrongAndHowToWriteIt) {
  const BadRange kCases[] = {
      {"10.0.0.0/33",
       "allow-egress \"10.0.0.0/33\": the prefix length \"33\" is not 0 to 32"},
      {"::1/129",
       "allow-egress \"::1/129\": the prefix length \"129\" is not 0 to 128"},
      {"10.0.0.0/", "the prefix length \"\" is not 0 to 32"},
      {"10.0.0.0/-1", "the prefix length \"-1\" is not 0 to 32"},
      {"10.0.0.0/8x", "the prefix length \"8x\" is not 0 to 32"},
      {"10.0.0.1/8",
       "has bits behind its prefix of 8\nwrite 10.0.0.0/8, or 10.0.0.1/32"},
      {"localhost", "allow-egress \"localhost\": is no range of addresses"},
      {"", "allow-egress \"\": is no range of addresses"},
      {"::ffff:10.0.0.0/104", "is an IPv4 range in IPv6 form"},
  };
  for (const BadRange& each : kCases) {
    const auto rules = EgressRules::Parse({"127.0.0.0/8", each.range});
    ASSERT_FALSE(rules) << each.range;
    EXPECT_THAT(rules.error().ToText(), HasSubstr(each.text));
  }
}

}  // namespace
}  // namespace caravel::daemon
