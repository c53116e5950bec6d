#include "control/router.h"

#include <utility>
#include <vector>

#include "control/percent.h"

// A few dozen endpoints are walked one by one: some microseconds beside a
// database transaction. An index would have to earn its keep.
namespace caravel::api {
namespace {

// The segments of "/a/b"; empty ones count: "/a/" has two.
std::vector<std::string_view> Segments(std::string_view path) {
  std::vector<std::string_view> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  for (;;) {
    const size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

// One digit a segment, a literal 1 and a placeholder 0, first segment first: of
// two patterns that match, the greater text is the stronger one. Nothing: the
// pattern does not match.
std::optional<std::string> Strength(
    const std::vector<std::string_view>& pattern,
    const std::vector<std::string>& segments,
    std::map<std::string, std::string, std::less<>>& values) {
  if (pattern.size() != segments.size()) return std::nullopt;
  std::string strength;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view expected = pattern[i];
    if (expected.starts_with('{')) {
      if (segments[i].empty()) return std::nullopt;
      values.emplace(expected.substr(1, expected.size() - 2), segments[i]);
      strength += '0';
    } else if (expected == segments[i]) {
      strength += '1';
    } else {
      return std::nullopt;
    }
  }
  return strength;
}

}  // namespace

Router::Match Router::Find(std::string_view method,
                           std::string_view path) const {
  std::vector<std::string> segments;
  for (const std::string_view segment : Segments(path)) {
    auto decoded = PercentDecode(segment);
    if (!decoded) return {};
    segments.push_back(*std::move(decoded));
  }
  Match best;
  std::string best_strength;
  for (const EndpointInfo& endpoint : endpoints_) {
    std::map<std::string, std::string, std::less<>> values;
    const auto strength = Strength(Segments(endpoint.path), segments, values);
    if (!strength) continue;
    if (MethodName(endpoint.method) != method) {
      if (!best.allowed.empty()) best.allowed += ", ";
      best.allowed += MethodName(endpoint.method);
    } else if (best.endpoint == nullptr || *strength > best_strength) {
      best.endpoint = &endpoint;
      best.path = std::move(values);
      best_strength = *strength;
    }
  }
  return best;
}

}  // namespace caravel::api
