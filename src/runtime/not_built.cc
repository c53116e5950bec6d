#include "runtime/not_built.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace caravel::runtime {
namespace {

constexpr auto kAbsentGlobals = std::to_array<AbsentGlobal>({
    {"Body",
     "it is not built in Caravel: Request and Response have its members "
     "themselves"},
    {"PerformanceResourceTiming",
     "it is not built in Caravel, which measures no fetch"},
    {"WebSocketRequestResponsePair",
     "hibernation of WebSockets is not built in Caravel yet"},
});

// As V8 calls them that are no functions, behind what holds them.
constexpr auto kAbsentMethods = std::to_array<AbsentGlobal>({
    {"navigator.sendBeacon",
     "it is not built in Caravel yet: hand a fetch() to ctx.waitUntil()"},
    {"ctx.abort", "it is not built in Caravel yet"},
});

// There with the compatibility flag nodejs_compat.
constexpr auto kNodeGlobals = std::to_array<std::string_view>(
    {"Buffer", "clearImmediate", "global", "process", "setImmediate"});

std::string NoteOnGlobal(std::string_view missing) {
  const auto global =
      std::ranges::find(kAbsentGlobals, missing, &AbsentGlobal::name);
  if (global != kAbsentGlobals.end()) return fmt::format(": {}", global->note);
  if (std::ranges::find(kNodeGlobals, missing) != kNodeGlobals.end()) {
    return ": it is one of Node's, and there with the compatibility flag "
           "nodejs_compat";
  }
  return {};
}

// `missing` is "ctx.abort" or "this.ctx.abort".
std::string NoteOnMethod(std::string_view missing) {
  for (const AbsentGlobal& method : kAbsentMethods) {
    if (!missing.ends_with(method.name)) continue;
    missing.remove_suffix(method.name.size());
    if (missing.empty() || missing.ends_with('.')) {
      return fmt::format(": {}", method.note);
    }
  }
  return {};
}

struct Complaint {
  std::string_view name;
  std::string_view end;  // of the message, behind what is missing
  std::string (*note)(std::string_view missing);
};

// V8's words.
constexpr auto kComplaints = std::to_array<Complaint>({
    {"ReferenceError", " is not defined", &NoteOnGlobal},
    {"TypeError", " is not a function", &NoteOnMethod},
});

// From this date on the runtime is expected to have every module of Node, and
// wrangler adds none of its own to a bundle.
constexpr std::string_view kNothingAddedFrom = "2026-03-17";

}  // namespace

std::span<const AbsentGlobal> AbsentGlobals() { return kAbsentGlobals; }

void ExplainAbsence(std::string_view name, std::string& message,
                    std::string& stack) {
  const auto complaint =
      std::ranges::find_if(kComplaints, [&](const Complaint& candidate) {
        return candidate.name == name && message.ends_with(candidate.end);
      });
  if (complaint == kComplaints.end()) return;
  const std::string note = complaint->note(std::string_view(message).substr(
      0, message.size() - complaint->end.size()));
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
