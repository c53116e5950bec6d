#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/clock.h"

// The platform's own log (tenants' logs go through registry/host_protocol.h).
// One line an event: what happened, then named values, as text for a terminal
// or as one JSON object a line for a collector.
//
//   log.Info("host started", {{"host", id}, {"pid", pid}});
//
// Any thread may call. Never log a secret or a token.
namespace caravel::base {

enum class LogLevel : unsigned char { kDebug, kInfo, kWarning, kError };
enum class LogFormat : unsigned char { kText, kJson };

// What a name stands for ("warning", "json"); of one that is none kInfo and
// kText.
LogLevel LogLevelOf(std::string_view name);
LogFormat LogFormatOf(std::string_view name);

class LogValue {
 public:
  template <typename T>
  LogValue(std::string_view name, const T& value)
      : name_(name), text_(fmt::format("{}", value)) {}

  std::string_view name() const { return name_; }
  std::string_view text() const { return text_; }

 private:
  std::string_view name_;
  std::string text_;
};

class Log {
 public:
  using Values = std::initializer_list<LogValue>;

  virtual ~Log() = default;
  virtual void Write(LogLevel level, std::string_view event, Values values) = 0;

  void Debug(std::string_view event, Values values = {}) {
    Write(LogLevel::kDebug, event, values);
  }
  void Info(std::string_view event, Values values = {}) {
    Write(LogLevel::kInfo, event, values);
  }
  void Warning(std::string_view event, Values values = {}) {
    Write(LogLevel::kWarning, event, values);
  }
  void Error(std::string_view event, Values values = {}) {
    Write(LogLevel::kError, event, values);
  }
};

// One log line without its newline.
std::string FormatLogLine(LogFormat format, WallTime time, LogLevel level,
                          std::string_view event, Log::Values values);

// Writes each line with one write(2) to `fd`, which it does not own; what is
// below `level` is dropped.
class FdLog final : public Log {
 public:
  FdLog(int fd, LogFormat format, LogLevel level, const Clock& clock)
      : fd_(fd), format_(format), level_(level), clock_(clock) {}
  void Write(LogLevel level, std::string_view event, Values values) override;

 private:
  const int fd_;
  const LogFormat format_;
  const LogLevel level_;
  const Clock& clock_;
};

class NullLog final : public Log {
 public:
  void Write(LogLevel, std::string_view, Values) override {}
};

}  // namespace caravel::base
