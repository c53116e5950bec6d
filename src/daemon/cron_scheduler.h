#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/mutex.h"
#include "daemon/log_intake.h"
#include "net/event_loop.h"
#include "registry/cron.h"
#include "registry/crons.h"

namespace caravel::daemon {

// Who runs a scheduled event on a host.
class ScheduledRunner {
 public:
  // How it ended: an error says why it failed; kUnavailable that it was cut
  // off, or that no host was there to begin it.
  using Done = std::function<void(Status)>;

  virtual ~ScheduledRunner() = default;
  // Threads: the one that drives the loop; `done` is called there, never from
  // within.
  virtual void RunScheduled(const registry::WorkerId& worker,
                            const std::string& cron, base::WallTime slot,
                            Done done) = 0;
};

// Dispatches the minutes that schedules name. A minute is claimed in the
// database before a host hears of it (registry/crons.h), so that none is
// dispatched twice, whoever dies meanwhile. One that caraveld was not there for
// is not made up for: the Worker's log tells that it was missed; so it does of
// one that was cut off.
//
// Threads: constructed and destroyed on the thread that drives the loop, after
// which nothing of it is left there; Nudge() from any. The database is asked on
// a thread of its own.
class CronScheduler {
 public:
  struct Parts {
    net::EventLoop& loop;
    const base::Clock& clock;
    base::Log& log;
    registry::Crons& crons;
    ScheduledRunner& runner;
    LogSink& logs;
  };
  // How late a minute may be dispatched; later, it was missed.
  static constexpr std::chrono::seconds kPatience{60};

  // All parts outlive the scheduler.
  explicit CronScheduler(const Parts& parts);
  ~CronScheduler();
  CronScheduler(const CronScheduler&) = delete;
  CronScheduler& operator=(const CronScheduler&) = delete;

  // Begins: hosts take events from now on.
  void Start();
  // Schedules have changed.
  void Nudge();

 private:
  struct Schedule {
    registry::CronTrigger trigger;
    registry::Cron cron;
    std::optional<base::WallTime> next;
  };

  void Run();
  // What is due by now: minutes that run, and what was missed before them.
  std::vector<registry::CronRun> TakeDue();
  // Waits until a schedule is due, something has ended, or the schedules have
  // changed or have to be read again. False: it ends.
  bool AwaitWork(std::vector<registry::CronRun>& ended, bool& changed);
  // False: not now. Schedules stay as they are.
  bool ReadSchedules();
  // False: some are nobody's yet, and have to be asked for again.
  bool ClaimAndDispatch(const std::vector<registry::CronRun>& due);
  void Dispatch(const registry::CronRun& run);
  void Finish(const std::vector<registry::CronRun>& runs);
  void Ended(registry::CronRun run, const Status& status);
  // In the Worker's log.
  void Tell(const registry::CronRun& run, std::string_view outcome,
            std::string text);

  const Parts parts_;
  // The thread's own.
  std::vector<Schedule> schedules_;
  bool reads_again_ = false;     // the database could not do what was asked
  base::WallTime last_round_{};  // by the clock of then

  base::Mutex mutex_;
  base::CondVar work_;
  bool changed_ CARAVEL_GUARDED_BY(mutex_) = true;
  bool stopping_ CARAVEL_GUARDED_BY(mutex_) = false;
  std::vector<registry::CronRun> ended_ CARAVEL_GUARDED_BY(mutex_);

  // Tasks that are still on the loop when the scheduler is gone do nothing.
  std::shared_ptr<CronScheduler*> self_;
  std::thread thread_;
};

}  // namespace caravel::daemon
