#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "registry/model.h"
#include "storage/database.h"

namespace caravel::registry {

// A schedule of a Worker.
struct CronTrigger {
  WorkerId worker;
  std::string cron;  // as its author wrote it
  base::WallTime created;
  // Every minute up to here is dealt with: dispatched, or told as missed.
  base::WallTime seen;
};

// What became of a minute that a schedule names.
enum class CronOutcome : unsigned char {
  kRunning,
  kOk,
  kFailed,
  kInterrupted,  // its host or caraveld ended meanwhile
  kMissed,       // caraveld was not there
  kLast = kMissed,
};

struct CronRun {
  WorkerId worker;
  std::string cron;
  base::WallTime slot;  // the minute; of several that were missed, the last
  CronOutcome outcome = CronOutcome::kRunning;
  std::string detail;  // why it failed; how many were missed
};

// The schedules of Workers and what was run by them. A minute is claimed in a
// committed row before anything is dispatched, and only once: whoever claims it
// again is told no.
//
// Threads: any, several at once; every call blocks on the database.
class Crons {
 public:
  static constexpr size_t kMostOfWorker = 100;
  static constexpr size_t kMostOfAccount = 1000;
  // Runs of a schedule that are kept.
  static constexpr size_t kKeptRuns = 100;

  // `database` has the registry's schema; all outlive this.
  Crons(storage::Database& database, const base::Clock& clock)
      : database_(database), clock_(clock) {}

  // The Worker's schedules from now on; those that it has stay as they are.
  // kInvalid: one that is none (registry/cron.h). kLimit: too many, of the
  // Worker or of its account.
  Result<std::vector<CronTrigger>> Set(const WorkerId& worker,
                                       const std::vector<std::string>& crons);
  Result<std::vector<CronTrigger>> Of(const WorkerId& worker);
  Result<std::vector<CronTrigger>> All();

  // Those of `runs` that were nobody's yet, on record now: the caller may
  // dispatch the running ones. Of what was missed a run's slot is the last
  // minute. All in one transaction.
  Result<std::vector<CronRun>> Claim(const std::vector<CronRun>& runs);
  // How these ended, in one transaction.
  Status Finish(const std::vector<CronRun>& runs);
  // Where the clock was ahead for a while, minutes behind `now` were dealt with
  // before their time: those that were not run are to come again. How many
  // schedules that were.
  Result<uint64_t> Rewind(base::WallTime now);
  // What runs was cut off: tells so on record, and what it was.
  Result<std::vector<CronRun>> Interrupt();

  // Newest first.
  Result<std::vector<CronRun>> Runs(const WorkerId& worker, size_t limit);

 private:
  storage::Database& database_;
  const base::Clock& clock_;
};

}  // namespace caravel::registry
