// One table of ranges; the first that contains an address says what it is.
// Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890),
// and the clouds' manuals for the metadata services.
//
// Of IPv6 only 2000::/3 is given out as global unicast (RFC 4291, section 2.4),
// so that what no line names and lies outside is refused as well.
#include "daemon/egress_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace caravel::daemon {
namespace {

struct SpecialRange {
  std::string_view range;
  std::string_view kind;  // "the address … is <kind>"
};

constexpr std::string_view kMetadata = "a cloud's metadata service";
constexpr std::string_view kDocumentation = "for documentation only";
constexpr std::string_view kReserved = "reserved";

constexpr SpecialRange kSpecialRanges[] = {
    {"169.254.169.254/32", kMetadata},  // AWS, Azure, Google, Oracle, others
    {"169.254.170.2/32", kMetadata},    // AWS, tasks
    {"169.254.170.23/32", kMetadata},   // AWS, pods
    {"168.63.129.16/32", kMetadata},    // Azure, the machine's agent
    {"100.100.100.200/32", kMetadata},  // Alibaba
    {"192.0.0.192/32", kMetadata},      // Oracle, classic
    {"fd00:ec2::254/128", kMetadata},   // AWS
    {"fd00:ec2::23/128", kMetadata},    // AWS, pods
    {"fd20:ce::254/128", kMetadata},    // Google

    {"0.0.0.0/32", "unspecified"},
    {"0.0.0.0/8", "of this network"},
    {"10.0.0.0/8", "private"},
    {"100.64.0.0/10", "shared by carriers (CGNAT)"},
    {"127.0.0.0/8", "loopback"},
    {"169.254.0.0/16", "link-local"},
    {"172.16.0.0/12", "private"},
    {"192.0.0.0/24", kReserved},
    {"192.0.2.0/24", kDocumentation},
    {"192.88.99.0/24", kReserved},
    {"192.168.0.0/16", "private"},
    {"198.18.0.0/15", "for benchmarks only"},
    {"198.51.100.0/24", kDocumentation},
    {"203.0.113.0/24", kDocumentation},
    {"224.0.0.0/4", "multicast"},
    {"255.255.255.255/32", "broadcast"},
    {"240.0.0.0/4", kReserved},

    {"::/128", "unspecified"},
    {"::1/128", "loopback"},
    {"64:ff9b:1::/48", "private"},  // NAT64 with a prefix of the site
    {"100::/64", "for discarding only"},
    {"2001:db8::/32", kDocumentation},
    {"2001::/23", kReserved},  // Teredo, ORCHID, benchmarks
    {"3fff::/20", kDocumentation},
    {"fc00::/7", "private"},
    {"fe80::/10", "link-local"},
    {"fec0::/10", "private"},
    {"ff00::/8", "multicast"},
};

constexpr uint16_t kSmtpPort = 25;
constexpr std::string_view kGlobalIpv6 = "2000::/3";
constexpr std::string_view kNat64 = "64:ff9b::/96";

// Requires: `text` is a range; it comes from this file.
net::IpRange KnownRange(std::string_view text) {
  return net::IpRange::Parse(text).value();
}

}  // namespace

Result<EgressRules> EgressRules::Parse(
    const std::vector<std::string>& allowed) {
  EgressRules rules;
  for (const std::string& text : allowed) {
    CARAVEL_TRY(
        const net::IpRange range,
        net::IpRange::Parse(text).In(fmt::format("allow-egress \"{}\"", text)));
    rules.allowed_.push_back(range);
  }
  for (const SpecialRange& special : kSpecialRanges) {
    rules.special_.push_back({KnownRange(special.range), special.kind});
  }
  return rules;
}

Status EgressRules::Check(const net::IpAddress& address) const {
  if (IsOpened(address)) return {};
  const Special* special = nullptr;
  if (address.Any([&](const net::IpAddress& each) {
        special = FindSpecial(each);
        return special != nullptr;
      })) {
    const std::optional<net::IpAddress> embedded = address.Embedded();
    return Error(ErrorCode::kDenied,
                 fmt::format("the address {}{} is {}; the operator can allow "
                             "it with --allow-egress {}",
                             address.ToText(),
                             embedded ? " (" + embedded->ToText() + ")" : "",
                             special->kind, special->range.ToText()));
  }
  if (address.family() == net::IpAddress::Family::kV6 &&
      !KnownRange(kGlobalIpv6).Contains(address) &&
      !KnownRange(kNat64).Contains(address)) {
    return Error(ErrorCode::kDenied,
                 fmt::format("the address {} is {}; the operator can allow it "
                             "with --allow-egress {}/128",
                             address.ToText(), kReserved, address.ToText()));
  }
  return {};
}

Status EgressRules::Check(const net::IpAddress& address, uint16_t port) const {
  CARAVEL_TRY(Check(address));
  if (port != kSmtpPort || IsAllowed(address)) return {};
  return Error(ErrorCode::kDenied,
               fmt::format("Workers may not connect to port {}, that of mail "
                           "servers; the operator can allow it with "
                           "--allow-egress {}/{}",
                           port, address.ToText(), address.bits()));
}

bool EgressRules::IsOpened(const net::IpAddress& address) const {
  return address.Any(
      [this](const net::IpAddress& each) { return IsAllowed(each); });
}

bool EgressRules::IsAllowed(const net::IpAddress& address) const {
  return std::any_of(
      allowed_.begin(), allowed_.end(),
      [&](const net::IpRange& range) { return range.Contains(address); });
}

const EgressRules::Special* EgressRules::FindSpecial(
    const net::IpAddress& address) const {
  const auto found = std::find_if(
      special_.begin(), special_.end(),
      [&](const Special& special) { return special.range.Contains(address); });
  return found == special_.end() ? nullptr : &*found;
}

}  // namespace caravel::daemon
