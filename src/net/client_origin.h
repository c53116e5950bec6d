#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "net/exchange.h"

namespace caravel::net {

// Where a request goes: what may share a connection. A value type.
struct Origin {
  std::string owner;  // whose connections; never shared between owners
  bool tls = false;
  std::string host;  // lower case, without brackets
  uint16_t port = 0;
  std::string tls_name = {};  // that the certificate is for; empty: `host`

  auto operator<=>(const Origin&) const = default;

  // "example.com:443", "[::1]:80": for errors.
  std::string ToText() const;
};

// Of `head`'s scheme and authority, the port by the scheme where none is given.
// kInvalid names the part that is wrong.
Result<Origin> OriginOf(const std::string& owner, const RequestHead& head);

}  // namespace caravel::net
