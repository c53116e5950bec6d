#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace caravel::registry {

// Where a zone's origin listens: "https://10.0.0.5:8443".
struct ZoneOrigin {
  bool tls = false;
  std::string host;  // lower case: a name, or an address without brackets
  uint16_t port = 0;

  // kInvalid: not http or https, no host, a wrong port, or more than these.
  static Result<ZoneOrigin> Parse(std::string_view url);

  bool operator==(const ZoneOrigin&) const = default;
};

}  // namespace caravel::registry
