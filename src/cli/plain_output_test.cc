#include "cli/plain_output.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

namespace caravel::cli {
namespace {

TEST(ColourFilter, TakesColoursOutHoweverTheTextIsCut) {
  const std::string text =
      "a\033[31mred\033[0m \033[1;4mb\033[m \033[2K\033]c \033\033[39md";
  const std::string plain = "ared b \033[2K\033]c \033d";
  for (size_t first = 0; first <= text.size(); ++first) {
    for (size_t second = first; second <= text.size(); ++second) {
      ColourFilter filter;
      std::string passed = filter.Pass(text.substr(0, first));
      passed += filter.Pass(text.substr(first, second - first));
      passed += filter.Pass(text.substr(second));
      EXPECT_EQ(passed + filter.Rest(), plain) << first << ' ' << second;
    }
  }
}

TEST(ColourFilter, KeepsWhatOnlyLookedLikeOne) {
  ColourFilter filter;
  EXPECT_EQ(filter.Pass("end \033[3"), "end ");
  EXPECT_EQ(filter.Rest(), "\033[3");
}

TEST(PlainErrors, AreThoseOfTheChildUntilItEnds) {
  const base::Fd to(::memfd_create("errors", MFD_CLOEXEC));
  PlainErrors errors = PlainErrors::Make().value();
  daemon::ChildOptions options;
  options.command = {"/bin/sh", "-c",
                     "printf '\\033[31mno\\033[0m' >&2; exit 3"};
  options.fds = {{2, errors.write_end.get()}};
  const daemon::ChildProcess child = daemon::StartChild(options).value();
  EXPECT_EQ(errors.CopyUntilEnd(child, to.get())->exit_code, 3);
  EXPECT_EQ(base::ReadWholeFile(to, 100).value(), "no");
}

}  // namespace
}  // namespace caravel::cli
