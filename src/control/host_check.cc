#include "control/host_check.h"

#include <arpa/inet.h>

#include <algorithm>

namespace caravel::api {
namespace {

// "[::1]:80" → "::1", "LocalHost:80" → "localhost". Empty: no host.
std::string HostOf(std::string_view authority) {
  std::string_view host = authority;
  if (host.starts_with('[')) {
    const size_t end = host.find(']');
    if (end == std::string_view::npos) return {};
    host = host.substr(1, end - 1);
  } else {
    host = host.substr(0, host.find(':'));
  }
  if (host.ends_with('.')) host.remove_suffix(1);
  std::string lower(host);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

// A numeric loopback address: 127.0.0.0/8 (RFC 1122) or ::1.
bool IsLoopbackAddress(const std::string& host) {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    return ntohl(v4.s_addr) >> 24 == 127;
  }
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 &&
         IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace

bool IsAllowedHost(std::string_view authority,
                   std::span<const std::string> allowed) {
  const std::string host = HostOf(authority);
  if (host.empty()) return false;
  // RFC 6761, section 6.3: names under localhost are loopback.
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  if (IsLoopbackAddress(host)) return true;
  return std::ranges::any_of(allowed, [&host](const std::string& entry) {
    return entry == "*" || HostOf(entry) == host;
  });
}

}  // namespace caravel::api
