#pragma once

#include "base/result.h"

namespace caravel::host {

// Closes the process in, for good: no new privileges; Landlock leaves it its
// working directory (its data folder) and no other file, no TCP bind or
// connect; seccomp takes away socket(2), execve(2), ptrace(2) and whatever else
// a host does not need. What it serves it does through descriptors that it was
// handed.
//
// Called on the main thread before any thread of ours starts: Landlock binds
// the calling thread and those that it starts. Node's own threads, which exist
// already, get the seccomp filter, and may open no file at all.
//
// kUnavailable when the kernel lacks Landlock or seccomp: a host does not run
// unprotected.
Status EnterSandbox();

}  // namespace caravel::host
