#include "cli/watcher.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "cli/running.h"
#include "daemon/client/child_process.h"
#include "daemon/client/restart_policy.h"

namespace caravel::cli {
namespace {

constexpr int kWatcherReadyFd = 3;

Result<base::Fd> TakeSignals() {
  sigset_t wanted;
  ::sigemptyset(&wanted);
  for (const int number : {SIGINT, SIGTERM, SIGCHLD}) {
    ::sigaddset(&wanted, number);
  }
  ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
  base::Fd fd(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return ErrnoError("signalfd", errno);
  return fd;
}

// Ended processes that came to us, all but `mine`.
void BuryOrphans(pid_t mine) {
  while (true) {
    siginfo_t info = {};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid == 0 || info.si_pid == mine) {
      return;
    }
    ::waitid(P_PID, static_cast<id_t>(info.si_pid), &info, WEXITED | WNOHANG);
  }
}

}  // namespace

struct Watcher::Life {
  daemon::ChildProcess process;
  base::Fd ready;     // closed once it has told, or has ended
  std::string line;   // what has come of its message
  bool told = false;  // it is ready
  std::optional<Error> failure;
  std::optional<daemon::Ending> ending;
};

Result<Watcher::Life> Watcher::Start() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
    return ErrnoError("pipe", errno);
  }
  Life life;
  life.ready = base::Fd(ends[0]);
  const base::Fd write_end(ends[1]);
  daemon::ChildOptions child;
  child.command = options_.command;
  child.command.push_back("--ready-fd=" + std::to_string(kWatcherReadyFd));
  child.environment = daemon::EnvironmentWith({});
  child.fds = {{1, options_.log_fd},
               {2, options_.log_fd},
               {kWatcherReadyFd, write_end.get()}};
  child.own_session = true;  // Ctrl-C is ours to hand on
  CARAVEL_TRY(life.process, daemon::StartChild(child));
  return life;
}

Status Watcher::Run(const Ready& ready) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  CARAVEL_TRY(signals_, TakeSignals());
  daemon::RestartPolicy policy;
  while (true) {
    CARAVEL_TRY(Life life, Start());
    CARAVEL_TRY(Await(life, ready));
    const daemon::Ending& ending = *life.ending;
    if (stopping_ || (ending.signal == 0 && ending.exit_code == 0)) return {};
    if (life.failure.has_value() && !was_ready_) {
      return std::move(*life.failure);
    }
    if (!was_ready_) {
      return Error(ErrorCode::kInternal,
                   fmt::format("caraveld ended before it was ready: {}",
                               ending.ToText()));
    }
    policy.OnDeath(clock_.Steady(), life.told);
    log_.Warning(
        "caraveld died and is started again",
        {{"reason", life.failure ? life.failure->ToText() : ending.ToText()}});
    const auto wait = policy.NotBefore() - clock_.Steady();
    if (wait.count() > 0) std::this_thread::sleep_for(wait);
  }
}

Status Watcher::Await(Life& life, const Ready& ready) {
  while (!life.ending.has_value()) {
    pollfd waits[] = {{life.process.pidfd.get(), POLLIN, 0},
                      {signals_.get(), POLLIN, 0},
                      {life.ready.get(), POLLIN, 0}};  // ignored when closed
    if (::poll(waits, 3, -1) < 0 && errno != EINTR) {
      return ErrnoError("poll", errno);
    }
    if (life.ready.valid() && waits[2].revents != 0) {
      TakeReadiness(life, ready);
    }
    if (waits[1].revents != 0) TakeSignal(life);
    if (waits[0].revents != 0) {
      life.ending = daemon::BuryChild(life.process.pidfd);
    }
    BuryOrphans(life.process.pid);
  }
  return {};
}

void Watcher::TakeReadiness(Life& life, const Ready& ready) {
  char buffer[4096];
  const ssize_t size = ::read(life.ready.get(), buffer, sizeof buffer);
  if (size < 0) return;
  life.line.append(buffer, static_cast<size_t>(size));
  if (size > 0 && !life.line.ends_with('\n')) return;
  life.ready.Reset();
  if (life.line.empty()) return;  // it ended without a word
  Result<daemon::RunInfo> info = daemon::ParseReadyLine(life.line);
  if (!info) {
    life.failure = std::move(info).error();
    return;
  }
  life.told = true;
  if (std::exchange(was_ready_, true)) return;
  // What was a free port the first time stays the port.
  options_.command.push_back(fmt::format("--port={}", PortOf(info->http)));
  options_.command.push_back(fmt::format("--api-port={}", PortOf(info->api)));
  ready(*info);
}

void Watcher::TakeSignal(const Life& life) {
  signalfd_siginfo info = {};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGCHLD) continue;
    stopping_ = true;
    daemon::SignalProcess(life.process.pidfd, SIGTERM);
  }
}

}  // namespace caravel::cli
