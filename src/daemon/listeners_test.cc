#include "daemon/listeners.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

namespace caravel::daemon {
namespace {

using testing::HasSubstr;

std::vector<base::Fd> Listen(const std::string& host, unsigned count) {
  return ListenTcp({.host = host, .port = 0}, count, {"--port"}).value();
}

std::vector<std::string> HostsOf(const std::vector<base::Fd>& listeners) {
  std::vector<std::string> hosts;
  for (const base::Fd& listener : listeners) {
    hosts.push_back(ListeningAddress(listener)->host);
  }
  return hosts;
}

bool MachineHasIpv6() {
  return ListenTcp({.host = "::1", .port = 0}, 1, {"--port"}).has_value();
}

TEST(Listeners, OfOneAddressShareItsPort) {
  const std::vector<base::Fd> listeners = Listen("0.0.0.0", 3);
  ASSERT_EQ(listeners.size(), 3U);
  const TcpAddress first = ListeningAddress(listeners[0]).value();
  EXPECT_NE(first.port, 0);
  for (const base::Fd& listener : listeners) {
    EXPECT_EQ(ListeningAddress(listener).value(), first);
  }
}

TEST(Listeners, OfLoopbackAreThoseOfBothFamilies) {
  if (!MachineHasIpv6()) GTEST_SKIP() << "this machine has no IPv6";
  const std::vector<base::Fd> listeners = Listen("127.0.0.1", 2);
  EXPECT_THAT(HostsOf(listeners),
              testing::ElementsAre("127.0.0.1", "127.0.0.1", "::1", "::1"));
  EXPECT_EQ(ListeningAddress(listeners[0])->port,
            ListeningAddress(listeners[3])->port);
}

TEST(Listeners, OfAsManyShardsAsThereMayBeFitIntoOnePacket) {
  if (!MachineHasIpv6()) GTEST_SKIP() << "this machine has no IPv6";
  const std::vector<base::Fd> listeners = Listen("127.0.0.1", kMaxShards);
  EXPECT_EQ(std::ranges::count(HostsOf(listeners), "::1"), kMaxShards);
  EXPECT_LE(listeners.size(), net::kMaxPacketFds);
}

TEST(Listeners, NameThePortThatIsTakenAtEitherAddress) {
  if (!MachineHasIpv6()) GTEST_SKIP() << "this machine has no IPv6";
  const std::vector<base::Fd> holder = Listen("::1", 1);
  const uint16_t port = ListeningAddress(holder[0])->port;
  const auto listeners =
      ListenTcp({.host = "127.0.0.1", .port = port}, 1, {"--port"});
  ASSERT_FALSE(listeners);
  EXPECT_THAT(listeners.error().message(),
              HasSubstr(fmt::format("port {}: in use", port)));
  EXPECT_THAT(listeners.error().remedy(), HasSubstr("--port N"));
}

TEST(Listeners, SayWhereAPortThatIsTakenComesFrom) {
  const std::vector<base::Fd> holder = Listen("127.0.0.1", 1);
  const uint16_t port = ListeningAddress(holder[0])->port;
  const auto listeners =
      ListenTcp({.host = "127.0.0.1", .port = port}, 1,
                {.option = "--port", .kept_in = "/data/ports"});
  ASSERT_FALSE(listeners);
  EXPECT_THAT(listeners.error().message(),
              HasSubstr(fmt::format("process {}", ::getpid())));
  EXPECT_THAT(listeners.error().remedy(),
              HasSubstr("No port was given: this one is that of the last time, "
                        "kept in /data/ports"));
}

TEST(Listeners, AreTakenBackAsTheSetThatTheyWere) {
  const TcpAddress wanted = {.host = "127.0.0.1", .port = 0};
  const std::vector<base::Fd> listeners = Listen(wanted.host, 2);
  const ListenerSet set = DescribeListeners(listeners, wanted).value();
  EXPECT_EQ(set.address, ListeningAddress(listeners[0]).value());
  EXPECT_EQ(set.for_each_address, 2U);
}

TEST(Listeners, OfAnotherAddressAreNotTakenBack) {
  const std::vector<base::Fd> listeners = Listen("0.0.0.0", 1);
  const auto set =
      DescribeListeners(listeners, {.host = "127.0.0.1", .port = 0});
  ASSERT_FALSE(set);
  EXPECT_THAT(set.error().message(), HasSubstr("not at 127.0.0.1"));
}

TEST(Listeners, OfWhichSomeAreMissingAreNotTakenBack) {
  if (!MachineHasIpv6()) GTEST_SKIP() << "this machine has no IPv6";
  const TcpAddress wanted = {.host = "127.0.0.1", .port = 0};
  std::vector<base::Fd> listeners = Listen(wanted.host, 2);
  listeners.pop_back();
  EXPECT_FALSE(DescribeListeners(listeners, wanted));
}

}  // namespace
}  // namespace caravel::daemon
