#pragma once

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstddef>

// recv(2) and send(2) as the kernel has them; errors by errno. Those of the C
// library are points at which pthread_cancel(), which nobody here calls, may
// end the thread, and pay for it with two atomic exchanges a call: of a short
// request half a percent (bench hello). Any thread may call.
namespace caravel::net {

inline ssize_t Receive(int fd, char* to, size_t size, int flags) {
  return ::syscall(SYS_recvfrom, fd, to, size, flags, nullptr, nullptr);
}

inline ssize_t Send(int fd, const char* from, size_t size, int flags) {
  return ::syscall(SYS_sendto, fd, from, size, flags, nullptr, 0);
}

}  // namespace caravel::net
