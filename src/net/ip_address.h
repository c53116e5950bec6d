#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace caravel::net {

// An IPv4 or IPv6 address. IPv4-mapped IPv6 (::ffff:a.b.c.d) is the IPv4
// address that it means, so that no rule has to know two forms. A value type.
class IpAddress {
 public:
  enum class Family : uint8_t { kV4, kV6 };

  IpAddress() = default;  // 0.0.0.0
  static IpAddress V4(const std::array<uint8_t, 4>& bytes);
  static IpAddress V6(const std::array<uint8_t, 16>& bytes);
  // Nothing for another family than AF_INET and AF_INET6.
  static std::optional<IpAddress> From(const sockaddr& address);

  Family family() const { return family_; }
  // 32 or 128.
  int bits() const { return family_ == Family::kV4 ? 32 : 128; }
  // Network order; of an IPv4 address the first four count.
  const std::array<uint8_t, 16>& bytes() const { return bytes_; }

  // The IPv4 address that a translator or tunnel would take this IPv6 address
  // to: NAT64 (64:ff9b::/96, RFC 6052) and 6to4 (2002::/16, RFC 3056).
  std::optional<IpAddress> Embedded() const;
  // Whether `is` says yes of this address, or else of the one that it carries.
  template <typename Is>
  bool Any(Is is) const {
    if (is(*this)) return true;
    const std::optional<IpAddress> embedded = Embedded();
    return embedded && is(*embedded);
  }

  // "10.0.0.1", "2001:db8::1".
  std::string ToText() const;
  // Fills `address` and returns its length in use.
  socklen_t ToSocketAddress(uint16_t port, sockaddr_storage& address) const;

  bool operator==(const IpAddress&) const = default;

 private:
  Family family_ = Family::kV4;
  std::array<uint8_t, 16> bytes_ = {};
};

// The address that `host` spells, or nothing when it is a name. IPv4 in each
// form that the C library and the URL Standard take ("127.1", "0x7f.0.0.1",
// "2130706433", a dot at the end): who connects by that text must be judged by
// the address that it means. kInvalid ("it is no IPv6 address") for text that
// ends in a number without being an address, and for an IPv6 zone
// ("fe80::1%eth0"). Source: URL Standard, "host parsing", the IPv4 parser.
Result<std::optional<IpAddress>> ParseIpLiteral(std::string_view host);

// Whether it is as long as names may be (RFC 1035, section 2.3.4) and of
// characters of names alone: the C library would take a zone or a space in its
// own way.
bool MayBeHostName(std::string_view host);

// All addresses that share the first `length` bits of `address`.
struct IpRange {
  IpAddress address;
  int length = 0;

  // From "10.0.0.0/8", or one address.
  static Result<IpRange> Parse(std::string_view text);

  bool Contains(const IpAddress& other) const;
  std::string ToText() const;
};

}  // namespace caravel::net
