#include "registry/worker_name.h"

#include <fmt/format.h>

#include <algorithm>

namespace caravel::registry {
namespace {

constexpr size_t kLongestWorkerName = 63;
constexpr size_t kLongestBindingName = 255;

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Status CheckWorkerName(std::string_view name) {
  const auto wrong = [name](std::string_view what) {
    return Error(ErrorCode::kInvalid, fmt::format("Worker name \"{}\": {}",
                                                  name.substr(0, 100), what))
        .Remedy("use 1 to 63 of a-z, 0-9, - and _, with no dash at either end");
  };
  if (name.empty()) return wrong("is empty");
  if (name.size() > kLongestWorkerName) {
    return wrong(fmt::format("has {} characters", name.size()));
  }
  const bool plain = std::ranges::all_of(name, [](char c) {
    return IsLower(c) || IsDigit(c) || c == '-' || c == '_';
  });
  if (!plain) return wrong("has another character");
  if (name.front() == '-' || name.back() == '-') {
    return wrong("begins or ends with a dash");
  }
  return {};
}

Status CheckBindingName(std::string_view name) {
  const bool plain = std::ranges::all_of(name, [](char c) {
    return IsLower(c) || IsUpper(c) || IsDigit(c) || c == '_' || c == '$';
  });
  if (!plain || name.empty() || name.size() > kLongestBindingName ||
      IsDigit(name.front())) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("binding name \"{}\": cannot be a property of env",
                             name.substr(0, 100)))
        .Remedy("use letters, digits, _ and $, and no digit in front");
  }
  return {};
}

}  // namespace caravel::registry
