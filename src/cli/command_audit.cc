#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <utility>

#include "base/clock.h"
#include "cli/api_client.h"
#include "cli/api_view.h"
#include "cli/commands.h"
#include "cli/running.h"
#include "cli/time_span.h"

namespace caravel::cli {
namespace {

namespace json = boost::json;

constexpr unsigned kUsualCount = 100;

constexpr Flag kAuditFlags[] = {
    {"since", Flag::Kind::kText, "TIME",
     "how far back, such as 12h or 7d, or from when on: 2026-11-24"},
    {"actor", Flag::Kind::kText, "WHO", "a token's name, or an e-mail address"},
    {"limit", Flag::Kind::kNumber, "N", "how many at most, 1 to 1000; else 100",
     '\0', 1, 1000},
    kAccountFlag,
    kDataFlag,
    kJsonFlag,
};

std::string QueryOf(const Arguments& arguments) {
  std::string query =
      fmt::format("?limit={}", arguments.Number("limit").value_or(kUsualCount));
  if (const auto since = arguments.Text("since")) {
    const auto span = ParseTimeSpan(*since);
    query +=
        "&since=" +
        InQuery(span
                    ? base::FormatTime(std::chrono::system_clock::now() - *span)
                    : *since);
  }
  if (const auto actor = arguments.Text("actor")) {
    query += "&actor=" + InQuery(*actor);
  }
  return query;
}

const json::value& Part(const json::value& entry, std::string_view key) {
  static const json::value kNone;
  const auto* fields = entry.if_object();
  const auto* part = fields == nullptr ? nullptr : fields->if_contains(key);
  return part == nullptr ? kNone : *part;
}

// What a state of HTTP says of a change that was not done. The log has no words
// of the answer, which may repeat what the request carried.
std::string WhyNot(const json::value& status) {
  constexpr auto kReasons =
      std::to_array<std::pair<int64_t, std::string_view>>({
          {400, "not valid"},
          {401, "no valid token"},
          {403, "not allowed"},
          {404, "not found"},
          {409, "conflict"},
          {413, "beyond a limit"},
          {500, "error of caraveld"},
          {503, "not available"},
          {507, "disk full"},
      });
  if (!status.is_int64()) return "unknown";
  const auto known =
      std::ranges::find(kReasons, status.as_int64(),
                        &std::pair<int64_t, std::string_view>::first);
  return known == kReasons.end()
             ? fmt::format("{}", status.as_int64())
             : fmt::format("{} {}", known->first, known->second);
}

std::vector<std::string> Row(const json::value& entry) {
  constexpr size_t kSeconds = 19;
  const json::value& action = Part(entry, "action");
  const json::value& actor = Part(entry, "actor");
  const json::value& refused = Part(action, "refused");
  const std::string email = TextIn(actor, "email");
  return {TextIn(action, "time").substr(0, kSeconds),
          email.empty() ? TextIn(actor, "token_name") : email,
          TextIn(actor, "ip_address"),
          TextIn(action, "result") == "success"
              ? "done"
              : fmt::format("{}: {}",
                            refused.is_bool() && refused.as_bool() ? "refused"
                                                                   : "failed",
                            WhyNot(Part(Part(entry, "raw"), "status_code"))),
          TextIn(action, "description"),
          TextIn(Part(entry, "raw"), "uri")};
}

Result<int> RunAudit(Context& context, const Arguments& arguments) {
  CARAVEL_TRY(const daemon::RunInfo running, RunningFrom(arguments));
  const ApiCommand command{"audit", running, arguments, context.terminal};
  CARAVEL_TRY(const std::string account, AccountIdOf(command));
  CARAVEL_TRY(const json::value answer,
              AskApi(running, "GET",
                     fmt::format("/accounts/{}/logs/audit{}", account,
                                 QueryOf(arguments))));
  std::vector<std::vector<std::string>> rows;
  if (answer.is_array()) {
    for (const json::value& entry : answer.as_array()) {
      rows.push_back(Row(entry));
    }
  }
  // The newest last, where people look first.
  std::ranges::reverse(rows);
  command.Print(
      json::object{{"entries", answer}},
      rows.empty()
          ? "Nothing was changed by the API in this time."
          : Table(context.terminal,
                  {"TIME (UTC)", "WHO", "FROM", "HOW", "WHAT", "PATH"}, rows));
  return 0;
}

}  // namespace

const Command kAuditCommand{
    .name = "audit",
    .summary = "say who asked the API for which change, when and from where",
    .help =
        "Every request to the API that is not a mere look stands in the audit "
        "log,\n"
        "refused ones too, without what it carried:\n\n"
        "  ./caravel audit --since 7d --actor ci\n\n"
        "Entries are kept for 180 days (`audit_days` in `up --config FILE`).",
    .flags = kAuditFlags,
    .operands = {},
    .run = &RunAudit};

}  // namespace caravel::cli
