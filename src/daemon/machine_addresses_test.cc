#include "daemon/machine_addresses.h"

namespace caravel::daemon {
namespace {

net::IpAddress AddressOf(std::string_view text) {
  return net::ParseIpLiteral(text).value().value();
}

constexpr base::SteadyTime kStart{std::chrono::hours(1)};

TEST(MachineAddressesTest, KnowsTheInterfacesOfThisMachine) {
  MachineAddresses machine(&ReadMachineAddresses);
  EXPECT_TRUE(machine.Has(AddressOf("127.0.0.1"), kStart).value());
  EXPECT_FALSE(machine.Has(AddressOf("192.88.99.77"), kStart).value());
}

TEST(MachineAddressesTest, LooksThroughIpv6FormsOfAnIpv4Address) {
  MachineAddresses machine(
      [] { return std::vector<net::IpAddress>{AddressOf("8.8.8.8")}; });
  for (const std::string_view form :
       {"8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"}) {
    EXPECT_TRUE(machine.Has(AddressOf(form), kStart).value()) << form;
  }
  EXPECT_FALSE(machine.Has(AddressOf("64:ff9b::8.8.4.4"), kStart).value());
}

TEST(MachineAddressesTest, SeesInterfacesComeAndGoAndReadsThemOnceASecond) {
  std::vector<net::IpAddress> present = {AddressOf("8.8.8.8")};
  int readings = 0;
  MachineAddresses machine([&] {
    ++readings;
    return present;
  });
  EXPECT_TRUE(machine.Has(AddressOf("8.8.8.8"), kStart).value());
  present = {AddressOf("2a00::1")};
  const base::SteadyTime soon = kStart + std::chrono::milliseconds(999);
  EXPECT_FALSE(machine.Has(AddressOf("2a00::1"), soon).value());
  EXPECT_EQ(readings, 1);
  const base::SteadyTime later = kStart + std::chrono::seconds(1);
  EXPECT_TRUE(machine.Has(AddressOf("2a00::1"), later).value());
  EXPECT_FALSE(machine.Has(AddressOf("8.8.8.8"), later).value());
  EXPECT_EQ(readings, 2);
}

TEST(MachineAddressesTest, SaysThatTheyCannotBeReadAndTriesAgain) {
  bool fails = true;
  MachineAddresses machine([&]() -> Result<std::vector<net::IpAddress>> {
    if (fails) return Error(ErrorCode::kUnavailable, "no netlink");
    return std::vector<net::IpAddress>();
  });
  EXPECT_FALSE(machine.Has(AddressOf("8.8.8.8"), kStart));
  fails = false;
  EXPECT_FALSE(machine.Has(AddressOf("8.8.8.8"), kStart).value());
}

}  // namespace
}  // namespace caravel::daemon
