#include "base/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace caravel::base {
namespace {

// Rights that newer kernels know than the headers this is built with.
constexpr uint64_t kFsAllOfAbi1 = (1ULL << 13) - 1;
constexpr uint64_t kFsRefer = 1ULL << 13;     // since ABI 2
constexpr uint64_t kFsTruncate = 1ULL << 14;  // 3
constexpr uint64_t kNetBindTcp = 1ULL << 0;   // 4
constexpr uint64_t kNetConnectTcp = 1ULL << 1;
constexpr uint64_t kFsIoctlDevice = 1ULL << 15;     // 5
constexpr uint64_t kScopeAbstractUnix = 1ULL << 0;  // 6
constexpr uint64_t kScopeSignal = 1ULL << 1;

struct RulesetAttributes {
  uint64_t handled_access_fs;
  uint64_t handled_access_net;
  uint64_t scoped;
};

constexpr uint64_t kReadFile =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE;
constexpr uint64_t kReadFolder = kReadFile | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr uint64_t kWriteFile =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;
constexpr uint64_t kWriteFolder =
    kWriteFile | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
    LANDLOCK_ACCESS_FS_MAKE_DIR;

}  // namespace

Result<Landlock> Landlock::Create() {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0,
                             LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) {
    return Error(ErrorCode::kUnavailable, "the kernel has no Landlock")
        .Remedy(
            "use Linux 5.13 or newer with CONFIG_SECURITY_LANDLOCK: Caravel "
            "does not run tenants' code unprotected");
  }
  RulesetAttributes attributes = {kFsAllOfAbi1, 0, 0};
  size_t size = sizeof(uint64_t);
  if (abi >= 2) attributes.handled_access_fs |= kFsRefer;
  if (abi >= 3) attributes.handled_access_fs |= kFsTruncate;
  if (abi >= 4) {
    attributes.handled_access_net = kNetBindTcp | kNetConnectTcp;
    size = 2 * sizeof(uint64_t);
  }
  if (abi >= 5) attributes.handled_access_fs |= kFsIoctlDevice;
  if (abi >= 6) {
    attributes.scoped = kScopeAbstractUnix | kScopeSignal;
    size = sizeof(attributes);
  }
  Fd ruleset(static_cast<int>(
      ::syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
  if (!ruleset.valid()) return ErrnoError("landlock_create_ruleset", errno);
  return Landlock(std::move(ruleset), abi);
}

Status Landlock::Allow(const std::string& path, Access access) {
  const Fd target(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!target.valid()) return ErrnoError("open " + path, errno);
  struct stat status = {};
  if (::fstat(target.get(), &status) != 0) return ErrnoError(path, errno);
  const bool folder = S_ISDIR(status.st_mode);
  landlock_path_beneath_attr rule = {};
  rule.allowed_access = access == kRead ? (folder ? kReadFolder : kReadFile)
                                        : (folder ? kWriteFolder : kWriteFile);
  if (access == kWrite && abi_ >= 3) rule.allowed_access |= kFsTruncate;
  rule.parent_fd = target.get();
  if (::syscall(SYS_landlock_add_rule, ruleset_.get(),
                LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
    return ErrnoError("landlock_add_rule " + path, errno);
  }
  return {};
}

int Landlock::EnforceInChild() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  if (::syscall(SYS_landlock_restrict_self, ruleset_.get(), 0) != 0) {
    return errno;
  }
  return 0;
}

Status Landlock::Enforce() {
  const int error_number = EnforceInChild();
  if (error_number == 0) return {};
  return ErrnoError("landlock_restrict_self", error_number);
}

}  // namespace caravel::base
