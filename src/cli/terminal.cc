#include "cli/terminal.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "cli/shown_text.h"

namespace caravel::cli {
namespace {

bool WantsColours(int fd) {
  const char* no_color = std::getenv("NO_COLOR");
  return ::isatty(fd) == 1 && (no_color == nullptr || *no_color == '\0');
}

// False: there is nobody to read it any more.
bool WriteText(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

Terminal::Terminal(int output, int errors, std::string called)
    : output_(output),
      errors_(errors),
      called_(std::move(called)),
      colours_(WantsColours(output)),
      error_colours_(WantsColours(errors)) {}

void Terminal::Print(std::string_view text) {
  if (!WriteText(output_, fmt::format("{}\n", text))) reader_left_ = true;
}

void Terminal::PrintJson(std::string_view json) { Print(ShownJson(json)); }

void Terminal::PrintError(const Error& error) {
  const std::string_view mark =
      error_colours_ ? "\033[1;31mcaravel:\033[0m" : "caravel:";
  std::string text = fmt::format("{} {}\n", mark, ShownLines(error.message()));
  if (!error.remedy().empty()) {
    text += fmt::format("  {}\n", AsCalled(ShownLines(error.remedy())));
  }
  WriteText(errors_, text);
}

std::string Terminal::AsCalled(std::string_view text) const {
  constexpr std::string_view kWritten = "./caravel";
  constexpr std::string_view kBefore = " \n(\"'`";
  constexpr std::string_view kBehind = " \n)\"'`,;:?";
  std::string changed;
  size_t done = 0;
  for (size_t at = text.find(kWritten); at != std::string_view::npos;
       at = text.find(kWritten, at + 1)) {
    const size_t end = at + kWritten.size();
    const bool is_word =
        (at == 0 || kBefore.find(text[at - 1]) != std::string_view::npos) &&
        (end == text.size() ||
         kBehind.find(text[end]) != std::string_view::npos);
    if (!is_word) continue;
    changed += text.substr(done, at - done);
    changed += called_;
    done = end;
  }
  return changed += text.substr(done);
}

void Terminal::PrintWarning(std::string_view text) {
  const std::string_view mark =
      error_colours_ ? "\033[1;33mcaravel:\033[0m" : "caravel:";
  WriteText(errors_, fmt::format("{} warning: {}\n", mark, ShownLines(text)));
}

void Terminal::PrintNote(std::string_view text) {
  WriteText(errors_, ShownLines(text) + "\n");
}

std::string Terminal::Styled(std::string_view text,
                             std::string_view code) const {
  return colours_ ? fmt::format("\033[{}m{}\033[0m", code, text)
                  : std::string(text);
}

std::string Terminal::Bold(std::string_view text) const {
  return Styled(text, "1");
}
std::string Terminal::Dim(std::string_view text) const {
  return Styled(text, "2");
}
std::string Terminal::Red(std::string_view text) const {
  return Styled(text, "31");
}
std::string Terminal::Yellow(std::string_view text) const {
  return Styled(text, "33");
}

}  // namespace caravel::cli
