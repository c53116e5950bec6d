#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>

#include "control/endpoint_traits.h"
#include "control/paths.h"
#include "control/services.h"

// The log of Workers that is kept. Who follows it as it grows asks for a tail
// (control/tail_endpoints.h).
namespace caravel::api {

struct LogsQuery {
  std::optional<std::string> worker;
  std::optional<std::string> version;
  std::optional<std::string> outcome;
  std::optional<std::string> status;
  std::optional<std::string> search;
  std::optional<std::string> request_id;
  std::optional<std::string> since;
  std::optional<std::string> until;
  std::optional<uint32_t> limit;
  std::optional<std::string> cursor;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&LogsQuery::worker, "Name of a Worker; else of all")
            .Length(1, 256),
        api::Field(&LogsQuery::version, "Id of a version, or how it begins")
            .Length(1, 64),
        api::Field(&LogsQuery::outcome, "Outcomes, with commas between them")
            .Length(1, 256),
        api::Field(&LogsQuery::status,
                   "Statuses of answers, such as 404,5xx,400-403")
            .Length(1, 256),
        api::Field(&LogsQuery::search,
                   "Somewhere in the URL, a line or an exception")
            .Length(1, 1024),
        api::Field(&LogsQuery::request_id,
                   "Id of the request, as error pages show it")
            .Length(1, 64),
        api::Field(&LogsQuery::since, "A time as RFC 3339 has it")
            .Length(1, 64),
        api::Field(&LogsQuery::until, "And before that").Length(1, 64),
        api::Field(&LogsQuery::limit, "Events at a time").Range(1, 1000),
        api::Field(&LogsQuery::cursor, "Where the list before ended"));
  }
};
BOOST_DESCRIBE_STRUCT(LogsQuery, (),
                      (worker, version, outcome, status, search, request_id,
                       since, until, limit, cursor))

Result<CursorPage<boost::json::value>> ListLogs(Caller& caller,
                                                const AccountPath& path,
                                                Query<LogsQuery> query);

inline constexpr Endpoint kListLogs{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/logs",
    .scope = Scope::kWorkersTail,
    .summary = "Search the log of the account's Workers, newest first",
    .handler = &ListLogs,
};

}  // namespace caravel::api
