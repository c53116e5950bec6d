#include "cli/log_text.h"

#include <boost/json.hpp>

#include "base/clock.h"

namespace caravel::cli {
namespace {

namespace json = boost::json;

base::WallTime TimeOf(double since_epoch_ms) {
  return base::WallTime(
      std::chrono::milliseconds(static_cast<int64_t>(since_epoch_ms)));
}

std::string Indented(const std::string& text) {
  std::string indented = "    ";
  for (const char c : text) {
    indented += c;
    if (c == '\n') indented += "    ";
  }
  return indented;
}

std::string LineText(const Terminal& terminal, const registry::LogLine& line) {
  const std::string said = ConsoleText(line.message);
  if (line.level == "log" || line.level == "info") return Indented(said);
  const std::string text = Indented(fmt::format("({}) {}", line.level, said));
  if (line.level == "error") return terminal.Red(text);
  if (line.level == "warn") return terminal.Yellow(text);
  return terminal.Dim(text);
}

}  // namespace

std::string ConsoleText(const std::string& arguments) {
  boost::system::error_code error;
  const json::value parsed = json::parse(arguments, error);
  if (error || !parsed.is_array()) return arguments;
  std::string text;
  for (const json::value& each : parsed.as_array()) {
    if (!text.empty()) text += ' ';
    text += each.is_string() ? std::string(each.as_string())
                             : json::serialize(each);
  }
  return text;
}

std::string LogText(const Terminal& terminal, const std::string& worker,
                    const registry::LogEvent& event) {
  const std::string outcome =
      event.outcome == "ok" ? event.outcome : terminal.Red(event.outcome);
  std::string text = fmt::format(
      "{} {} {} {} {} {} {}",
      terminal.Dim(base::FormatTime(TimeOf(event.time_ms))),
      terminal.Bold(worker), event.method, event.url, event.status, outcome,
      terminal.Dim(fmt::format("{:.1f} ms cpu, {:.1f} ms, id {}",
                               static_cast<double>(event.cpu_us) / 1000,
                               static_cast<double>(event.wall_us) / 1000,
                               event.request_id)));
  for (const registry::LogLine& line : event.logs) {
    text += '\n' + LineText(terminal, line);
  }
  for (const registry::ExceptionRecord& thrown : event.exceptions) {
    const std::string story =
        thrown.stack.empty()
            ? fmt::format("{}: {}", thrown.name, thrown.message)
            : thrown.stack;
    text += '\n' + terminal.Red(Indented(story));
  }
  return text;
}

}  // namespace caravel::cli
