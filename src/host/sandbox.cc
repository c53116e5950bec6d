#include "host/sandbox.h"

#include <dirent.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "base/landlock.h"

namespace caravel::host {
namespace {

// System calls by which a process reaches beyond what it has been handed, or
// that have been doors into kernels. All others are left: V8 and the C library
// use many, and which ones changes with their versions.
constexpr std::array kRefused = {SCMP_SYS(socket),
                                 SCMP_SYS(socketpair),
                                 SCMP_SYS(connect),
                                 SCMP_SYS(bind),
                                 SCMP_SYS(listen),
                                 SCMP_SYS(execve),
                                 SCMP_SYS(execveat),
                                 SCMP_SYS(fork),
                                 SCMP_SYS(vfork),
                                 SCMP_SYS(ptrace),
                                 SCMP_SYS(process_vm_readv),
                                 SCMP_SYS(process_vm_writev),
                                 SCMP_SYS(process_madvise),
                                 SCMP_SYS(pidfd_open),
                                 SCMP_SYS(pidfd_getfd),
                                 SCMP_SYS(pidfd_send_signal),
                                 SCMP_SYS(kcmp),
                                 SCMP_SYS(bpf),
                                 SCMP_SYS(perf_event_open),
                                 SCMP_SYS(userfaultfd),
                                 SCMP_SYS(io_uring_setup),
                                 SCMP_SYS(io_uring_enter),
                                 SCMP_SYS(io_uring_register),
                                 SCMP_SYS(keyctl),
                                 SCMP_SYS(add_key),
                                 SCMP_SYS(request_key),
                                 SCMP_SYS(unshare),
                                 SCMP_SYS(setns),
                                 SCMP_SYS(mount),
                                 SCMP_SYS(umount2),
                                 SCMP_SYS(pivot_root),
                                 SCMP_SYS(chroot),
                                 SCMP_SYS(open_by_handle_at),
                                 SCMP_SYS(name_to_handle_at),
                                 SCMP_SYS(fanotify_init),
                                 SCMP_SYS(inotify_init1),
                                 SCMP_SYS(kexec_load),
                                 SCMP_SYS(init_module),
                                 SCMP_SYS(finit_module),
                                 SCMP_SYS(delete_module),
                                 SCMP_SYS(reboot),
                                 SCMP_SYS(swapon),
                                 SCMP_SYS(swapoff),
                                 SCMP_SYS(settimeofday),
                                 SCMP_SYS(clock_settime),
                                 SCMP_SYS(adjtimex),
                                 SCMP_SYS(setuid),
                                 SCMP_SYS(setgid),
                                 SCMP_SYS(setreuid),
                                 SCMP_SYS(setregid),
                                 SCMP_SYS(setresuid),
                                 SCMP_SYS(setresgid),
                                 SCMP_SYS(setgroups),
                                 SCMP_SYS(capset),
                                 SCMP_SYS(personality),
                                 SCMP_SYS(acct),
                                 SCMP_SYS(quotactl),
                                 SCMP_SYS(syslog),
                                 SCMP_SYS(msgget),
                                 SCMP_SYS(semget),
                                 SCMP_SYS(shmget),
                                 SCMP_SYS(mq_open)};

Status RestrictCalls() {
  const std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter(
      ::seccomp_init(SCMP_ACT_ALLOW), &::seccomp_release);
  if (filter == nullptr) {
    return Error(ErrorCode::kUnavailable, "seccomp is not there");
  }
  const auto failed = [](int code, std::string_view what) {
    return ErrnoError(fmt::format("seccomp: {}", what), -code);
  };
  // Calls of other architectures would pass the rules below.
  ::seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH,
                     SCMP_ACT_KILL_PROCESS);
  // Node's threads, too, which started before us.
  if (const int code =
          ::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1);
      code != 0) {
    return failed(code, "TSYNC");
  }
  for (const int call : kRefused) {
    if (call < 0) continue;  // this architecture has no such call
    if (const int code =
            ::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0);
        code != 0) {
      return failed(code, "rule");
    }
  }
  // A new thread, yes; a new process, no. clone3 hides its flags from a filter:
  // the C library falls back on clone when it is not there.
  if (const int code = ::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS),
                                          SCMP_SYS(clone3), 0);
      code != 0) {
    return failed(code, "clone3");
  }
  if (const int code = ::seccomp_rule_add(
          filter.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
          SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
      code != 0) {
    return failed(code, "clone");
  }
  if (const int code = ::seccomp_load(filter.get()); code != 0) {
    return failed(code, "load");
  }
  return {};
}

// An io_uring carries out system calls that no seccomp filter sees. Node's
// event loop has made one; it is not to run again.
Status CloseRings() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"),
                                                   &::closedir);
  if (folder == nullptr) return ErrnoError("open /proc/self/fd", errno);
  std::vector<int> rings;
  while (const dirent* entry = ::readdir(folder.get())) {
    std::array<char, 64> target = {};
    const ssize_t size = ::readlinkat(::dirfd(folder.get()), entry->d_name,
                                      target.data(), target.size());
    if (size > 0 &&
        std::string_view(target.data(), static_cast<size_t>(size)) ==
            "anon_inode:[io_uring]") {
      rings.push_back(std::atoi(entry->d_name));
    }
  }
  for (const int ring : rings) ::close(ring);
  return {};
}

}  // namespace

Status EnterSandbox() {
  CARAVEL_TRY(CloseRings().In("the sandbox"));
  // No other process of this user may read our memory.
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return ErrnoError("prctl(PR_SET_DUMPABLE)", errno);
  }
  CARAVEL_TRY(base::Landlock rules, base::Landlock::Create());
  CARAVEL_TRY(rules.Allow(".", base::Landlock::kWrite));
  CARAVEL_TRY(rules.Enforce());
  return RestrictCalls().In("the sandbox");
}

}  // namespace caravel::host
