// Sockets for channels. A unix socket's path holds 107 bytes (unix(7)), and
// data folders may lie deeper: a longer path is reached through a descriptor of
// its folder, as /proc/self/fd/N/NAME.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "net/channel.h"

namespace caravel::net {
namespace {

// A path as the kernel takes it; the descriptor stays open while it is used.
struct SocketAddress {
  sockaddr_un raw = {};
  base::Fd folder;  // only when the path was too long
};

Result<SocketAddress> MakeAddress(const std::string& path) {
  SocketAddress address;
  address.raw.sun_family = AF_UNIX;
  std::string short_path = path;
  if (path.size() >= sizeof address.raw.sun_path) {
    const size_t slash = path.rfind('/');
    const std::string folder =
        slash == std::string::npos ? "." : path.substr(0, slash + 1);
    address.folder =
        base::Fd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!address.folder.valid()) return ErrnoError("open " + folder, errno);
    short_path =
        fmt::format("/proc/self/fd/{}/{}", address.folder.get(),
                    path.substr(slash == std::string::npos ? 0 : slash + 1));
  }
  if (short_path.empty() || short_path.size() >= sizeof address.raw.sun_path) {
    return Error(
        ErrorCode::kInvalid,
        fmt::format("socket \"{}\": the name is empty or too long", path));
  }
  std::memcpy(address.raw.sun_path, short_path.c_str(), short_path.size() + 1);
  return address;
}

Result<base::Fd> MakeSocket() {
  base::Fd socket(
      ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return ErrnoError("create a unix socket", errno);
  return socket;
}

// 0, or the error number.
int ConnectTo(const base::Fd& socket, const SocketAddress& address) {
  const auto* raw = reinterpret_cast<const sockaddr*>(&address.raw);
  while (::connect(socket.get(), raw, sizeof address.raw) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

// Removes the socket that nobody listens on any more.
Status RemoveDead(const std::string& path, const SocketAddress& address) {
  struct stat status = {};
  if (::lstat(address.raw.sun_path, &status) != 0) {
    if (errno == ENOENT) return {};
    return ErrnoError("look at " + path, errno);
  }
  if (!S_ISSOCK(status.st_mode)) {
    return Error(
               ErrorCode::kConflict,
               fmt::format("listen on {}: there is another kind of file", path))
        .Remedy("move it away");
  }
  CARAVEL_TRY(const base::Fd probe, MakeSocket());
  const int error_number = ConnectTo(probe, address);
  if (error_number != ECONNREFUSED) {
    return Error(
               ErrorCode::kConflict,
               fmt::format("listen on {}: another process listens there", path))
        .Remedy("stop it first, or use another folder");
  }
  if (::unlink(address.raw.sun_path) != 0 && errno != ENOENT) {
    return ErrnoError("remove the dead socket " + path, errno);
  }
  return {};
}

}  // namespace

Result<base::Fd> ListenUnix(const std::string& path) {
  CARAVEL_TRY(const SocketAddress address, MakeAddress(path));
  CARAVEL_TRY(base::Fd socket, MakeSocket());
  CARAVEL_TRY(RemoveDead(path, address));
  // Linux gives the bound name the mode of the unbound socket: there is no
  // moment at which others may connect.
  if (::fchmod(socket.get(), 0600) != 0) {
    return ErrnoError("restrict the socket " + path, errno);
  }
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address.raw),
             sizeof address.raw) != 0) {
    return ErrnoError("bind " + path, errno);
  }
  if (::listen(socket.get(), SOMAXCONN) != 0) {
    return ErrnoError("listen on " + path, errno);
  }
  return socket;
}

Result<base::Fd> ConnectUnix(const std::string& path) {
  CARAVEL_TRY(const SocketAddress address, MakeAddress(path));
  CARAVEL_TRY(base::Fd socket, MakeSocket());
  const int error_number = ConnectTo(socket, address);
  if (error_number == 0) return socket;
  Error error = ErrnoError("connect to " + path, error_number);
  const bool nobody_answers = error_number == ECONNREFUSED ||
                              error_number == ENOENT || error_number == EAGAIN;
  if (nobody_answers) {
    return Error(ErrorCode::kUnavailable, error.message());
  }
  return error;
}

Result<std::pair<base::Fd, base::Fd>> ChannelPair() {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
                   ends) != 0) {
    return ErrnoError("create a pair of unix sockets", errno);
  }
  return std::pair<base::Fd, base::Fd>(base::Fd(ends[0]), base::Fd(ends[1]));
}

}  // namespace caravel::net
