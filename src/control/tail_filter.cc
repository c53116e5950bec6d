#include "control/tail_filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>

#include "base/lower_case.h"
#include "registry/log_query.h"

namespace caravel::api {
namespace {

constexpr std::string_view kSelf = "self";

bool IsOneOf(std::string_view value, const std::vector<std::string>& list) {
  return list.empty() || std::ranges::find(list, value) != list.end();
}

std::string_view HeaderOf(const TailedRequest& request, std::string_view name) {
  const boost::json::value* value = request.headers.if_contains(name);
  return value != nullptr && value->is_string()
             ? std::string_view(value->get_string())
             : std::string_view();
}

bool HasHeader(const TailedRequest& request, const TailHeaderInput& wanted) {
  return request.headers.contains(wanted.key) &&
         HeaderOf(request, wanted.key).find(wanted.query.value_or("")) !=
             std::string_view::npos;
}

bool Logs(const registry::LogEvent& event, std::string_view text) {
  return std::ranges::any_of(event.logs, [&](const registry::LogLine& line) {
    return registry::Says(line, text);
  });
}

boost::json::object Member(boost::json::object& object, std::string_view name) {
  boost::json::value* value = object.if_contains(name);
  return value != nullptr && value->is_object() ? std::move(value->get_object())
                                                : boost::json::object();
}

}  // namespace

TailedRequest ReadTailedRequest(const registry::LogEvent& event) {
  boost::json::error_code error;
  boost::json::value parsed = boost::json::parse(event.request, error);
  if (error || !parsed.is_object()) return {};
  boost::json::object& object = parsed.get_object();
  return {.headers = Member(object, "headers"), .cf = Member(object, "cf")};
}

Result<TailFilter> TailFilter::Make(std::vector<TailFilterInput> conditions,
                                    std::string_view client) {
  TailFilter filter;
  for (TailFilterInput& condition : conditions) {
    if (condition.sampling_rate) {
      if (!(*condition.sampling_rate > 0 && *condition.sampling_rate <= 1)) {
        return Error(ErrorCode::kInvalid,
                     fmt::format("sampling rate {}: must be above 0 and at "
                                 "most 1",
                                 *condition.sampling_rate));
      }
      filter.sampling_rate_ *= *condition.sampling_rate;
    }
    if (condition.header)
      condition.header->key = base::LowerCase(condition.header->key);
    for (std::string& address : condition.client_ip) {
      if (address == kSelf) address = client;
    }
  }
  filter.conditions_ = std::move(conditions);
  return filter;
}

bool TailFilter::Wants(const registry::LogEvent& event,
                       const TailedRequest& request) const {
  return std::ranges::all_of(
      conditions_, [&](const TailFilterInput& condition) {
        return IsOneOf(event.outcome, condition.outcome) &&
               IsOneOf(event.method, condition.method) &&
               IsOneOf(HeaderOf(request, "cf-connecting-ip"),
                       condition.client_ip) &&
               (!condition.header || HasHeader(request, *condition.header)) &&
               (!condition.query || Logs(event, *condition.query)) &&
               (!condition.script_version ||
                *condition.script_version == event.version.value);
      });
}

}  // namespace caravel::api
