#include "registry/log_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/json_text.h"
#include "base/lower_case.h"
#include "base/nearest_name.h"

namespace caravel::registry {
namespace {

// Those that hosts and caraveld give events.
constexpr std::array<std::string_view, 7> kOutcomes = {
    "ok",     "canceled",   "exception", "exceededCpu", "exceededMemory",
    "missed", "interrupted"};

constexpr uint16_t kLeastStatus = 100;
constexpr uint16_t kMostStatus = 999;

std::optional<uint16_t> ParseStatus(std::string_view text) {
  uint16_t status = 0;
  const char* end = text.data() + text.size();
  if (text.size() != 3 ||
      std::from_chars(text.data(), end, status).ptr != end) {
    return std::nullopt;
  }
  return status >= kLeastStatus ? std::optional(status) : std::nullopt;
}

std::optional<StatusRange> ReadStatusRange(std::string_view text) {
  if (text.size() == 3 && text.ends_with("xx") && text[0] >= '1' &&
      text[0] <= '9') {
    const auto hundreds = static_cast<uint16_t>((text[0] - '0') * 100);
    return StatusRange{hundreds, static_cast<uint16_t>(hundreds + 99)};
  }
  const size_t dash = text.find('-');
  const std::optional<uint16_t> first = ParseStatus(text.substr(0, dash));
  const std::optional<uint16_t> last = dash == std::string_view::npos
                                           ? first
                                           : ParseStatus(text.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return StatusRange{*first, *last};
}

bool Has(std::string_view where, std::string_view lower_text) {
  return base::LowerCase(where).find(lower_text) != std::string::npos;
}

LogLine InLowerCase(const LogLine& line) {
  LogLine lower;
  lower.message = base::LowerCase(line.message);
  lower.text = base::LowerCase(line.text);
  return lower;
}

// `text` as a string of JSON has it between its quotes.
std::string Escaped(std::string_view text) {
  const std::string quoted = base::JsonQuote(text);
  return quoted.substr(1, quoted.size() - 2);
}

// Of an array of strings, what the console shows of it, still with the escapes
// of JSON. Nothing: it is none.
std::string Joined(std::string_view strings) {
  if (!strings.starts_with("[\"")) return {};
  strings.remove_prefix(2);
  std::string joined;
  while (true) {
    size_t end = 0;
    while (end < strings.size() && strings[end] != '"') {
      end += strings[end] == '\\' ? 2 : 1;
    }
    if (end >= strings.size()) return {};
    joined += strings.substr(0, end);
    strings.remove_prefix(end + 1);
    if (strings == "]") return joined;
    if (!strings.starts_with(",\"")) return {};
    joined += ' ';
    strings.remove_prefix(2);
  }
}

bool Says(const LogEvent& event, std::string_view lower_text) {
  return Has(event.url, lower_text) || Has(event.method, lower_text) ||
         Has(event.rpc_method, lower_text) ||
         Has(event.entrypoint, lower_text) || Has(event.cron, lower_text) ||
         std::ranges::any_of(event.logs,
                             [lower_text](const LogLine& line) {
                               return Says(InLowerCase(line), lower_text);
                             }) ||
         std::ranges::any_of(event.exceptions,
                             [lower_text](const ExceptionRecord& thrown) {
                               return Has(thrown.name, lower_text) ||
                                      Has(thrown.message, lower_text) ||
                                      Has(thrown.stack, lower_text);
                             });
}

bool IsIn(uint16_t status, const std::vector<StatusRange>& ranges) {
  return std::ranges::any_of(ranges, [status](const StatusRange& range) {
    return range.first <= status && status <= range.last;
  });
}

}  // namespace

Result<std::vector<StatusRange>> ParseStatusRanges(
    const std::vector<std::string>& texts) {
  std::vector<StatusRange> ranges;
  for (const std::string& text : texts) {
    const std::optional<StatusRange> range = ReadStatusRange(text);
    if (!range) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("status \"{}\": is none that an answer can have",
                               text))
          .Remedy(
              fmt::format("say one such as 404, 5xx, or 400-{}", kMostStatus));
    }
    ranges.push_back(*range);
  }
  return ranges;
}

Status CheckLogQuery(const LogQuery& query) {
  for (const std::string& outcome : query.outcomes) {
    if (std::ranges::find(kOutcomes, outcome) != kOutcomes.end()) continue;
    return Error(ErrorCode::kInvalid,
                 fmt::format("outcome \"{}\": no event has it{}", outcome,
                             base::DidYouMean(outcome, kOutcomes)))
        .Remedy(fmt::format("one of {}", fmt::join(kOutcomes, ", ")));
  }
  return {};
}

bool Matches(const LogQuery& query, const LogEvent& event) {
  return (query.request_id.empty() || event.request_id == query.request_id) &&
         event.version.value.starts_with(query.version) &&
         event.time_ms >= query.since_ms &&
         (query.until_ms == 0 || event.time_ms < query.until_ms) &&
         (query.outcomes.empty() ||
          std::ranges::find(query.outcomes, event.outcome) !=
              query.outcomes.end()) &&
         (query.statuses.empty() || IsIn(event.status, query.statuses)) &&
         (query.text.empty() || Says(event, base::LowerCase(query.text)));
}

bool Says(const LogLine& line, std::string_view text) {
  if (line.text.empty()) {
    return Joined(line.message).find(Escaped(text)) != std::string::npos;
  }
  return line.text.find(text) != std::string::npos ||
         line.message.find(text) != std::string::npos;
}

}  // namespace caravel::registry
