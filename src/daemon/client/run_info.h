#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "daemon/client/data_folder.h"

namespace caravel::daemon {

// What a running caraveld says about itself, in DATA/run/caraveld.json (mode
// 0600, for it holds the token) and to who started it. A value.
struct RunInfo {
  std::string api;    // base URL of the REST API, as wrangler takes it
  std::string token;  // bearer token of the first account
  std::string account_id;
  std::string http;  // URL under which the workers answer
  std::string data;  // path of the data folder
  // What is wrong with it and what to do, while it serves Workers without its
  // database; empty: nothing is. Without database there is no token.
  std::string problem;
  int pid = 0;
  uint64_t start_time =
      0;  // see ProcessStartTime(); with `pid` names it for good
  bool operator==(const RunInfo&) const = default;
};

// The object that `caravel up --json` prints, on one line.
std::string RunInfoJson(const RunInfo& info);

Status SaveRunInfo(const DataFolder& folder, const RunInfo& info);

// What the last caraveld of that folder said, whether it still runs or not.
Result<RunInfo> LoadRunInfo(const DataFolder& folder);

// The same for one that runs. kNotFound says that Caravel is not up there.
Result<RunInfo> FindRunning(const DataFolder& folder);

// ---- Telling who started it: one line of JSON into a pipe (--ready-fd).

std::string ReadyLine(const RunInfo& info);
std::string FailedLine(const Error& error);
// The RunInfo of a ReadyLine(), or the Error of a FailedLine().
Result<RunInfo> ParseReadyLine(std::string_view line);

}  // namespace caravel::daemon
