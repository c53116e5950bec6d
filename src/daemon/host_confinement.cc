#include "daemon/host_confinement.h"

#include <unistd.h>

namespace caravel::daemon {
namespace {

// Not every machine has each of them.
constexpr const char* kSystem[] = {"/lib",
                                   "/lib64",
                                   "/usr/lib",
                                   "/usr/lib64",
                                   "/usr/local/lib",
                                   "/usr/share/zoneinfo",
                                   "/etc/ld.so.cache",
                                   "/etc/localtime",
                                   "/etc/ssl",
                                   "/usr/share/ca-certificates",
                                   "/proc",
                                   "/sys/fs/cgroup",
                                   "/sys/devices/system/cpu",
                                   "/dev/null",
                                   "/dev/urandom"};

}  // namespace

Result<base::Landlock> HostConfinement(const registry::HostFiles& files,
                                       const std::string& folder) {
  CARAVEL_TRY(base::Landlock rules, base::Landlock::Create());
  for (const char* path : kSystem) {
    if (::access(path, F_OK) != 0) continue;
    CARAVEL_TRY(rules.Allow(path, base::Landlock::kRead));
  }
  for (const std::string* path : {&files.node, &files.script, &files.addon,
                                  &files.snapshot, &files.lazy}) {
    CARAVEL_TRY(rules.Allow(*path, base::Landlock::kRead));
  }
  CARAVEL_TRY(rules.Allow(folder, base::Landlock::kWrite));
  return rules;
}

}  // namespace caravel::daemon
