#include "registry/crons.h"

#include <fmt/format.h>

#include <algorithm>

#include "registry/account_table.h"
#include "registry/cron.h"

namespace caravel::registry {
namespace {

using storage::SqlRow;
using storage::Transaction;

CronTrigger TriggerFromRow(const SqlRow& row) {
  return {.worker = {row.Text(0)},
          .cron = row.Text(1),
          .created = FromMillis(row.Integer(2)),
          .seen = FromMillis(row.Integer(3))};
}

Result<std::vector<CronTrigger>> ReadOf(Transaction& transaction,
                                        const WorkerId& worker) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT worker, cron, created, seen FROM crons "
                                "WHERE worker = ? ORDER BY cron",
                                worker.value));
  std::vector<CronTrigger> triggers;
  for (const SqlRow& row : rows) triggers.push_back(TriggerFromRow(row));
  return triggers;
}

CronRun RunFromRow(const SqlRow& row) {
  return {.worker = {row.Text(0)},
          .cron = row.Text(1),
          .slot = FromMillis(row.Integer(2)),
          .outcome = static_cast<CronOutcome>(std::min(
              row.Unsigned(3), static_cast<uint64_t>(CronOutcome::kLast))),
          .detail = row.Text(4)};
}

int64_t NumberOf(CronOutcome outcome) { return static_cast<int64_t>(outcome); }

// False: that minute was run before, by a clock that was ahead.
Result<bool> InsertRun(Transaction& transaction, const CronRun& run) {
  CARAVEL_TRY(const uint64_t inserted,
              transaction.Execute(
                  "INSERT INTO cron_runs (worker, cron, slot, outcome, detail) "
                  "VALUES (?, ?, ?, ?, ?) "
                  "ON CONFLICT (worker, cron, slot) DO NOTHING",
                  run.worker.value, run.cron, ToMillis(run.slot),
                  NumberOf(run.outcome), run.detail));
  if (inserted == 0) return false;
  CARAVEL_TRY(transaction.Execute(
      "DELETE FROM cron_runs WHERE worker = ? AND cron = ? AND slot < "
      "(SELECT MIN(slot) FROM (SELECT slot FROM cron_runs WHERE worker = ? "
      "AND cron = ? ORDER BY slot DESC LIMIT ?) AS kept)",
      run.worker.value, run.cron, run.worker.value, run.cron,
      Crons::kKeptRuns));
  return true;
}

Status CheckAccount(Transaction& transaction, const WorkerId& worker,
                    size_t wanted) {
  CARAVEL_TRY(
      const auto rows,
      transaction.Query("SELECT COUNT(*) FROM crons JOIN workers ON "
                        "crons.worker = workers.id WHERE workers.id <> ? AND "
                        "workers.account = "
                        "(SELECT account FROM workers WHERE id = ?)",
                        worker.value, worker.value));
  const uint64_t others = rows.front().Unsigned(0);
  if (others + wanted <= Crons::kMostOfAccount) return {};
  return Error(ErrorCode::kLimit,
               fmt::format("{} cron triggers: other Workers of the account "
                           "have {}, and an account has at most {}",
                           wanted, others, Crons::kMostOfAccount))
      .Remedy("have fewer of them, or let one handler do what several do");
}

// Whether the minutes up to `slot` were nobody's yet.
Result<bool> See(Transaction& transaction, const WorkerId& worker,
                 std::string_view cron, base::WallTime slot) {
  CARAVEL_TRY(
      const uint64_t changed,
      transaction.Execute("UPDATE crons SET seen = ? WHERE worker = ? "
                          "AND cron = ? AND seen < ?",
                          ToMillis(slot), worker.value, cron, ToMillis(slot)));
  return changed == 1;
}

}  // namespace

Result<std::vector<CronTrigger>> Crons::Set(
    const WorkerId& worker, const std::vector<std::string>& crons) {
  if (crons.size() > kMostOfWorker) {
    return Error(ErrorCode::kLimit,
                 fmt::format("{} cron triggers: a Worker has at most {}",
                             crons.size(), kMostOfWorker));
  }
  for (const std::string& cron : crons) CARAVEL_TRY(Cron::Parse(cron));
  const int64_t now = ToMillis(clock_.Wall());
  return database_.Transact(
      [&](Transaction& transaction) -> Result<std::vector<CronTrigger>> {
        CARAVEL_TRY(CheckAccount(transaction, worker, crons.size()));
        CARAVEL_TRY(const std::vector<CronTrigger> before,
                    ReadOf(transaction, worker));
        for (const CronTrigger& trigger : before) {
          if (std::ranges::find(crons, trigger.cron) != crons.end()) continue;
          CARAVEL_TRY(transaction.Execute(
              "DELETE FROM crons WHERE worker = ? AND cron = ?", worker.value,
              trigger.cron));
        }
        for (const std::string& cron : crons) {
          CARAVEL_TRY(transaction.Execute(
              "INSERT INTO crons (worker, cron, created, seen) "
              "VALUES (?, ?, ?, ?) ON CONFLICT (worker, cron) DO NOTHING",
              worker.value, cron, now, now));
        }
        return ReadOf(transaction, worker);
      });
}

Result<std::vector<CronTrigger>> Crons::Of(const WorkerId& worker) {
  return database_.Read(
      [&](Transaction& transaction) { return ReadOf(transaction, worker); });
}

Result<std::vector<CronTrigger>> Crons::All() {
  return database_.Read(
      [](Transaction& transaction) -> Result<std::vector<CronTrigger>> {
        CARAVEL_TRY(const auto rows,
                    transaction.Query("SELECT worker, cron, created, seen FROM "
                                      "crons ORDER BY worker, cron"));
        std::vector<CronTrigger> triggers;
        for (const SqlRow& row : rows) triggers.push_back(TriggerFromRow(row));
        return triggers;
      });
}

Result<std::vector<CronRun>> Crons::Claim(const std::vector<CronRun>& runs) {
  return database_.Transact(
      [&](Transaction& transaction) -> Result<std::vector<CronRun>> {
        std::vector<CronRun> claimed;
        for (const CronRun& run : runs) {
          CARAVEL_TRY(const bool is_free,
                      See(transaction, run.worker, run.cron, run.slot));
          if (!is_free) continue;
          CARAVEL_TRY(const bool is_new, InsertRun(transaction, run));
          if (is_new) claimed.push_back(run);
        }
        return claimed;
      });
}

Status Crons::Finish(const std::vector<CronRun>& runs) {
  return database_.Transact([&](Transaction& transaction) -> Status {
    for (const CronRun& run : runs) {
      CARAVEL_TRY(transaction.Execute(
          "UPDATE cron_runs SET outcome = ?, detail = ? WHERE worker = ? AND "
          "cron = ? AND slot = ?",
          NumberOf(run.outcome), run.detail, run.worker.value, run.cron,
          ToMillis(run.slot)));
    }
    return {};
  });
}

Result<uint64_t> Crons::Rewind(base::WallTime now) {
  return database_.Transact([&](Transaction& transaction) -> Result<uint64_t> {
    return transaction.Execute("UPDATE crons SET seen = ? WHERE seen > ?",
                               ToMillis(now), ToMillis(now));
  });
}

Result<std::vector<CronRun>> Crons::Interrupt() {
  return database_.Transact(
      [](Transaction& transaction) -> Result<std::vector<CronRun>> {
        CARAVEL_TRY(const auto rows,
                    transaction.Query(
                        "UPDATE cron_runs SET outcome = ? WHERE outcome = ? "
                        "RETURNING worker, cron, slot, outcome, detail",
                        NumberOf(CronOutcome::kInterrupted),
                        NumberOf(CronOutcome::kRunning)));
        std::vector<CronRun> runs;
        for (const SqlRow& row : rows) runs.push_back(RunFromRow(row));
        return runs;
      });
}

Result<std::vector<CronRun>> Crons::Runs(const WorkerId& worker, size_t limit) {
  return database_.Read(
      [&](Transaction& transaction) -> Result<std::vector<CronRun>> {
        CARAVEL_TRY(
            const auto rows,
            transaction.Query("SELECT worker, cron, slot, outcome, detail FROM "
                              "cron_runs WHERE worker = ? ORDER BY slot DESC, "
                              "cron LIMIT ?",
                              worker.value, limit));
        std::vector<CronRun> runs;
        for (const SqlRow& row : rows) runs.push_back(RunFromRow(row));
        return runs;
      });
}

}  // namespace caravel::registry
