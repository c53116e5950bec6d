#include "daemon/stored_logs.h"

#include <future>

namespace caravel::daemon {

Result<api::LogsFound> StoredLogs::Last(
    const std::set<registry::WorkerId>& workers,
    const registry::LogQuery& query, uint64_t before, size_t count) {
  const LogStore::Wanted wanted{.workers = workers, .query = query};
  std::promise<LogStore::Page> promise;
  std::future<LogStore::Page> answer = promise.get_future();
  const bool is_asked = loop_.Post([this, &promise, &wanted, before, count] {
    promise.set_value(store_.ReadBack(wanted, before, count));
  });
  if (!is_asked) {
    return Error(ErrorCode::kUnavailable, "the log: caraveld ends")
        .Remedy("ask again once it has started");
  }
  LogStore::Page page = answer.get();
  api::LogsFound found;
  found.before = page.end;
  found.more = page.more;
  for (LogStore::Kept& kept : page.events) {
    found.bytes += kept.bytes;
    found.events.push_back(std::move(kept.event));
  }
  return found;
}

}  // namespace caravel::daemon
