#include "runtime/request_url.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/ops/ada.h"

namespace caravel::runtime {
namespace {

// Whether parsing would give the text back unchanged; true for what browsers
// and clients send, which saves the parse.
bool IsSerialized(std::string_view authority, std::string_view target) {
  if (target.empty() || target.front() != '/') return false;
  const bool plain_host =
      !authority.empty() &&
      std::all_of(authority.begin(), authority.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || c == '.' || c == '-';
      });
  if (!plain_host || authority.front() == '.' || authority.back() == '.') {
    return false;
  }
  for (size_t i = 0; i < target.size(); ++i) {
    const char c = target[i];
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') || c == '/' || c == '-' ||
                       c == '_' || c == '.' || c == '=' || c == '&' ||
                       c == '?' || c == '+' || c == ',' || c == ':';
    if (!plain) return false;
    // A segment that may be "." or ".." changes the path.
    if (c == '.' && target[i - 1] == '/') return false;
  }
  return true;
}

// Percent-encodes what no serialized URL has.
std::string Visible(std::string_view text) {
  std::string visible;
  for (const char c : text) {
    if (c > ' ' && c < 0x7f) {
      visible += c;
    } else {
      visible += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return visible;
}

}  // namespace

std::string AbsoluteUrl(const net::RequestHead& head) {
  std::string url;
  url.reserve(head.scheme.size() + 3 + head.authority.size() +
              head.target.size());
  url += head.scheme;
  url += "://";
  url += head.authority;
  if (head.target != "*") url += head.target;
  if (IsSerialized(head.authority, head.target)) return url;
  const ada_url parsed = ada_parse(url.data(), url.size());
  if (ada_is_valid(parsed)) {
    const ada_string href = ada_get_href(parsed);
    url.assign(href.data, href.length);
  } else {
    url = Visible(url);
  }
  ada_free(parsed);
  return url;
}

}  // namespace caravel::runtime
