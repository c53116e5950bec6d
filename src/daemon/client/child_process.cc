// Between fork and exec the child may only call what is safe in a signal
// handler (signal-safety(7)): so everything that allocates is made ready
// before, and an error travels as one number through a pipe that closes on
// exec.
#include "daemon/client/child_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "daemon/client/files.h"

namespace caravel::daemon {
namespace {

// Above every number that a child asks for, so that placing one descriptor does
// not overwrite another that is still to be placed.
constexpr int kFirstHighFd = 200;

struct PreparedChild {
  std::vector<char*> arguments;
  std::vector<char*> environment;
  const ChildOptions* options = nullptr;
  std::vector<int> high_fds;  // room for the moved descriptors
  int error_pipe = -1;
};

// Runs in the child. Returns errno of what failed; does not return otherwise.
int BecomeProgram(PreparedChild& child) {
  const ChildOptions& options = *child.options;
  const int error_pipe =
      ::fcntl(child.error_pipe, F_DUPFD_CLOEXEC, kFirstHighFd);
  if (error_pipe < 0) return errno;
  child.error_pipe = error_pipe;
  for (size_t i = 0; i < options.fds.size(); ++i) {
    child.high_fds[i] =
        ::fcntl(options.fds[i].second, F_DUPFD_CLOEXEC, kFirstHighFd);
    if (child.high_fds[i] < 0) return errno;
  }
  if (::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) != 0) {
    return errno;
  }
  for (size_t i = 0; i < options.fds.size(); ++i) {
    if (::dup2(child.high_fds[i], options.fds[i].first) < 0) return errno;
  }
  if (options.own_session) ::setsid();
  if (options.dies_with_parent && ::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
    return errno;
  }
  if (options.no_new_privileges &&
      ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return errno;
  }
  const rlimit nothing = {0, 0};
  if (options.no_core_file && ::setrlimit(RLIMIT_CORE, &nothing) != 0) {
    return errno;
  }
  if (!options.folder.empty() && ::chdir(options.folder.c_str()) != 0) {
    return errno;
  }
  if (options.confinement != nullptr) {
    const int error_number = options.confinement->EnforceInChild();
    if (error_number != 0) return error_number;
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
    ::signal(number, SIG_DFL);
  }
  ::execve(child.arguments.front(), child.arguments.data(),
           child.environment.data());
  return errno;
}

std::vector<char*> PointersTo(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) {
    pointers.push_back(const_cast<char*>(text.c_str()));  // execve's signature
  }
  pointers.push_back(nullptr);
  return pointers;
}

Ending EndingOf(const siginfo_t& info) {
  Ending ending;
  if (info.si_code == CLD_EXITED) {
    ending.exit_code = info.si_status;
  } else {
    ending.signal = info.si_status;
  }
  return ending;
}

Result<base::Fd> OpenPidfd(pid_t pid) {
  base::Fd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!fd.valid()) {
    if (errno == ESRCH) {
      return Error(ErrorCode::kNotFound, fmt::format("no process {}", pid));
    }
    return ErrnoError(fmt::format("pidfd_open({})", pid), errno);
  }
  return fd;
}

}  // namespace

std::string Ending::ToText() const {
  return signal != 0
             ? fmt::format("signal {} ({})", signal, ::strsignal(signal))
             : fmt::format("exit code {}", exit_code);
}

Result<ChildProcess> StartChild(const ChildOptions& options) {
  PreparedChild child;
  child.arguments = PointersTo(options.command);
  child.environment = PointersTo(options.environment);
  child.options = &options;
  child.high_fds.resize(options.fds.size());
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return ErrnoError("pipe", errno);
  const base::Fd read_end(ends[0]);
  base::Fd write_end(ends[1]);
  child.error_pipe = write_end.get();

  const pid_t pid = ::fork();
  if (pid < 0) return ErrnoError("fork", errno);
  if (pid == 0) {
    const int error_number = BecomeProgram(child);
    [[maybe_unused]] const ssize_t ignored =
        ::write(child.error_pipe, &error_number, sizeof error_number);
    ::_exit(127);
  }
  write_end.Reset();
  ChildProcess started;
  started.pid = pid;
  CARAVEL_TRY(started.pidfd, OpenPidfd(pid));
  int error_number = 0;
  ssize_t size = 0;
  do {
    size = ::read(read_end.get(), &error_number, sizeof error_number);
  } while (size < 0 && errno == EINTR);
  if (size == sizeof error_number) {
    CARAVEL_TRY(AwaitChild(started.pidfd));
    return ErrnoError("start " + options.command.front(), error_number);
  }
  return started;
}

std::optional<Ending> BuryChild(const base::Fd& pidfd) {
  siginfo_t info = {};
  const auto id = static_cast<id_t>(pidfd.get());
  if (::waitid(P_PIDFD, id, &info, WEXITED | WNOHANG) != 0 ||
      info.si_pid == 0) {
    return std::nullopt;
  }
  return EndingOf(info);
}

Result<Ending> AwaitChild(const base::Fd& pidfd) {
  siginfo_t info = {};
  const auto id = static_cast<id_t>(pidfd.get());
  while (::waitid(P_PIDFD, id, &info, WEXITED) != 0) {
    if (errno != EINTR) return ErrnoError("wait for a child process", errno);
  }
  return EndingOf(info);
}

void SignalProcess(const base::Fd& pidfd, int signal) {
  ::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0);
}

Result<uint64_t> ProcessStartTime(pid_t pid) {
  CARAVEL_TRY(const base::Fd pidfd, OpenPidfd(pid));
  const std::string path = fmt::format("/proc/{}/stat", pid);
  const base::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return ErrnoError("open " + path, errno);
  char buffer[1024];
  const ssize_t size = ::read(file.get(), buffer, sizeof buffer);
  if (size < 0) return ErrnoError("read " + path, errno);
  // The name in parentheses may hold anything; what follows is numbers.
  std::string_view rest(buffer, static_cast<size_t>(size));
  rest.remove_prefix(std::min(rest.rfind(')'), rest.size()));
  constexpr int kFieldsBetween = 20;  // from the name (2) to starttime (22)
  for (int i = 0; i < kFieldsBetween; ++i) {
    const size_t space = rest.find(' ');
    if (space == std::string_view::npos) {
      return Error(ErrorCode::kInternal, path + ": has too few fields");
    }
    rest.remove_prefix(space + 1);
  }
  uint64_t ticks = 0;
  for (const char digit : rest.substr(0, rest.find(' '))) {
    ticks = ticks * 10 + static_cast<uint64_t>(digit - '0');
  }
  return ticks;
}

Result<base::Fd> FindProcess(pid_t pid, uint64_t start_time) {
  CARAVEL_TRY(base::Fd pidfd, OpenPidfd(pid));
  // Read after the descriptor is open: were the number given to another process
  // in between, that one has started later.
  CARAVEL_TRY(const uint64_t found, ProcessStartTime(pid));
  pollfd ended = {pidfd.get(), POLLIN, 0};
  if (found != start_time || ::poll(&ended, 1, 0) > 0) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("process {} has ended", pid));
  }
  return pidfd;
}

std::vector<std::string> EnvironmentWith(
    const std::vector<std::pair<std::string, std::string>>& changes) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    const bool changed = std::any_of(
        changes.begin(), changes.end(),
        [name](const auto& change) { return change.first == name; });
    if (!changed) result.emplace_back(text);
  }
  for (const auto& [name, value] : changes) {
    result.push_back(fmt::format("{}={}", name, value));
  }
  return result;
}

}  // namespace caravel::daemon
