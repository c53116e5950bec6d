#include "runtime/not_built.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace caravel::runtime {
namespace {

constexpr auto kAbsentGlobals = std::to_array<AbsentGlobal>({
    {"WebSocketRequestResponsePair", "hibernation of WebSockets"},
});

// There with the compatibility flag nodejs_compat.
constexpr auto kNodeGlobals = std::to_array<std::string_view>(
    {"Buffer", "clearImmediate", "global", "process", "setImmediate"});

std::string NoteOn(std::string_view missing) {
  const auto global =
      std::ranges::find(kAbsentGlobals, missing, &AbsentGlobal::name);
  if (global != kAbsentGlobals.end()) {
    return fmt::format(": {} is not built in Caravel yet", global->product);
  }
  if (std::ranges::find(kNodeGlobals, missing) != kNodeGlobals.end()) {
    return ": it is one of Node's, and there with the compatibility flag "
           "nodejs_compat";
  }
  return {};
}

// From this date on the runtime is expected to have every module of Node, and
// wrangler adds none of its own to a bundle.
constexpr std::string_view kNothingAddedFrom = "2026-03-17";

}  // namespace

std::span<const AbsentGlobal> AbsentGlobals() { return kAbsentGlobals; }

void ExplainAbsentGlobal(std::string_view name, std::string& message,
                         std::string& stack) {
  constexpr std::string_view kEnd = " is not defined";
  if (name != "ReferenceError" || !message.ends_with(kEnd)) return;
  const std::string_view missing =
      std::string_view(message).substr(0, message.size() - kEnd.size());
  const std::string note = NoteOn(missing);
  if (note.empty()) return;
  const std::string first_line = fmt::format("{}: {}", name, message);
  message += note;
  if (stack.starts_with(first_line)) stack.insert(first_line.size(), note);
}

bool MayBeNodeModule(std::string_view specifier) {
  if (specifier.starts_with("node:")) return true;
  return !specifier.empty() && specifier.front() != '.' &&
         specifier.front() != '/' &&
         specifier.find(':') == std::string_view::npos;
}

std::string NodeCompatNote(const registry::Version& version) {
  const auto flag = std::ranges::find_if(
      version.compatibility_flags, [](std::string_view name) {
        return name == "nodejs_compat" || name == "nodejs_compat_v2";
      });
  if (flag == version.compatibility_flags.end() ||
      version.compatibility_date >= kNothingAddedFrom) {
    return {};
  }
  return fmt::format(
      "The compatibility flag {} is the cause, if the Worker's own code "
      "imports "
      "nothing of Node: with it, wrangler adds polyfills that do. Remove {} "
      "from compatibility_flags",
      *flag, *flag);
}

}  // namespace caravel::runtime
