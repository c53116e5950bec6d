#include "control/tail_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>

namespace caravel::api {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

// Source: Workers documentation, "Tail Handler", TailRequest.
bool IsSecret(std::string_view header) {
  constexpr std::array<std::string_view, 4> kMarks = {"auth", "key", "secret",
                                                      "token"};
  return header == "cookie" || header == "set-cookie" ||
         std::ranges::any_of(kMarks, [&](std::string_view mark) {
           return header.find(mark) != std::string_view::npos;
         });
}

object Shown(const object& headers) {
  object shown;
  for (const auto& [name, text] : headers) {
    shown[name] = IsSecret(name) ? value("REDACTED") : text;
  }
  return shown;
}

int64_t Milliseconds(double time_ms) {
  return static_cast<int64_t>(std::floor(time_ms));
}

// The arguments of a console call.
value Arguments(const registry::LogLine& line) {
  boost::json::error_code error;
  value parsed = boost::json::parse(line.message, error);
  if (!error && parsed.is_array()) return parsed;
  return array{line.text.empty() ? line.message : line.text};
}

value EventOf(const registry::LogEvent& event, const TailedRequest& request) {
  if (event.kind == "scheduled") {
    return object{{"cron", event.cron},
                  {"scheduledTime", Milliseconds(event.scheduled_ms)}};
  }
  if (event.kind == "rpc") return object{{"rpcMethod", event.rpc_method}};
  if (event.url.empty()) return nullptr;
  object seen = {{"request",
                  {{"url", event.url},
                   {"method", event.method},
                   {"headers", Shown(request.headers)},
                   {"cf", request.cf}}}};
  if (event.status != 0) seen["response"] = {{"status", event.status}};
  return seen;
}

}  // namespace

object TailEvent(std::string_view worker_name, const registry::LogEvent& event,
                 const TailedRequest& request, bool truncated) {
  array logs;
  for (const registry::LogLine& line : event.logs) {
    logs.push_back({{"level", line.level},
                    {"message", Arguments(line)},
                    {"timestamp", Milliseconds(line.time_ms)}});
  }
  array exceptions;
  for (const registry::ExceptionRecord& each : event.exceptions) {
    object exception = {{"name", each.name},
                        {"message", each.message},
                        {"timestamp", Milliseconds(each.time_ms)}};
    if (!each.stack.empty()) exception["stack"] = each.stack;
    exceptions.push_back(std::move(exception));
  }
  object told{{"scriptName", worker_name},
              {"scriptVersion", {{"id", event.version.value}}},
              {"outcome", event.outcome},
              {"eventTimestamp", Milliseconds(event.time_ms)},
              {"requestId", event.request_id},
              {"cpuTime", event.cpu_us / 1000},
              {"wallTime", event.wall_us / 1000},
              {"truncated", truncated},
              {"executionModel", "stateless"},
              {"logs", std::move(logs)},
              {"exceptions", std::move(exceptions)},
              {"diagnosticsChannelEvents", array()},
              {"event", EventOf(event, request)}};
  if (!event.entrypoint.empty()) told["entrypoint"] = event.entrypoint;
  return told;
}

std::string TailEventJson(std::string_view worker_name,
                          const registry::LogEvent& event,
                          const TailedRequest& request, bool truncated) {
  return boost::json::serialize(
      TailEvent(worker_name, event, request, truncated));
}

std::string TailOverloadJson(uint64_t dropped) {
  return boost::json::serialize(object{
      {"type", "overload"},
      {"message",
       fmt::format("{} events were dropped: they came faster than they were "
                   "read; filter, or sample, for a tail that is whole",
                   dropped)}});
}

}  // namespace caravel::api
