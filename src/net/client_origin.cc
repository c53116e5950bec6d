#include "net/client_origin.h"

#include <charconv>

#include "net/http_syntax.h"

namespace caravel::net {

std::string Origin::ToText() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", host, port)
               : fmt::format("{}:{}", host, port);
}

Result<Origin> OriginOf(const std::string& owner, const RequestHead& head) {
  constexpr uint16_t kHttpPort = 80;
  constexpr uint16_t kHttpsPort = 443;
  Origin origin;
  origin.owner = owner;
  origin.tls = head.scheme == "https";
  origin.port = origin.tls ? kHttpsPort : kHttpPort;
  if (!origin.tls && head.scheme != "http") {
    return Error(ErrorCode::kInvalid,
                 fmt::format("fetch to \"{}\": the scheme \"{}\" is neither "
                             "http nor https",
                             head.authority, head.scheme));
  }
  const Error no_host(
      ErrorCode::kInvalid,
      fmt::format("fetch to \"{}\": this is no host", head.authority));
  if (!IsAuthority(head.authority)) return no_host.Clone();
  std::string_view host = head.authority;
  std::string_view port;
  // The colon behind the bracket, or the only one.
  const size_t bracket = host.rfind(']');
  const size_t colon = host.find(':', bracket == host.npos ? 0 : bracket);
  if (colon != host.npos) {
    port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  if (bracket != std::string_view::npos) host = host.substr(1, bracket - 1);
  if (!port.empty()) {
    const char* end = port.data() + port.size();
    const auto [stop, failed] = std::from_chars(port.data(), end, origin.port);
    if (failed != std::errc() || stop != end || origin.port == 0) {
      return Error(
          ErrorCode::kInvalid,
          fmt::format("fetch to \"{}\": {} is no port", head.authority, port));
    }
  }
  for (const char c : host) {
    origin.host.push_back(
        c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return origin;
}

}  // namespace caravel::net
