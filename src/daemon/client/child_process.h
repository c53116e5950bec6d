#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/landlock.h"
#include "base/result.h"

// Starting programs, and knowing them again. A process is held by a descriptor
// of it (pidfd), so that a signal never reaches another one that got its
// number.
namespace caravel::daemon {

struct ChildOptions {
  std::vector<std::string> command;      // [0]: path of the program
  std::vector<std::string> environment;  // "NAME=value" each: all that it gets
  std::string folder;                    // working directory; empty: ours

  // Number in the child, and our descriptor for it (not owned). Every other
  // descriptor from 3 on is closed in the child; 0-2 are ours unless named.
  std::vector<std::pair<int, int>> fds;

  bool own_session = false;        // setsid(2): no signals from our terminal
  bool no_new_privileges = false;  // prctl(PR_SET_NO_NEW_PRIVS)
  bool no_core_file = false;
  // The files that it may use, where not all; not owned.
  base::Landlock* confinement = nullptr;
  // SIGKILL when the thread that started it ends: hold on to it.
  bool dies_with_parent = false;
};

struct ChildProcess {
  pid_t pid = 0;
  base::Fd pidfd;
};

// How a process ended.
struct Ending {
  int exit_code = 0;
  int signal = 0;              // not 0: killed by this signal
  std::string ToText() const;  // "exit code 1", "signal 9 (Killed)"
};

// Returns once the program runs; an exec that failed is an error here, with the
// path. Any thread may call.
Result<ChildProcess> StartChild(const ChildOptions& options);

// The ending of a child of ours if it has ended, which also buries it. Nothing
// while it runs, and for a process that is not our child.
std::optional<Ending> BuryChild(const base::Fd& pidfd);

// Waits for the end of a child of ours.
Result<Ending> AwaitChild(const base::Fd& pidfd);

// Sends `signal`; an ended process is none of our concern.
void SignalProcess(const base::Fd& pidfd, int signal);

// When the process started, in clock ticks since boot: together with its number
// it names a process for good (proc_pid_stat(5), field 22).
Result<uint64_t> ProcessStartTime(pid_t pid);

// A descriptor of the running process `pid` that started at `start_time`.
// kNotFound when there is none any more.
Result<base::Fd> FindProcess(pid_t pid, uint64_t start_time);

// Our environment as "NAME=value" texts, with `changes` set on top.
std::vector<std::string> EnvironmentWith(
    const std::vector<std::pair<std::string, std::string>>& changes);

}  // namespace caravel::daemon
