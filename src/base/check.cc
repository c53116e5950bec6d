#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace caravel::base {

void CheckFailed(const char* file, int line, std::string_view condition,
                 std::string_view values) {
  const std::string text = fmt::format(
      "{}:{}: invariant broken: {}{}{}{}\n", file, line, condition,
      values.empty() ? "" : " (values: ", values, values.empty() ? "" : ")");
  std::fputs(text.c_str(), stderr);
  std::abort();
}

}  // namespace caravel::base
