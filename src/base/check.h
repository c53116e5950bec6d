#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

// CARAVEL_CHECK(condition, values…) states an invariant. When it does not hold
// there is a bug: the condition, the place and the values are printed to
// standard error and the process ends; the supervisor starts another.
// Any thread may call it. Values are formatted only on failure.
//
//   CARAVEL_CHECK(offset <= size, offset, size);
namespace caravel::base {

[[noreturn]] void CheckFailed(const char* file, int line,
                              std::string_view condition,
                              std::string_view values);

template <typename... Values>
std::string FormatCheckValues(const Values&... values) {
  std::string text;
  ((text += fmt::format("{}{}", text.empty() ? "" : ", ", values)), ...);
  return text;
}

}  // namespace caravel::base

#define CARAVEL_CHECK(condition, ...)                       \
  do {                                                      \
    if (!(condition)) [[unlikely]] {                        \
      ::caravel::base::CheckFailed(                         \
          __FILE__, __LINE__, #condition,                   \
          ::caravel::base::FormatCheckValues(__VA_ARGS__)); \
    }                                                       \
  } while (false)
