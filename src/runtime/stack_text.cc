#include "runtime/stack_text.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace caravel::runtime {
namespace {

// The number behind the last colon of `text`, which loses both.
std::optional<uint32_t> TakeTrailingNumber(std::string_view& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(colon + 1);
  uint32_t number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  text = text.substr(0, colon);
  return number;
}

// "module:line:column" with the origin's position in its place.
std::string RewritePosition(std::string_view position,
                            const FindSourceMap& find) {
  std::string_view module = position;
  const std::optional<uint32_t> column = TakeTrailingNumber(module);
  const std::optional<uint32_t> line =
      column ? TakeTrailingNumber(module) : std::nullopt;
  if (!line) return std::string(position);
  const SourceMap* map = find(module);
  if (map == nullptr) return std::string(position);
  const auto origin = map->Find(*line, *column);
  if (!origin) return std::string(position);
  return fmt::format("{}:{}:{}", origin->source, origin->line, origin->column);
}

// A frame is "    at name (position)" or "    at position", also "at async".
std::string RewriteFrame(std::string_view frame, const FindSourceMap& find) {
  const size_t open = frame.rfind('(');
  if (frame.ends_with(')') && open != std::string_view::npos) {
    const std::string_view position =
        frame.substr(open + 1, frame.size() - open - 2);
    return fmt::format("{}({})", frame.substr(0, open),
                       RewritePosition(position, find));
  }
  constexpr std::string_view kAsync = "async ";
  size_t at = frame.find("at ") + 3;
  if (frame.substr(at).starts_with(kAsync)) at += kAsync.size();
  return fmt::format("{}{}", frame.substr(0, at),
                     RewritePosition(frame.substr(at), find));
}

// "(caravel:platform:1:2)", or the same without parentheses.
bool IsPlatformFrame(std::string_view frame) {
  return frame.find("(caravel:") != std::string_view::npos ||
         frame.find("at caravel:") != std::string_view::npos ||
         frame.find("at async caravel:") != std::string_view::npos;
}

bool IsBuiltinFrame(std::string_view frame) {
  return frame.ends_with("(<anonymous>)");
}

}  // namespace

std::string RewriteStack(std::string_view stack, const FindSourceMap& find) {
  std::string text;
  std::string builtins;  // frames of V8's that wait for their caller's
  const auto add = [&](std::string_view line) {
    if (!text.empty()) text += '\n';
    text += line;
  };
  const auto add_builtins = [&] {
    if (!builtins.empty()) add(std::exchange(builtins, {}));
  };
  while (!stack.empty() && text.size() < kMaxStackText) {
    const size_t end = stack.find('\n');
    const std::string_view line = stack.substr(0, end);
    stack = end == std::string_view::npos ? "" : stack.substr(end + 1);
    const bool is_frame = line.starts_with("    at ");
    if (is_frame && IsPlatformFrame(line)) {
      builtins.clear();
    } else if (is_frame && IsBuiltinFrame(line)) {
      if (!builtins.empty()) builtins += '\n';
      builtins += line;
    } else {
      add_builtins();
      add(is_frame ? RewriteFrame(line, find) : std::string(line));
    }
  }
  add_builtins();
  if (text.size() > kMaxStackText) text.resize(kMaxStackText);
  return text;
}

}  // namespace caravel::runtime
