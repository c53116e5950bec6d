#include "registry/zone_origin.h"

#include <fmt/format.h>

#include <charconv>

#include "net/http_syntax.h"
#include "registry/route_pattern.h"

namespace caravel::registry {

Result<ZoneOrigin> ZoneOrigin::Parse(std::string_view url) {
  const auto wrong = [url](std::string_view what) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("origin \"{}\": {}", url.substr(0, 300), what))
        .Remedy("write it as http://HOST:PORT or https://HOST:PORT");
  };
  constexpr std::string_view kHttp = "http://";
  constexpr std::string_view kHttps = "https://";
  constexpr uint16_t kHttpPort = 80;
  constexpr uint16_t kHttpsPort = 443;
  ZoneOrigin origin;
  std::string_view rest = url;
  if (rest.starts_with(kHttps)) {
    origin.tls = true;
    rest.remove_prefix(kHttps.size());
  } else if (rest.starts_with(kHttp)) {
    rest.remove_prefix(kHttp.size());
  } else {
    return wrong("the scheme is neither http nor https");
  }
  origin.port = origin.tls ? kHttpsPort : kHttpPort;
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find_first_of("/?#") != std::string_view::npos) {
    return wrong("it has a path");
  }
  if (!net::IsAuthority(rest)) return wrong("it names no host");
  const size_t bracket = rest.rfind(']');
  const size_t colon = rest.find(':', bracket == rest.npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    const std::string_view port = rest.substr(colon + 1);
    const auto [stop, failed] =
        std::from_chars(port.data(), port.data() + port.size(), origin.port);
    if (failed != std::errc() || stop != port.data() + port.size() ||
        origin.port == 0) {
      return wrong(fmt::format("\"{}\" is no port", port));
    }
    rest = rest.substr(0, colon);
  }
  if (bracket != std::string_view::npos) {
    rest = rest.substr(1, rest.size() - 2);
  }
  origin.host = LowerHost(rest);
  return origin;
}

}  // namespace caravel::registry
