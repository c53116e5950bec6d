#include "registry/route_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <tuple>

#include "base/lower_case.h"

namespace caravel::registry {
namespace {

constexpr size_t kLongestName = 253;  // RFC 1035, section 2.3.4
constexpr size_t kLongestLabel = 63;

Error WrongPattern(std::string_view pattern, std::string_view what) {
  return Error(ErrorCode::kInvalid,
               fmt::format("route \"{}\": {}", pattern.substr(0, 300), what))
      .Remedy(
          "write host and path, such as shop.example.com/cart*; a * may only "
          "begin the host and end the path");
}

// Empty: it is one.
std::string_view WhyNoLabel(std::string_view label) {
  if (label.empty()) return "it is empty";
  if (label.size() > kLongestLabel) return "it has more than 63 characters";
  if (label.front() == '-' || label.back() == '-') {
    return "it begins or ends with a dash";
  }
  const bool is_plain = std::ranges::all_of(label, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
  return is_plain ? "" : "it may have letters, digits, dashes and _ alone";
}

bool IsAddress(std::string_view name) {
  const std::string_view last = name.substr(name.rfind('.') + 1);
  return std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string LowerHost(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  return base::LowerCase(text);
}

Status CheckHostName(std::string_view name) {
  const auto wrong = [name](std::string_view what) {
    return Error(ErrorCode::kInvalid, fmt::format("\"{}\" is no host name: {}",
                                                  name.substr(0, 300), what))
        .Remedy(
            "write a name such as shop.example.com, without scheme, port and "
            "path; names in other scripts as xn--…");
  };
  if (name.size() > kLongestName) return wrong("it is too long");
  for (std::string_view rest = name;;) {
    const size_t end = rest.find('.');
    const std::string_view label = rest.substr(0, end);
    if (const auto why = WhyNoLabel(label); !why.empty()) {
      return wrong(fmt::format("\"{}\" is no label: {}", label, why));
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  if (name.find('.') == std::string_view::npos) {
    return wrong("it has only one label");
  }
  if (IsAddress(name)) return wrong("it is an address");
  return {};
}

bool IsWithin(std::string_view host, std::string_view zone) {
  return host == zone || (host.size() > zone.size() && host.ends_with(zone) &&
                          host[host.size() - zone.size() - 1] == '.');
}

Result<RoutePattern> RoutePattern::Parse(std::string_view pattern) {
  constexpr size_t kLongest = 2048;
  if (pattern.size() > kLongest) return WrongPattern(pattern, "is too long");
  RoutePattern parsed;
  std::string_view rest = pattern;
  if (const size_t end = rest.find("://"); end != std::string_view::npos) {
    parsed.scheme = LowerHost(rest.substr(0, end));
    if (parsed.scheme != "http" && parsed.scheme != "https") {
      return WrongPattern(pattern, "the scheme is neither http nor https");
    }
    rest.remove_prefix(end + 3);
  }
  if (rest.starts_with('*')) {
    parsed.any_prefix = true;
    rest.remove_prefix(1);
  }
  const size_t slash = std::min(rest.find('/'), rest.size());
  parsed.host = LowerHost(rest.substr(0, slash));
  parsed.path = slash < rest.size() ? rest.substr(slash) : "/";
  if (parsed.path.ends_with('*')) {
    parsed.any_suffix = true;
    parsed.path.pop_back();
  }
  if (parsed.host.find('*') != std::string::npos ||
      parsed.path.find('*') != std::string::npos) {
    return WrongPattern(pattern, "a * stands in the middle");
  }
  if (parsed.path.find_first_of("?#") != std::string::npos) {
    return WrongPattern(pattern, "a query cannot be matched");
  }
  if (std::ranges::any_of(parsed.path,
                          [](char c) { return c <= ' ' || c == '\x7F'; })) {
    return WrongPattern(pattern, "a blank stands in the path");
  }
  if (const Status checked = CheckHostName(parsed.HostName()); !checked) {
    return WrongPattern(pattern, checked.error().message());
  }
  return parsed;
}

std::string_view RoutePattern::HostName() const {
  std::string_view name = host;
  if (any_prefix && name.starts_with('.')) name.remove_prefix(1);
  return name;
}

bool RoutePattern::Matches(std::string_view request_scheme,
                           std::string_view request_host,
                           std::string_view target) const {
  if (!scheme.empty() && scheme != request_scheme) return false;
  if (any_prefix ? !request_host.ends_with(host) : request_host != host) {
    return false;
  }
  return any_suffix ? target.starts_with(path) : target == path;
}

std::string RoutePattern::ToText() const {
  return fmt::format("{}{}{}{}{}{}", scheme, scheme.empty() ? "" : "://",
                     any_prefix ? "*" : "", host, path, any_suffix ? "*" : "");
}

bool RoutePattern::IsBefore(const RoutePattern& other) const {
  const auto rank = [](const RoutePattern& pattern) {
    return std::tuple(!pattern.any_prefix, pattern.host.size(),
                      !pattern.any_suffix, pattern.path.size(),
                      !pattern.scheme.empty());
  };
  return rank(*this) > rank(other);
}

}  // namespace caravel::registry
