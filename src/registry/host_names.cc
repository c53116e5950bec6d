#include "registry/host_names.h"

#include <fmt/format.h>

#include <algorithm>

namespace caravel::registry {

std::vector<std::string> HostNames(const Account& account,
                                   std::string_view worker,
                                   std::string_view domain) {
  std::vector<std::string> hosts;
  if (!domain.empty()) {
    hosts.push_back(fmt::format("{}.{}.{}", worker, account.subdomain, domain));
  }
  if (account.number == 1) hosts.push_back(fmt::format("{}.localhost", worker));
  hosts.push_back(fmt::format("{}.{}.localhost", worker, account.subdomain));
  for (std::string& host : hosts) {
    std::ranges::transform(host, host.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
  }
  return hosts;
}

}  // namespace caravel::registry
