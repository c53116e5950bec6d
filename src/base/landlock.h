#pragma once

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace caravel::base {

// What a process may still do with files, given as allowed paths; everything
// else that the kernel's Landlock knows is denied, and TCP bind and connect
// with it (Linux documentation, "Landlock: unprivileged access control").
//
//   CARAVEL_TRY(base::Landlock rules, base::Landlock::Create());
//   CARAVEL_TRY(rules.Allow("/usr/lib", base::Landlock::kRead));
//   CARAVEL_TRY(rules.Enforce());
//
// Rules add up over calls of Enforce() and over execve(2): each can only take
// away. They bind the calling thread, and threads and processes that it starts.
class Landlock {
 public:
  enum Access : unsigned char {
    kRead,   // read files and folders, and run programs
    kWrite,  // read, create, write and remove files and folders
  };

  // kUnavailable when the kernel has no Landlock.
  static Result<Landlock> Create();

  // Allows `access` to what lies at or beneath `path`. kNotFound when there is
  // nothing.
  Status Allow(const std::string& path, Access access);

  // From now on. Also takes away the gain of privileges (no_new_privs).
  Status Enforce();
  // The same for the child between fork(2) and execve(2), where nothing may be
  // allocated: 0, or errno.
  int EnforceInChild();

 private:
  Landlock(Fd ruleset, long abi) : ruleset_(std::move(ruleset)), abi_(abi) {}

  Fd ruleset_;
  long abi_;
};

}  // namespace caravel::base
