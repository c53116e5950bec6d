#include "host/edge.h"

#include <algorithm>
#include <utility>

namespace caravel::host {
namespace {

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:80".
std::optional<net::IpAddress> AddressOf(std::string_view text) {
  if (text.starts_with('[')) {
    text = text.substr(1, text.find(']') - 1);
  } else if (std::ranges::count(text, ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  const auto address = net::ParseIpLiteral(text);
  return address ? *address : std::nullopt;
}

// The addresses of all X-Forwarded-For fields, the nearest proxy's first.
std::vector<std::string_view> ForwardedFor(const net::Headers& headers) {
  std::vector<std::string_view> hops;
  for (size_t i = 0; i < headers.size(); ++i) {
    const net::Headers::Field field = headers[i];
    if (!net::EqualsIgnoringCase(field.name, "X-Forwarded-For")) continue;
    std::string_view rest = field.value;
    while (true) {
      const size_t comma = rest.find(',');
      hops.push_back(Trimmed(rest.substr(0, comma)));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  std::ranges::reverse(hops);
  return hops;
}

}  // namespace

Edge::Edge(const registry::HostEdge& settings)
    : place_(settings.place), is_local_(settings.is_local) {
  std::string_view rest = settings.trusted_proxies;
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find(','), rest.size());
    auto range = net::IpRange::Parse(rest.substr(0, comma));
    if (range) proxies_.push_back(*range);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
}

bool Edge::IsTrusted(const net::IpAddress& address) const {
  return std::ranges::any_of(proxies_, [&address](const net::IpRange& range) {
    return range.Contains(address);
  });
}

void Edge::IdentifyBehindProxy(net::RequestHead& head) const {
  const auto peer = AddressOf(head.client);
  if (!peer || !IsTrusted(*peer)) return;
  std::optional<net::IpAddress> client;
  for (const std::string_view hop : ForwardedFor(head.headers)) {
    const auto address = AddressOf(hop);
    if (!address) break;  // what a proxy did not write is nobody's word
    client = address;
    if (!IsTrusted(*address)) break;
  }
  if (client) {
    head.proxy = std::exchange(head.client, client->ToText());
  }
  const auto scheme = head.headers.Find("X-Forwarded-Proto");
  if (!scheme) return;
  const std::string_view first = Trimmed(scheme->substr(0, scheme->find(',')));
  for (const std::string_view known : {"http", "https"}) {
    if (net::EqualsIgnoringCase(first, known)) head.scheme = known;
  }
}

}  // namespace caravel::host
