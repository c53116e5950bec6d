#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <string>

#include "cli/api_view.h"
#include "cli/ask_status.h"
#include "cli/commands.h"
#include "cli/running.h"
#include "daemon/client/admin_client.h"

namespace caravel::cli {
namespace {

namespace json = boost::json;

constexpr Flag kStatusFlags[] = {kDataFlag, kJsonFlag};

std::string Megabytes(uint64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / (1024 * 1024));
}

std::string Duration(uint64_t milliseconds) {
  const uint64_t seconds = milliseconds / 1000;
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) {
    return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  }
  return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
}

std::string TrafficText(const std::vector<registry::TrafficShare>& traffic) {
  std::string text;
  for (const registry::TrafficShare& share : traffic) {
    if (!text.empty()) text += ", ";
    text += share.version.value;
    if (share.hundredths != 10'000) {
      text += fmt::format(" {}%", share.hundredths / 100.0);
    }
  }
  return text;
}

// Where it answers, or why it does not.
std::string WhereText(const daemon::WorkerReport& worker) {
  if (worker.traffic.empty()) return "off: no version is deployed";
  if (worker.routes.empty()) {
    return worker.url.empty()
               ? "off: its workers_dev is false, and no route leads to it"
               : worker.url;
  }
  return fmt::format("{}{}{}", worker.url, worker.url.empty() ? "" : ", ",
                     RoutesText(worker));
}

// What accounts are called, by their ids.
using AccountNames = std::map<std::string, std::string>;

// Nothing where all Workers are of one account. Where the API does not answer,
// an account is called by its id.
AccountNames NamesOfSeveral(const daemon::RunInfo& running,
                            const daemon::StatusReport& report) {
  AccountNames names;
  for (const daemon::WorkerReport& worker : report.workers) {
    names.emplace(worker.account.value, worker.account.value);
  }
  if (names.size() < 2) return {};
  const auto accounts = AllOf(running, "/accounts");
  if (!accounts) return names;
  for (const json::value& account : *accounts) {
    const auto known = names.find(TextIn(account, "id"));
    if (known != names.end()) known->second = TextIn(account, "name");
  }
  return names;
}

std::string WorkersText(const daemon::StatusReport& report,
                        const AccountNames& names, const Terminal& terminal) {
  std::string text;
  for (const daemon::WorkerReport& worker : report.workers) {
    const auto account = names.find(worker.account.value);
    text += fmt::format("{}  {}{}  version {}\n", terminal.Bold(worker.name),
                        account == names.end()
                            ? ""
                            : fmt::format("account {}  ", account->second),
                        WhereText(worker), TrafficText(worker.traffic));
  }
  return text;
}

std::string StatusText(const daemon::RunInfo& running,
                       const daemon::StatusReport& report,
                       const AccountNames& names, const Terminal& terminal) {
  std::string text = fmt::format(
      "{}  process {}, up {}, {}\n"
      "  Workers  {}\n  API      {}\n  State    {}\n",
      terminal.Bold("caraveld"), report.pid, Duration(report.uptime_ms),
      Megabytes(report.resident_bytes), WorkerUrl(running, "NAME"), running.api,
      running.data);
  if (!running.problem.empty()) {
    text += fmt::format("{}  {}\n", terminal.Red("problem"), running.problem);
  }
  for (const daemon::HostReport& host : report.hosts) {
    text += fmt::format(
        "{}  process {}, {}, {}, {} shards, {} isolates, {} connections, {} "
        "requests\n",
        terminal.Bold("host"), host.pid, host.serving ? "serves" : "stands by",
        Megabytes(host.resident_bytes), host.shards, host.isolates,
        host.connections, host.requests);
  }
  if (report.host_deaths > 0) {
    text += fmt::format("  {} died and {} replaced\n",
                        report.host_deaths == 1
                            ? "1 host"
                            : fmt::format("{} hosts", report.host_deaths),
                        report.host_deaths == 1 ? "was" : "were");
  }
  text += WorkersText(report, names, terminal);
  if (report.workers.empty()) {
    text += fmt::format(
        "No Worker is deployed. Deploy one: ./caravel deploy DIR{}\n",
        daemon::DataOption(running.data));
  }
  text.pop_back();
  return text;
}

json::array HostsJson(const daemon::StatusReport& report) {
  json::array hosts;
  for (const daemon::HostReport& host : report.hosts) {
    hosts.push_back(json::object{{"id", host.id},
                                 {"pid", host.pid},
                                 {"build", host.build},
                                 {"serving", host.serving},
                                 {"shards", host.shards},
                                 {"isolates", host.isolates},
                                 {"connections", host.connections},
                                 {"requests", host.requests},
                                 {"resident_bytes", host.resident_bytes}});
  }
  return hosts;
}

json::array WorkersJson(const daemon::StatusReport& report) {
  json::array workers;
  for (const daemon::WorkerReport& worker : report.workers) {
    json::array traffic;
    for (const registry::TrafficShare& share : worker.traffic) {
      traffic.push_back(json::object{{"version", share.version.value},
                                     {"percent", share.hundredths / 100.0}});
    }
    workers.push_back(json::object{{"account", worker.account.value},
                                   {"name", worker.name},
                                   {"url", worker.url},
                                   {"routes", json::value_from(worker.routes)},
                                   {"more_routes", worker.more_routes},
                                   {"traffic", traffic}});
  }
  return workers;
}

std::string StatusJson(const daemon::RunInfo& running,
                       const daemon::StatusReport& report) {
  return json::serialize(json::object{{"pid", report.pid},
                                      {"uptime_ms", report.uptime_ms},
                                      {"resident_bytes", report.resident_bytes},
                                      {"http", running.http},
                                      {"api", running.api},
                                      {"data", running.data},
                                      {"problem", running.problem},
                                      {"host_deaths", report.host_deaths},
                                      {"hosts", HostsJson(report)},
                                      {"workers", WorkersJson(report)}});
}

Result<int> RunStatus(Context& context, const Arguments& arguments) {
  CARAVEL_TRY(const daemon::DataFolder folder, FolderFrom(arguments));
  CARAVEL_TRY(const daemon::RunInfo running, daemon::FindRunning(folder));
  CARAVEL_TRY(const std::unique_ptr<daemon::AdminClient> client,
              daemon::AdminClient::Connect(folder));
  CARAVEL_TRY(const daemon::StatusReport report, AskStatus(*client));
  if (arguments.Has("json")) {
    context.terminal.PrintJson(StatusJson(running, report));
  } else {
    context.terminal.Print(context.terminal.AsCalled(StatusText(
        running, report, NamesOfSeveral(running, report), context.terminal)));
  }
  return 0;
}

}  // namespace

const Command kStatusCommand{
    .name = "status",
    .summary = "show what runs: processes, versions, ports, memory",
    .help = "Also for scripts, with --json.",
    .flags = kStatusFlags,
    .operands = {},
    .run = &RunStatus};

}  // namespace caravel::cli
