#pragma once

#include <string_view>

namespace caravel::host {

// The host of an authority, which may be an IPv6 address in brackets, without
// its port.
inline std::string_view WithoutPort(std::string_view authority) {
  const size_t colon = authority.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && !authority.ends_with(']');
  return has_port ? authority.substr(0, colon) : authority;
}

}  // namespace caravel::host
