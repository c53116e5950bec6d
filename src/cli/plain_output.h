#pragma once

#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"
#include "daemon/client/child_process.h"

namespace caravel::cli {

// Takes the colours out of text that comes in pieces: the sequences "ESC [ … m"
// (ECMA-48, SGR). A value for one stream.
class ColourFilter {
 public:
  // `piece` without them; what may be the begin of one waits for the next.
  std::string Pass(std::string_view piece);
  // What waits still, when no piece follows.
  std::string Rest() { return std::move(waiting_); }

 private:
  std::string waiting_;
};

// The errors of a program that colours them wherever they go, brought to `to`
// without colours. For use with a child: `write_end` is its descriptor 2.
struct PlainErrors {
  static Result<PlainErrors> Make();

  // Copies until the child has ended, which it buries. Ours of `write_end` is
  // closed: Requires: the child runs.
  Result<daemon::Ending> CopyUntilEnd(const daemon::ChildProcess& child,
                                      int to);

  base::Fd read_end;
  base::Fd write_end;
};

}  // namespace caravel::cli
