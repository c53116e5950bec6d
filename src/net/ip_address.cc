#include "net/ip_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

namespace caravel::net {
namespace {

constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0,    0,
                                                   0, 0, 0, 0, 0xff, 0xff};
constexpr std::array<uint8_t, 12> kNat64Prefix = {0, 0x64, 0xff, 0x9b, 0, 0,
                                                  0, 0,    0,    0,    0, 0};
constexpr std::array<uint8_t, 2> k6to4Prefix = {0x20, 0x02};

template <size_t N>
bool StartsWith(const std::array<uint8_t, 16>& bytes,
                const std::array<uint8_t, N>& prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

IpAddress V4At(const std::array<uint8_t, 16>& bytes, size_t begin) {
  return IpAddress::V4(
      {bytes[begin], bytes[begin + 1], bytes[begin + 2], bytes[begin + 3]});
}

// One part of an IPv4 address: decimal, octal (0…) or hexadecimal (0x…).
std::optional<uint64_t> ParseIpv4Number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
    if (text.empty()) return 0;
  } else if (text.size() > 1 && text.starts_with('0')) {
    base = 8;
    text.remove_prefix(1);
  }
  uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || stop != end || failed == std::errc::invalid_argument) {
    return std::nullopt;
  }
  return failed == std::errc() ? value : UINT64_MAX;
}

std::vector<std::string_view> SplitAtDots(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t dot = text.find('.');
    parts.push_back(text.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    text.remove_prefix(dot + 1);
  }
}

bool IsAllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
}

// URL Standard, "ends-in-a-number checker" and "IPv4 parser".
Result<std::optional<IpAddress>> ParseIpv4(std::string_view host) {
  std::string_view text = host;
  if (text.ends_with('.')) text.remove_suffix(1);
  const std::vector<std::string_view> parts = SplitAtDots(text);
  if (!IsAllDigits(parts.back()) && !ParseIpv4Number(parts.back())) {
    return std::optional<IpAddress>();
  }
  const auto not_an_address = [] {
    return Error(ErrorCode::kInvalid,
                 "it ends in a number but is no IPv4 address");
  };
  if (parts.size() > 4) return not_an_address();
  uint64_t whole = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::optional<uint64_t> part = ParseIpv4Number(parts[i]);
    const bool is_last = i + 1 == parts.size();
    // The last part fills all bytes that are left.
    const uint64_t most =
        is_last ? (1ULL << (8 * (5 - parts.size()))) - 1 : 255;
    if (!part || *part > most) return not_an_address();
    whole |= is_last ? *part : *part << (8 * (3 - i));
  }
  return std::optional<IpAddress>(IpAddress::V4(
      {static_cast<uint8_t>(whole >> 24), static_cast<uint8_t>(whole >> 16),
       static_cast<uint8_t>(whole >> 8), static_cast<uint8_t>(whole)}));
}

}  // namespace

IpAddress IpAddress::V4(const std::array<uint8_t, 4>& bytes) {
  IpAddress address;
  std::copy(bytes.begin(), bytes.end(), address.bytes_.begin());
  return address;
}

IpAddress IpAddress::V6(const std::array<uint8_t, 16>& bytes) {
  if (StartsWith(bytes, kMappedPrefix)) return V4At(bytes, 12);
  IpAddress address;
  address.family_ = Family::kV6;
  address.bytes_ = bytes;
  return address;
}

std::optional<IpAddress> IpAddress::From(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    std::array<uint8_t, 4> bytes;
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return V4(bytes);
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof v6);
    std::array<uint8_t, 16> bytes;
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return V6(bytes);
  }
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::Embedded() const {
  if (family_ == Family::kV4) return std::nullopt;
  if (StartsWith(bytes_, kNat64Prefix)) return V4At(bytes_, 12);
  if (StartsWith(bytes_, k6to4Prefix)) return V4At(bytes_, 2);
  return std::nullopt;
}

std::string IpAddress::ToText() const {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  ::inet_ntop(family_ == Family::kV4 ? AF_INET : AF_INET6, bytes_.data(),
              text.data(), text.size());
  return text.data();
}

socklen_t IpAddress::ToSocketAddress(uint16_t port,
                                     sockaddr_storage& address) const {
  address = {};
  if (family_ == Family::kV4) {
    sockaddr_in v4 = {};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, bytes_.data(), sizeof v4.sin_addr);
    std::memcpy(&address, &v4, sizeof v4);
    return sizeof v4;
  }
  sockaddr_in6 v6 = {};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  std::memcpy(&v6.sin6_addr, bytes_.data(), sizeof v6.sin6_addr);
  std::memcpy(&address, &v6, sizeof v6);
  return sizeof v6;
}

Result<std::optional<IpAddress>> ParseIpLiteral(std::string_view host) {
  if (host.find(':') == std::string_view::npos) return ParseIpv4(host);
  if (host.find('%') != std::string_view::npos) {
    return Error(ErrorCode::kInvalid,
                 "it names an IPv6 zone, which is not taken");
  }
  std::array<uint8_t, 16> bytes;
  if (::inet_pton(AF_INET6, std::string(host).c_str(), bytes.data()) != 1) {
    return Error(ErrorCode::kInvalid, "it is no IPv6 address");
  }
  return std::optional<IpAddress>(IpAddress::V6(bytes));
}

bool MayBeHostName(std::string_view host) {
  constexpr size_t kLongestName = 253;
  return !host.empty() && host.size() <= kLongestName &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
         });
}

Result<IpRange> IpRange::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string address_text(text.substr(0, slash));
  std::array<uint8_t, 16> bytes = {};
  IpRange range;
  if (::inet_pton(AF_INET, address_text.c_str(), bytes.data()) == 1) {
    range.address = IpAddress::V4({bytes[0], bytes[1], bytes[2], bytes[3]});
  } else if (::inet_pton(AF_INET6, address_text.c_str(), bytes.data()) == 1) {
    range.address = IpAddress::V6(bytes);
    if (range.address.family() == IpAddress::Family::kV4) {
      return Error(ErrorCode::kInvalid, "is an IPv4 range in IPv6 form")
          .Remedy("write it as IPv4, such as 10.0.0.0/8");
    }
  } else {
    return Error(ErrorCode::kInvalid, "is no range of addresses")
        .Remedy("write it as 10.0.0.0/8, fd00::/8, or one address");
  }
  range.length = range.address.bits();
  if (slash != std::string_view::npos) {
    const std::string_view length = text.substr(slash + 1);
    const char* end = length.data() + length.size();
    const auto [stop, failed] =
        std::from_chars(length.data(), end, range.length);
    if (!IsAllDigits(length) || failed != std::errc() || stop != end ||
        range.length > range.address.bits()) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("the prefix length \"{}\" is not 0 to {}",
                               length, range.address.bits()));
    }
  }
  const IpAddress given = range.address;
  std::array<uint8_t, 16> masked = given.bytes();
  for (int bit = range.length; bit < given.bits(); ++bit) {
    masked[static_cast<size_t>(bit / 8)] &=
        static_cast<uint8_t>(~(0x80U >> (bit % 8)));
  }
  if (masked != given.bytes()) {
    range.address = given.family() == IpAddress::Family::kV4
                        ? V4At(masked, 0)
                        : IpAddress::V6(masked);
    return Error(ErrorCode::kInvalid,
                 fmt::format("has bits behind its prefix of {}", range.length))
        .Remedy(fmt::format("write {}, or {}/{} for that address alone",
                            range.ToText(), given.ToText(), given.bits()));
  }
  return range;
}

bool IpRange::Contains(const IpAddress& other) const {
  if (other.family() != address.family()) return false;
  const auto& a = address.bytes();
  const auto& b = other.bytes();
  const auto whole = static_cast<size_t>(length / 8);
  if (!std::equal(a.begin(), a.begin() + static_cast<ptrdiff_t>(whole),
                  b.begin())) {
    return false;
  }
  const int rest = length % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

std::string IpRange::ToText() const {
  return fmt::format("{}/{}", address.ToText(), length);
}

}  // namespace caravel::net
