#include "host/zone.h"

#include <algorithm>

#include "base/hex.h"

namespace caravel::host {
namespace {

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

char Upper(char c) {
  return c >= 'a' && c <= 'f' ? static_cast<char>(c - 0x20) : c;
}

// Escapes of unreserved characters decoded, those of others in capitals, and
// "\" as "/".
std::string Decoded(std::string_view path) {
  std::string decoded;
  decoded.reserve(path.size());
  for (size_t i = 0; i < path.size(); ++i) {
    const std::optional<std::string> byte =
        path[i] == '%' ? base::FromHex(path.substr(i + 1, 2)) : std::nullopt;
    if (!byte || byte->size() != 1) {
      decoded += path[i] == '\\' ? '/' : path[i];
      continue;
    }
    if (IsUnreserved(byte->front())) {
      decoded += byte->front();
    } else {
      decoded.append({'%', Upper(path[i + 1]), Upper(path[i + 2])});
    }
    i += 2;
  }
  return decoded;
}

std::string WithoutDotSegments(std::string_view path) {
  std::string result;
  while (!path.empty()) {
    const size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(1, end - 1);
    const bool is_last = end == path.size();
    path.remove_prefix(end);
    if (segment == "..") {
      result.resize(std::min(result.rfind('/'), result.size()));
    } else if (segment != ".") {
      result.append("/").append(segment);
      continue;
    }
    if (is_last) result += '/';
  }
  if (result.empty()) result = "/";
  return result;
}

bool IsPlain(std::string_view target) {
  return target.find_first_of("%\\") == std::string_view::npos &&
         target.find("/.") == std::string_view::npos &&
         target.find("//") == std::string_view::npos;
}

}  // namespace

std::string PlainTarget(std::string_view target) {
  if (target == "*") return "/";
  if (!target.starts_with('/')) return std::string(target);
  const size_t query = std::min(target.find('?'), target.size());
  std::string path = WithoutDotSegments(Decoded(target.substr(0, query)));
  const auto [end, last] = std::ranges::unique(
      path, [](char a, char b) { return a == '/' && b == '/'; });
  path.erase(end, last);
  return path.append(target.substr(query));
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
  if (target == "*" || !IsPlain(target)) {
    plain = PlainTarget(target);
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
