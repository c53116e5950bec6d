#include "cli/ask_status.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace caravel::cli {
namespace {

Result<daemon::StatusReport> Ask(daemon::AdminClient& client,
                                 const daemon::AskStatus& question) {
  client.Send(question);
  CARAVEL_TRY(daemon::FromAdmin message,
              client.Receive(std::chrono::seconds(5)));
  auto* report = std::get_if<daemon::StatusReport>(&message);
  if (report != nullptr) return std::move(*report);
  return Error(ErrorCode::kInternal, "caraveld answered something else")
      .Remedy("it is of another build: ./caravel down, then ./caravel up");
}

}  // namespace

Result<daemon::StatusReport> AskStatus(daemon::AdminClient& client) {
  CARAVEL_TRY(daemon::StatusReport report, Ask(client, {}));
  while (!report.next.empty()) {
    CARAVEL_TRY(daemon::StatusReport more, Ask(client, {report.next}));
    std::ranges::move(more.workers, std::back_inserter(report.workers));
    report.next = std::move(more.next);
  }
  std::ranges::sort(report.workers, {}, &daemon::WorkerReport::name);
  return report;
}

std::string RoutesText(const daemon::WorkerReport& worker) {
  std::string text = fmt::format("{}", fmt::join(worker.routes, ", "));
  if (worker.more_routes > 0) {
    text += fmt::format(" and {} more", worker.more_routes);
  }
  return text;
}

}  // namespace caravel::cli
