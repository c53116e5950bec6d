#include "host/scheduled_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/hex.h"

namespace caravel::host {
namespace {

constexpr std::string_view kScheduledPath = "/cdn-cgi/handler/scheduled";
// The farthest that a Date goes from its epoch.
constexpr double kFarthestMs = 8.64e15;

// Of application/x-www-form-urlencoded.
std::string FromForm(std::string_view text) {
  std::string value;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::optional<std::string> byte =
        text[i] == '%' ? base::FromHex(text.substr(i + 1, 2)) : std::nullopt;
    if (byte && byte->size() == 1) {
      value += *byte;
      i += 2;
    } else {
      value += text[i] == '+' ? ' ' : text[i];
    }
  }
  return value;
}

Result<double> TimeOf(const std::string& text) {
  double time = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, time);
  if (error != std::errc() || rest != end || !(std::abs(time) <= kFarthestMs)) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("time \"{}\": is no time", text))
        .Remedy("give milliseconds since 1970, as Date.now() does");
  }
  return std::trunc(time);  // as Dates are
}

}  // namespace

std::optional<Result<ScheduledEvent>> ScheduledEventOf(
    std::string_view target) {
  if (!target.starts_with(kScheduledPath)) return std::nullopt;
  std::string_view rest = target.substr(kScheduledPath.size());
  if (!rest.empty() && rest.front() != '?') return std::nullopt;
  ScheduledEvent event;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(pair.size());
    const size_t equals = std::min(pair.find('='), pair.size());
    const std::string name = FromForm(pair.substr(0, equals));
    const std::string value =
        FromForm(pair.substr(std::min(equals + 1, pair.size())));
    if (value.empty()) continue;
    if (name == "cron") event.cron = value;
    if (name != "time") continue;
    Result<double> time = TimeOf(value);
    if (!time) return std::move(time).error();
    event.time_ms = *time;
  }
  return event;
}

ErrorAnswer ScheduledOutcome(std::string_view error) {
  ErrorAnswer answer;
  answer.head.status = error.empty() ? 200 : 500;
  answer.head.headers.Add("content-type", "text/plain;charset=UTF-8");
  answer.head.headers.Add("cache-control", "no-store");
  answer.body = error.empty() ? "ok" : fmt::format("{}\n", error);
  answer.head.body_size = static_cast<int64_t>(answer.body.size());
  return answer;
}

}  // namespace caravel::host
