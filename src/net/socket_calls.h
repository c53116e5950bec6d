#pragma once

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstddef>

// recv(2) and send(2) as the kernel has them, for the connections of clients.
// Those of the C library are points at which pthread_cancel(), which nobody
// here calls, may end the thread, and pay for it with two atomic exchanges a
// call: of a short request half a percent (bench hello). The sanitizers watch
// those, and therefore get them.
namespace caravel::net {

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kByLibrary = true;
#else
inline constexpr bool kByLibrary = false;
#endif

// The bytes read into `to`, 0 at the end, or -1 with errno. Any thread may
// call.
inline ssize_t Receive(int fd, char* to, size_t size, int flags) {
  if constexpr (kByLibrary) return ::recv(fd, to, size, flags);
  return ::syscall(SYS_recvfrom, fd, to, size, flags, nullptr, nullptr);
}

// The bytes taken of `from`, or -1 with errno. Any thread may call.
inline ssize_t Send(int fd, const char* from, size_t size, int flags) {
  if constexpr (kByLibrary) return ::send(fd, from, size, flags);
  return ::syscall(SYS_sendto, fd, from, size, flags, nullptr, 0);
}

}  // namespace caravel::net
