#include "cli/log_flags.h"

#include <optional>

#include "base/parse_time.h"
#include "cli/time_span.h"

namespace caravel::cli {
namespace {

// Milliseconds since the epoch; 0 where the flag is not there.
Result<double> TimeFrom(const Arguments& arguments, const Flag& flag,
                        base::WallTime now) {
  const std::optional<std::string> text = arguments.Text(flag.name);
  if (!text) return 0.0;
  std::optional<base::WallTime> time = base::ParseTime(*text);
  if (const auto ago = ParseTimeSpan(*text)) time = now - *ago;
  if (time) return base::MillisecondsSinceEpoch(*time);
  return Error(ErrorCode::kInvalid,
               fmt::format("--{} \"{}\": is no time", flag.name, *text))
      .Remedy(
          "say one such as 2026-11-24T09:30:00Z, 2026-11-24, or how long ago: "
          "90s, 15m, 2h, 7d");
}

// The reference of an error page, or a whole CF-Ray; empty where there is no
// flag.
Result<std::string> RequestIdFrom(const Arguments& arguments) {
  const std::string text = arguments.Text(kIdFlag.name).value_or("");
  const std::string id = text.substr(0, text.find('-'));
  constexpr size_t kDigits = 16;
  constexpr std::string_view kHex = "0123456789abcdef";
  if (text.empty() || (id.size() == kDigits &&
                       id.find_first_not_of(kHex) == std::string::npos)) {
    return id;
  }
  return Error(ErrorCode::kInvalid,
               fmt::format("--{} \"{}\": is no reference of a request",
                           kIdFlag.name, text))
      .Remedy(
          "take it from the error page or the CF-Ray header of the answer: 16 "
          "digits from 0 to 9 and a to f");
}

}  // namespace

Result<registry::LogQuery> LogQueryFrom(const Arguments& arguments,
                                        base::WallTime now) {
  registry::LogQuery query;
  query.version = arguments.Text(kVersionIdFlag.name).value_or("");
  query.outcomes = arguments.List(kOutcomeFlag.name);
  CARAVEL_TRY(query.statuses,
              registry::ParseStatusRanges(arguments.List(kStatusFlag.name)));
  query.text = arguments.Text(kSearchFlag.name).value_or("");
  CARAVEL_TRY(query.request_id, RequestIdFrom(arguments));
  CARAVEL_TRY(query.since_ms, TimeFrom(arguments, kSinceFlag, now));
  CARAVEL_TRY(query.until_ms, TimeFrom(arguments, kUntilFlag, now));
  CARAVEL_TRY(registry::CheckLogQuery(query));
  return query;
}

}  // namespace caravel::cli
