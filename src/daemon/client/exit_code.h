#pragma once

#include "base/result.h"

namespace caravel::daemon {

// What the process ends with for an Error: the table of both programs at the
// border to the shell.
constexpr int ExitCodeFor(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInternal:
      return 1;
    case ErrorCode::kInvalid:
      return 2;
    case ErrorCode::kNotFound:
      return 3;
    case ErrorCode::kConflict:
      return 4;
    case ErrorCode::kDenied:
      return 5;
    case ErrorCode::kLimit:
    case ErrorCode::kNoSpace:
      return 6;
    case ErrorCode::kUnavailable:
      return 7;
  }
  return 1;
}

}  // namespace caravel::daemon
