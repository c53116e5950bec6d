// Tests: listen_test.cc.
#include "net/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace caravel::net {
namespace {

constexpr int kBacklog = 4096;

struct TcpAddress {
  sockaddr_storage raw = {};
  socklen_t size = 0;
};

Result<TcpAddress> ParseTcpAddress(const ListenOptions& options) {
  TcpAddress address;
  sockaddr_in v4 = {};
  sockaddr_in6 v6 = {};
  if (::inet_pton(AF_INET, options.address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(options.port);
    std::memcpy(&address.raw, &v4, sizeof v4);
    address.size = sizeof v4;
    return address;
  }
  if (::inet_pton(AF_INET6, options.address.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(options.port);
    std::memcpy(&address.raw, &v6, sizeof v6);
    address.size = sizeof v6;
    return address;
  }
  return Error(ErrorCode::kInvalid,
               fmt::format("listen on \"{}\": this is not a numeric address",
                           options.address))
      .Remedy("use an address such as 127.0.0.1, 0.0.0.0 or ::");
}

Error ListenError(const ListenOptions& options, int error_number) {
  const std::string where =
      fmt::format("listen on {} port {}", options.address, options.port);
  if (error_number == EADDRINUSE) {
    return Error(ErrorCode::kConflict,
                 where + ": another program listens there already")
        .Remedy("stop it, or choose another port");
  }
  if (error_number == EACCES) {
    return Error(ErrorCode::kDenied,
                 where + ": ports below 1024 need a permission")
        .Remedy("choose a port from 1024, or give CAP_NET_BIND_SERVICE");
  }
  return ErrnoError(where, error_number);
}

}  // namespace

Result<base::Fd> ListenTcp(const ListenOptions& options) {
  CARAVEL_TRY(const TcpAddress address, ParseTcpAddress(options));
  base::Fd socket(::socket(address.raw.ss_family,
                           SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return ListenError(options, errno);
  const int yes = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  // Accepted sockets inherit it.
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (options.shared && ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT,
                                     &yes, sizeof yes) != 0) {
    return ListenError(options, errno);
  }
  const auto* raw = reinterpret_cast<const sockaddr*>(&address.raw);
  if (::bind(socket.get(), raw, address.size) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    return ListenError(options, errno);
  }
  return socket;
}

Result<uint16_t> LocalPort(const base::Fd& socket) {
  sockaddr_storage raw = {};
  socklen_t size = sizeof raw;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&raw), &size) !=
      0) {
    return ErrnoError("ask for the port of a socket", errno);
  }
  if (raw.ss_family == AF_INET) {
    sockaddr_in v4 = {};
    std::memcpy(&v4, &raw, sizeof v4);
    return ntohs(v4.sin_port);
  }
  if (raw.ss_family == AF_INET6) {
    sockaddr_in6 v6 = {};
    std::memcpy(&v6, &raw, sizeof v6);
    return ntohs(v6.sin6_port);
  }
  return Error(ErrorCode::kInvalid, "the socket is not bound to a port");
}

}  // namespace caravel::net
