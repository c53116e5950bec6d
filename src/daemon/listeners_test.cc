#include "daemon/listeners.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/check.h"

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

// A process that listens at [::1] until it is destroyed.
class HolderOfLoopback6 {
 public:
  HolderOfLoopback6() {
    std::vector<base::Fd> listeners = Listen("::1", 1);
    port_ = ListeningAddress(listeners[0])->port;
    int ends[2];
    CARAVEL_CHECK(::pipe2(ends, O_CLOEXEC) == 0, errno);
    const base::Fd wait(ends[0]);
    end_ = base::Fd(ends[1]);
    pid_ = ::fork();
    CARAVEL_CHECK(pid_ >= 0, errno);
    if (pid_ != 0) return;
    end_.Reset();
    char unused = 0;
    (void)!::read(wait.get(), &unused, 1);
    ::_exit(0);
  }
  ~HolderOfLoopback6() {
    end_.Reset();
    ::waitpid(pid_, nullptr, 0);
  }
  HolderOfLoopback6(const HolderOfLoopback6&) = delete;
  HolderOfLoopback6& operator=(const HolderOfLoopback6&) = delete;
  uint16_t port() const { return port_; }
  pid_t pid() const { return pid_; }

 private:
  uint16_t port_ = 0;
  base::Fd end_;
  pid_t pid_ = -1;
};

TEST(Listeners, NameWhoHasTheOtherAddressNotThemselves) {
  if (!MachineHasIpv6()) GTEST_SKIP() << "this machine has no IPv6";
  const HolderOfLoopback6 holder;
  const auto listeners =
      ListenTcp({.host = "127.0.0.1", .port = holder.port()}, 1, {"--port"});
  ASSERT_FALSE(listeners);
  EXPECT_THAT(listeners.error().message(),
              HasSubstr(fmt::format("port {}: in use by process {} ",
                                    holder.port(), holder.pid())));
  EXPECT_THAT(listeners.error().remedy(), HasSubstr("stop that process"));
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
