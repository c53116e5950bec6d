#include "cli/log_text.h"

#include <boost/json.hpp>

#include "base/clock.h"
#include "cli/shown_text.h"

namespace caravel::cli {
namespace {

namespace json = boost::json;

base::WallTime TimeOf(double since_epoch_ms) {
  return base::WallTime(
      std::chrono::milliseconds(static_cast<int64_t>(since_epoch_ms)));
}

// How many bytes from `at` on choose a colour (ECMA-48, SGR); 0 where none do.
size_t ColourAt(std::string_view text, size_t at) {
  if (!text.substr(at).starts_with("\x1b[")) return 0;
  const size_t end = text.find_first_not_of("0123456789;:", at + 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 - at : 0;
}

// What a Worker says, indented. It may choose colours where there are any, and
// does nothing else to the terminal.
std::string Indented(const Terminal& terminal, std::string_view text) {
  std::string indented = "    ";
  for (size_t at = 0; at < text.size();) {
    if (const size_t colour = ColourAt(text, at); colour > 0) {
      if (terminal.colours()) indented += text.substr(at, colour);
      at += colour;
    } else if (text[at] == '\n') {
      indented += "\n    ";
      ++at;
    } else {
      indented += text[at] == '\t' ? text.substr(at++, 1) : NextShown(text, at);
    }
  }
  if (terminal.colours() && text.find("\x1b[") != std::string_view::npos) {
    indented += "\x1b[0m";
  }
  return indented;
}

std::string LineText(const Terminal& terminal, const registry::LogLine& line) {
  const std::string said =
      line.text.empty() ? ConsoleText(line.message) : line.text;
  if (line.level == "log" || line.level == "info") {
    return Indented(terminal, said);
  }
  const std::string text =
      Indented(terminal, fmt::format("({}) {}", line.level, said));
  if (line.level == "error") return terminal.Red(text);
  if (line.level == "warn") return terminal.Yellow(text);
  return terminal.Dim(text);
}

// A request, a call by RPC, or a scheduled event.
std::string AskedFor(const registry::LogEvent& event) {
  if (event.kind == "scheduled") return "cron " + Shown(event.cron);
  if (event.kind != "rpc") {
    return fmt::format("{} {} {}", event.method, Shown(event.url),
                       event.status);
  }
  return fmt::format(
      "RPC {}.{}",
      event.entrypoint.empty() ? "default" : Shown(event.entrypoint),
      Shown(event.rpc_method));
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
      "{} {}", terminal.Dim(base::FormatTime(TimeOf(event.time_ms))),
      terminal.Bold(worker));
  if (event.request_id.empty()) {  // told by caraveld, which knows no more
    if (!event.cron.empty()) text += " " + AskedFor(event);
    text += " " + outcome;
  } else {
    text += fmt::format(
        " {} {} {}", AskedFor(event), outcome,
        terminal.Dim(fmt::format("{:.1f} ms cpu, {:.1f} ms, id {}",
                                 static_cast<double>(event.cpu_us) / 1000,
                                 static_cast<double>(event.wall_us) / 1000,
                                 event.request_id)));
  }
  for (const registry::LogLine& line : event.logs) {
    text += '\n' + LineText(terminal, line);
  }
  for (const registry::ExceptionRecord& thrown : event.exceptions) {
    const std::string story =
        thrown.stack.empty()
            ? fmt::format("{}: {}", thrown.name, thrown.message)
            : thrown.stack;
    text += '\n' + terminal.Red(Indented(terminal, story));
  }
  return text;
}

}  // namespace caravel::cli
