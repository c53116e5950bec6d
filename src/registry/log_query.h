#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"
#include "base/result.h"
#include "registry/host_protocol.h"

namespace caravel::registry {

// Statuses of answers, both ends among them.
struct StatusRange {
  uint16_t first = 0;
  uint16_t last = 999;
  static constexpr auto Fields() {
    return base::Fields(&StatusRange::first, &StatusRange::last);
  }
  bool operator==(const StatusRange&) const = default;
};

// Each "404", "5xx" or "400-499". kInvalid: none of these.
Result<std::vector<StatusRange>> ParseStatusRanges(
    const std::vector<std::string>& texts);

// Which log events somebody looks for: those that meet every condition. One
// that is empty is met by all.
struct LogQuery {
  std::string version = {};                // an id, or how it begins
  std::vector<std::string> outcomes = {};  // one of them
  std::vector<StatusRange> statuses = {};  // in one of them
  // Somewhere in what was asked for, in a line or in an exception; capital
  // letters of ASCII are small ones.
  std::string text = {};
  std::string request_id = {};
  double since_ms = 0;  // since the epoch: when it began, or later
  double until_ms = 0;  // and before that; 0: no end
  static constexpr auto Fields() {
    return base::Fields(&LogQuery::version, &LogQuery::outcomes,
                        &LogQuery::statuses, &LogQuery::text,
                        &LogQuery::request_id, &LogQuery::since_ms,
                        &LogQuery::until_ms);
  }
};

// kInvalid: an outcome that no event has, with the nearest that one has.
Status CheckLogQuery(const LogQuery& query);

bool Matches(const LogQuery& query, const LogEvent& event);

// Whether the console shows `text` somewhere in the line; where it shows other
// values than texts, also whether they have it as JSON.
bool Says(const LogLine& line, std::string_view text);

}  // namespace caravel::registry
