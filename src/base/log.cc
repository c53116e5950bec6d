#include "base/log.h"

#include <unistd.h>

#include "base/json_text.h"

namespace caravel::base {
namespace {

std::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "?";
}

bool NeedsQuotes(std::string_view text) {
  if (text.empty()) return true;
  for (const char c : text) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\x7F') return true;
  }
  return false;
}

}  // namespace

std::string FormatLogLine(LogFormat format, WallTime time, LogLevel level,
                          std::string_view event, Log::Values values) {
  std::string line;
  if (format == LogFormat::kJson) {
    line = fmt::format(R"({{"time":"{}","level":"{}","event":{})",
                       FormatTime(time), LevelName(level), JsonQuote(event));
    for (const LogValue& value : values) {
      line += fmt::format(",{}:{}", JsonQuote(value.name()),
                          JsonQuote(value.text()));
    }
    line += '}';
    return line;
  }
  line = fmt::format("{} {:7} {}", FormatTime(time), LevelName(level), event);
  for (const LogValue& value : values) {
    line += fmt::format(" {}={}", value.name(),
                        NeedsQuotes(value.text()) ? JsonQuote(value.text())
                                                  : std::string(value.text()));
  }
  return line;
}

LogLevel LogLevelOf(std::string_view name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warning") return LogLevel::kWarning;
  return name == "error" ? LogLevel::kError : LogLevel::kInfo;
}

LogFormat LogFormatOf(std::string_view name) {
  return name == "json" ? LogFormat::kJson : LogFormat::kText;
}

void FdLog::Write(LogLevel level, std::string_view event, Values values) {
  if (level < level_) return;
  const std::string line =
      FormatLogLine(format_, clock_.Wall(), level, event, values) + '\n';
  // A log that cannot be written has nobody left to be told.
  [[maybe_unused]] const ssize_t ignored =
      ::write(fd_, line.data(), line.size());
}

}  // namespace caravel::base
