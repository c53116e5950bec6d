#include "daemon/signals.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>

namespace caravel::daemon {

Result<std::unique_ptr<Signals>> Signals::Take(net::EventLoop& loop,
                                               std::function<void()> on_end) {
  sigset_t wanted;
  ::sigemptyset(&wanted);
  ::sigaddset(&wanted, SIGINT);
  ::sigaddset(&wanted, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
  base::Fd fd(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return ErrnoError("signalfd", errno);
  const int number = fd.get();
  std::unique_ptr<Signals> signals(
      new Signals(loop, std::move(fd), std::move(on_end)));
  CARAVEL_TRY(loop.Watch(number, EPOLLIN, *signals));
  return signals;
}

Signals::~Signals() { loop_.Unwatch(fd_.get()); }

void Signals::OnEvents(uint32_t) {
  signalfd_siginfo info = {};
  while (::read(fd_.get(), &info, sizeof info) == sizeof info) on_end_();
}

}  // namespace caravel::daemon
