#pragma once

#include <span>

#include "base/clock.h"
#include "cli/command.h"
#include "registry/log_query.h"

namespace caravel::cli {

// The flags that say which log events are wanted.
inline constexpr Flag kOutcomeFlag{
    "outcome", Flag::Kind::kList, "OUTCOME",
    "ok, exception, exceededCpu, exceededMemory, canceled, …; several times"};
inline constexpr Flag kStatusFlag{
    "status", Flag::Kind::kList, "STATUS",
    "of the answer: 404, 5xx or 400-499; several times"};
inline constexpr Flag kSearchFlag{
    "search", Flag::Kind::kText, "TEXT",
    "somewhere in the URL, a line or an exception"};
inline constexpr Flag kIdFlag{
    "id", Flag::Kind::kText, "ID",
    "of the request, as error pages and log entries show it"};
inline constexpr Flag kVersionIdFlag{"version-id", Flag::Kind::kText, "ID",
                                     "of the version, or how it begins"};
inline constexpr Flag kSinceFlag{
    "since", Flag::Kind::kText, "TIME",
    "2026-11-24T09:30:00Z, a date, or how long ago: 90s, 15m, 2h, 7d"};
inline constexpr Flag kUntilFlag{"until", Flag::Kind::kText, "TIME",
                                 "and before that"};

// What `arguments` say of these; `now` is when the command runs. kInvalid: a
// value that is none, with those that are.
Result<registry::LogQuery> LogQueryFrom(const Arguments& arguments,
                                        base::WallTime now);

}  // namespace caravel::cli
