#include "host/zone.h"

#include <algorithm>

namespace caravel::host {
namespace {

// How many bytes of `text` write one dot; 0: it begins with none.
size_t DotAt(std::string_view text) {
  if (text.starts_with('.')) return 1;
  return text.starts_with("%2e") || text.starts_with("%2E") ? 3 : 0;
}

// The dots that `segment` is, if it is nothing else and at most two of them.
size_t DotsOf(std::string_view segment) {
  size_t dots = 0;
  while (!segment.empty() && dots < 3) {
    const size_t size = DotAt(segment);
    if (size == 0) return 0;
    segment.remove_prefix(size);
    ++dots;
  }
  return segment.empty() && dots < 3 ? dots : 0;
}

bool MayHaveDotSegments(std::string_view target) {
  return target.find("/.") != std::string_view::npos ||
         target.find('%') != std::string_view::npos ||
         target.find('\\') != std::string_view::npos;
}

}  // namespace

std::string WithoutDotSegments(std::string_view target) {
  const size_t query = std::min(target.find('?'), target.size());
  std::string path(target.substr(0, query));
  std::ranges::replace(path, '\\', '/');
  std::string result;
  std::string_view rest = path;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('/', 1), rest.size());
    const std::string_view segment = rest.substr(1, end - 1);
    const bool is_last = end == rest.size();
    rest.remove_prefix(end);
    const size_t dots = DotsOf(segment);
    if (dots == 2) result.resize(std::min(result.rfind('/'), result.size()));
    if (dots == 0) result.append("/").append(segment);
    if (dots > 0 && is_last) result += '/';
  }
  if (result.empty()) result = "/";
  return result.append(target.substr(query));
}

Zone::Zone(registry::PublishedZone published)
    : published_(std::move(published)) {
  if (!published_.origin.empty()) {
    Result<registry::ZoneOrigin> origin =
        registry::ZoneOrigin::Parse(published_.origin);
    if (origin) origin_ = std::move(*origin);
  }
  for (const registry::PublishedRoute& route : published_.routes) {
    Result<registry::RoutePattern> pattern =
        registry::RoutePattern::Parse(route.pattern);
    if (pattern) rules_.push_back({std::move(*pattern), route.worker});
  }
  std::ranges::sort(rules_, [](const Rule& a, const Rule& b) {
    return a.pattern.IsBefore(b.pattern);
  });
}

std::optional<Zone::Match> Zone::Find(std::string_view scheme,
                                      std::string_view host,
                                      std::string_view target) const {
  if (rules_.empty()) return std::nullopt;
  std::string plain;
  if (target.starts_with('/') && MayHaveDotSegments(target)) {
    plain = WithoutDotSegments(target);
    target = plain;
  }
  for (const Rule& rule : rules_) {
    if (rule.pattern.Matches(scheme, host, target)) return Match{rule.worker};
  }
  return std::nullopt;
}

bool Zone::Runs(const registry::WorkerId& worker) const {
  return std::ranges::any_of(
      rules_, [&](const Rule& rule) { return rule.worker == worker; });
}

}  // namespace caravel::host
