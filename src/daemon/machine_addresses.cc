// Tests: machine_addresses_test.cc.
#include "daemon/machine_addresses.h"

#include <ifaddrs.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>

namespace caravel::daemon {
namespace {

constexpr std::chrono::seconds kReadEvery{1};

}  // namespace

Result<std::vector<net::IpAddress>> ReadMachineAddresses() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) {
    return Error(ErrorCode::kUnavailable,
                 std::string("the addresses of this machine cannot be read: ") +
                     std::strerror(errno));
  }
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owned(
      first, &::freeifaddrs);
  std::vector<net::IpAddress> addresses;
  for (const ifaddrs* each = first; each != nullptr; each = each->ifa_next) {
    if (each->ifa_addr == nullptr) continue;
    const std::optional<net::IpAddress> address =
        net::IpAddress::From(*each->ifa_addr);
    if (address) addresses.push_back(*address);
  }
  return addresses;
}

Result<bool> MachineAddresses::Has(const net::IpAddress& address,
                                   base::SteadyTime now) {
  if (!read_at_ || now - *read_at_ >= kReadEvery) {
    CARAVEL_TRY(known_, read_());
    read_at_ = now;
  }
  return address.Any([&](const net::IpAddress& wanted) {
    return std::find(known_.begin(), known_.end(), wanted) != known_.end();
  });
}

}  // namespace caravel::daemon
