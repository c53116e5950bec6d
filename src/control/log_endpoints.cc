#include "control/log_endpoints.h"

#include <charconv>
#include <map>
#include <set>

#include "control/log_search.h"
#include "control/tail_event.h"
#include "control/time_input.h"

namespace caravel::api {
namespace {

constexpr uint32_t kEventsAtATime = 100;
// An answer ends where it has so much, and goes on behind the cursor; so it
// does where nothing was found in so many looks.
constexpr size_t kMostBytes = 4 << 20;
constexpr size_t kMostLooks = 64;

std::vector<std::string> SplitAtCommas(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    if (comma > 0) parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

Result<uint64_t> PositionOf(const std::optional<std::string>& cursor) {
  uint64_t position = 0;
  if (!cursor || cursor->empty()) return position;
  const char* end = cursor->data() + cursor->size();
  const auto [behind, error] =
      std::from_chars(cursor->data(), end, position, 16);
  if (error == std::errc() && behind == end && position > 0) return position;
  return Error(ErrorCode::kInvalid,
               fmt::format("cursor \"{}\": is none of a list", *cursor))
      .Remedy("take it from result_info of the answer before");
}

Result<registry::LogQuery> QueryOf(const LogsQuery& asked) {
  registry::LogQuery query;
  query.version = asked.version.value_or("");
  query.outcomes = SplitAtCommas(asked.outcome.value_or(""));
  CARAVEL_TRY(query.statuses, registry::ParseStatusRanges(
                                  SplitAtCommas(asked.status.value_or(""))));
  query.text = asked.search.value_or("");
  query.request_id = asked.request_id.value_or("");
  CARAVEL_TRY(const auto since, TimeIn("since", asked.since));
  CARAVEL_TRY(const auto until, TimeIn("until", asked.until));
  if (since) query.since_ms = base::MillisecondsSinceEpoch(*since);
  if (until) query.until_ms = base::MillisecondsSinceEpoch(*until);
  CARAVEL_TRY(registry::CheckLogQuery(query));
  return query;
}

// Names of the Workers whose events are asked for, by id.
Result<std::map<registry::WorkerId, std::string>> WorkersOf(
    const Caller& caller, const std::optional<std::string>& name) {
  registry::Registry& registry = caller.services.registry;
  std::map<registry::WorkerId, std::string> names;
  if (name) {
    CARAVEL_TRY(const registry::Worker worker,
                registry.GetWorker(caller.account, *name));
    names[worker.id] = worker.name;
    return names;
  }
  CARAVEL_TRY(std::vector<registry::Worker> workers,
              registry.ListWorkers(caller.account));
  for (registry::Worker& worker : workers) {
    names[worker.id] = std::move(worker.name);
  }
  return names;
}

}  // namespace

Result<CursorPage<boost::json::value>> ListLogs(Caller& caller,
                                                const AccountPath& path,
                                                Query<LogsQuery> query) {
  (void)path;
  const LogsQuery& asked = query.value;
  CARAVEL_TRY(const registry::LogQuery wanted, QueryOf(asked));
  CARAVEL_TRY(uint64_t before, PositionOf(asked.cursor));
  CARAVEL_TRY(const auto names, WorkersOf(caller, asked.worker));
  std::set<registry::WorkerId> workers;
  for (const auto& [id, name] : names) workers.insert(id);

  const size_t limit = asked.limit.value_or(kEventsAtATime);
  CursorPage<boost::json::value> page;
  size_t bytes = 0;
  for (size_t look = 0; look < kMostLooks; ++look) {
    CARAVEL_TRY(const LogsFound found,
                caller.services.logs.Last(workers, wanted, before,
                                          limit - page.items.size()));
    for (const registry::LogEvent& event : found.events) {
      page.items.push_back(
          TailEvent(names.at(event.worker), event, TailedRequest{}));
    }
    bytes += found.bytes;
    before = found.before;
    page.cursor = found.more ? fmt::format("{:x}", before) : "";
    if (!found.more || page.items.size() == limit || bytes > kMostBytes) break;
  }
  return page;
}

}  // namespace caravel::api
