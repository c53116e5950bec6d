// SO_REUSEPORT lets a second caraveld of the same user bind the same port
// without an error and take half of the connections. So a first socket without
// it tries the port: that fails when anybody has it.
#include "daemon/listeners.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "base/check.h"
#include "daemon/client/data_folder.h"
#include "daemon/port_owner.h"

namespace caravel::daemon {
namespace {

constexpr std::string_view kLoopback = "127.0.0.1";
constexpr std::string_view kLoopback6 = "::1";

union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

Result<SocketAddress> ParseAddress(const TcpAddress& address) {
  SocketAddress raw = {};
  if (::inet_pton(AF_INET, address.host.c_str(), &raw.v4.sin_addr) == 1) {
    raw.v4.sin_family = AF_INET;
    raw.v4.sin_port = htons(address.port);
    return raw;
  }
  if (::inet_pton(AF_INET6, address.host.c_str(), &raw.v6.sin6_addr) == 1) {
    raw.v6.sin6_family = AF_INET6;
    raw.v6.sin6_port = htons(address.port);
    return raw;
  }
  return Error(ErrorCode::kInvalid,
               fmt::format("address \"{}\": not a numeric IPv4 or IPv6 address",
                           address.host))
      .Remedy("for example 127.0.0.1, 0.0.0.0 or ::1");
}

socklen_t SizeOf(const SocketAddress& address) {
  return address.any.sa_family == AF_INET6 ? sizeof(sockaddr_in6)
                                           : sizeof(sockaddr_in);
}

Result<base::Fd> BoundSocket(const SocketAddress& address, bool shared) {
  base::Fd fd(::socket(address.any.sa_family,
                       SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return ErrnoError("create a TCP socket", errno);
  constexpr int kOn = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &kOn, sizeof kOn);
  if (shared) {
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &kOn, sizeof kOn);
  }
  if (address.any.sa_family == AF_INET6) {
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &kOn, sizeof kOn);
  }
  if (::bind(fd.get(), &address.any, SizeOf(address)) != 0) {
    return ErrnoError("bind", errno);
  }
  return fd;
}

std::string InUseRemedy(const PortOwner& owner, const PortSetting& setting) {
  const std::string choice = fmt::format(
      "choose another port ({} N; 0 takes a free one)", setting.option);
  std::string remedy;
  if (owner.data_folder.empty()) {
    remedy = "stop that process, or " + choice;
  } else {
    const bool has_both =
        FindPortOwner(setting.other_port).data_folder == owner.data_folder;
    remedy = fmt::format(
        "{}, or stop that one: ./caravel down{}",
        has_both ? "choose two other ports (--port N --api-port N; 0 takes a "
                   "free one)"
                 : choice,
        DataOption(owner.data_folder));
  }
  if (!setting.kept_in.empty()) {
    remedy += fmt::format(
        "\n  No port was given: this one is that of the last time, kept in {}",
        setting.kept_in);
  }
  return remedy;
}

Error BindFailure(const TcpAddress& address, const Error& error,
                  const PortSetting& setting) {
  if (error.code() == ErrorCode::kConflict) {
    const PortOwner owner = FindPortOwner(address.port);
    return Error(ErrorCode::kConflict,
                 fmt::format("port {}: in use{}", address.port,
                             owner.text.empty() ? "" : " by " + owner.text))
        .Remedy(InUseRemedy(owner, setting));
  }
  Error copy = error.Clone();
  if (copy.code() == ErrorCode::kDenied) {
    return std::move(copy)
        .In("listen on " + address.ToText())
        .Remedy(fmt::format("ports below 1024 need a privilege: choose a "
                            "higher one ({} N)",
                            setting.option));
  }
  return std::move(copy).In("listen on " + address.ToText());
}

Result<TcpAddress> BoundAddress(const base::Fd& fd) {
  SocketAddress raw = {};
  socklen_t size = sizeof raw;
  if (::getsockname(fd.get(), &raw.any, &size) != 0) {
    return ErrnoError("getsockname", errno);
  }
  char text[INET6_ADDRSTRLEN] = {};
  TcpAddress address;
  if (raw.any.sa_family == AF_INET) {
    ::inet_ntop(AF_INET, &raw.v4.sin_addr, text, sizeof text);
    address.port = ntohs(raw.v4.sin_port);
  } else if (raw.any.sa_family == AF_INET6) {
    ::inet_ntop(AF_INET6, &raw.v6.sin6_addr, text, sizeof text);
    address.port = ntohs(raw.v6.sin6_port);
  } else {
    return Error(ErrorCode::kInvalid, "the socket is not a TCP socket");
  }
  address.host = text;
  return address;
}

}  // namespace

std::string TcpAddress::ToText() const {
  return host.find(':') == std::string::npos
             ? fmt::format("{}:{}", host, port)
             : fmt::format("[{}]:{}", host, port);
}

namespace {

Result<std::vector<base::Fd>> ListenAt(const TcpAddress& address,
                                       unsigned count,
                                       const PortSetting& setting) {
  CARAVEL_TRY(SocketAddress raw, ParseAddress(address));
  if (address.port != 0) {
    Result<base::Fd> trial = BoundSocket(raw, /*shared=*/false);
    if (!trial) return BindFailure(address, trial.error(), setting);
  }
  std::vector<base::Fd> listeners;
  TcpAddress bound = address;
  for (unsigned i = 0; i < count; ++i) {
    CARAVEL_TRY(raw, ParseAddress(bound));
    Result<base::Fd> listener = BoundSocket(raw, /*shared=*/true);
    if (!listener) return BindFailure(bound, listener.error(), setting);
    if (::listen(listener->get(), SOMAXCONN) != 0) {
      return BindFailure(bound, ErrnoError("listen", errno), setting);
    }
    CARAVEL_TRY(bound, BoundAddress(*listener));
    listeners.push_back(std::move(*listener));
  }
  return listeners;
}

bool HasAddress(const std::string& host) {
  const Result<SocketAddress> raw = ParseAddress({.host = host, .port = 0});
  return raw && BoundSocket(*raw, /*shared=*/false);
}

}  // namespace

Result<std::vector<base::Fd>> ListenTcp(const TcpAddress& address,
                                        unsigned count,
                                        const PortSetting& setting) {
  CARAVEL_CHECK(count <= kMaxShards, count);
  const bool is_both =
      address.host == kLoopback && HasAddress(std::string(kLoopback6));
  if (!is_both) return ListenAt(address, count, setting);
  // A port that is free at one address may be taken at the other.
  constexpr int kTries = 20;
  for (int i = 1;; ++i) {
    CARAVEL_TRY(std::vector<base::Fd> listeners,
                ListenAt(address, count, setting));
    CARAVEL_TRY(const TcpAddress bound, BoundAddress(listeners.front()));
    auto beside = ListenAt(
        {.host = std::string(kLoopback6), .port = bound.port}, count, setting);
    if (!beside) {
      if (address.port == 0 && i < kTries) continue;
      return std::move(beside).error();
    }
    std::ranges::move(*beside, std::back_inserter(listeners));
    return listeners;
  }
}

Result<TcpAddress> ListeningAddress(const base::Fd& fd) {
  int listening = 0;
  socklen_t size = sizeof listening;
  if (::getsockopt(fd.get(), SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) !=
          0 ||
      listening == 0) {
    return Error(ErrorCode::kInvalid, "the descriptor is no listening socket");
  }
  return BoundAddress(fd);
}

Result<ListenerSet> DescribeListeners(const std::vector<base::Fd>& listeners,
                                      const TcpAddress& wanted) {
  ListenerSet set;
  unsigned beside = 0;
  for (const base::Fd& listener : listeners) {
    CARAVEL_TRY(const TcpAddress address, ListeningAddress(listener));
    const bool is_beside =
        wanted.host == kLoopback && address.host == kLoopback6;
    const bool fits =
        (address.host == wanted.host || is_beside) &&
        (wanted.port == 0 || address.port == wanted.port) &&
        (set.address.port == 0 ? !is_beside : address.port == set.address.port);
    if (!fits) {
      return Error(ErrorCode::kConflict,
                   fmt::format("the listener is at {}, not at {}",
                               address.ToText(), wanted.ToText()));
    }
    if (set.address.port == 0) set.address = address;
    ++(is_beside ? beside : set.for_each_address);
  }
  if (beside == 0 || beside == set.for_each_address) return set;
  return Error(
      ErrorCode::kConflict,
      fmt::format("{} listeners are at {}, {} at {}", set.for_each_address,
                  kLoopback, beside, kLoopback6));
}

}  // namespace caravel::daemon
