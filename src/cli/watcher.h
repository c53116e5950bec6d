#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "daemon/client/run_info.h"

namespace caravel::cli {

// Runs caraveld and starts it again whenever it dies: hosts go on serving
// meanwhile, and the new one joins them. Ends when caraveld ends by itself
// (`caravel down`, SIGTERM) or cannot start at all.
//
// SIGINT and SIGTERM of this process are handed to caraveld as SIGTERM. Hosts
// whose caraveld died become children of this process and are buried here.
//
// Threads: one, and that process should have no other: it changes the mask of
// signals.
class Watcher {
 public:
  struct Options {
    std::vector<std::string> command;  // caraveld and its arguments
    int log_fd = 2;                    // where its log goes; not owned
  };

  // Told once, when caraveld is ready for the first time.
  using Ready = std::function<void(const daemon::RunInfo&)>;

  // `clock` and `log` outlive the watcher.
  Watcher(Options options, const base::Clock& clock, base::Log& log)
      : options_(std::move(options)), clock_(clock), log_(log) {}

  // Blocks until caraveld has ended for good. The error of a first start says
  // why caraveld could not start.
  Status Run(const Ready& ready);

  // Whether caraveld was ready once, in the process that called Run().
  bool was_ready() const { return was_ready_; }

 private:
  struct Life;
  Result<Life> Start();
  Status Await(Life& life, const Ready& ready);
  void TakeReadiness(Life& life, const Ready& ready);
  void TakeSignal(const Life& life);

  Options options_;
  const base::Clock& clock_;
  base::Log& log_;
  base::Fd signals_;
  bool was_ready_ = false;
  bool stopping_ = false;
};

}  // namespace caravel::cli
