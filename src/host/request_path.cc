// Test: request_path_test.cc, one list of cases for all of them.
#include "host/request_path.h"

#include <algorithm>
#include <optional>

#include "net/utf8_check.h"

namespace caravel::host {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte of the escape at `at`; nothing: none is there.
std::optional<char> EscapeAt(std::string_view text, size_t at) {
  if (text[at] != '%' || at + 2 >= text.size()) return {};
  const int high = HexValue(text[at + 1]);
  const int low = HexValue(text[at + 2]);
  if (high < 0 || low < 0) return {};
  return static_cast<char>(high * 16 + low);
}

void AppendEscape(char c, std::string& text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  text.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
}

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9');
}

bool IsUnreserved(char c) {
  return IsLetterOrDigit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

bool StaysInComponent(char c) {
  return IsLetterOrDigit(c) ||
         std::string_view("/-_.!~*'()").find(c) != std::string_view::npos;
}

// A segment that stands for this place, or, with two dots, for the one above;
// 0: it is another.
size_t DotsOf(std::string_view segment) {
  size_t dots = 0;
  while (!segment.empty()) {
    if (segment.starts_with('.')) {
      segment.remove_prefix(1);
    } else if (EscapeAt(segment, 0) == '.') {
      segment.remove_prefix(3);
    } else {
      return 0;
    }
    ++dots;
  }
  return dots <= 2 ? dots : 0;
}

void AppendDecoded(std::string_view segment, std::string& decoded) {
  const size_t begin = decoded.size();
  for (size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] != '%') {
      decoded += segment[i];
      continue;
    }
    const std::optional<char> byte = EscapeAt(segment, i);
    if (!byte) {
      decoded.replace(begin, std::string::npos, segment);
      return;
    }
    decoded += *byte;
    i += 2;
  }
  if (!net::IsUtf8(std::string_view(decoded).substr(begin))) {
    decoded.replace(begin, std::string::npos, segment);
  }
}

// One slash for several.
void MergeSlashes(std::string& path) {
  const auto [end, last] = std::ranges::unique(
      path, [](char a, char b) { return a == '/' && b == '/'; });
  path.erase(end, last);
}

}  // namespace

std::string_view UrlTarget(std::string_view target, std::string& memory) {
  std::string_view path = PathOf(target);
  if (!path.starts_with('/') || (path.find("/.") == std::string_view::npos &&
                                 path.find("/%2") == std::string_view::npos &&
                                 path.find('\\') == std::string_view::npos)) {
    return target;
  }
  const std::string_view query = target.substr(path.size());
  memory.clear();
  while (!path.empty()) {
    path.remove_prefix(1);  // a slash of either kind
    const size_t end = std::min(path.find_first_of("/\\"), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    const size_t dots = DotsOf(segment);
    if (dots == 0) {
      memory.append("/").append(segment);
      continue;
    }
    if (dots == 2 && !memory.empty()) memory.resize(memory.rfind('/'));
    if (path.empty()) memory += '/';
  }
  memory += query;
  return memory;
}

bool IsPlainTarget(std::string_view target) {
  return target != "*" &&
         target.find_first_of("%\\") == std::string_view::npos &&
         target.find("/.") == std::string_view::npos &&
         target.find("//") == std::string_view::npos;
}

std::string PlainTarget(std::string_view target) {
  if (target == "*") return "/";
  if (!target.starts_with('/')) return std::string(target);
  std::string memory;
  target = UrlTarget(target, memory);
  const std::string_view path = PathOf(target);
  std::string plain;
  plain.reserve(target.size());
  for (size_t i = 0; i < path.size(); ++i) {
    const std::optional<char> byte = EscapeAt(path, i);
    if (!byte) {
      plain += path[i];
      continue;
    }
    if (IsUnreserved(*byte)) {
      plain += *byte;
    } else {
      AppendEscape(*byte, plain);
    }
    i += 2;
  }
  MergeSlashes(plain);
  return plain.append(QueryOf(target));
}

std::string DecodedPath(std::string_view path) {
  std::string decoded;
  decoded.reserve(path.size());
  while (true) {
    const size_t slash = std::min(path.find('/'), path.size());
    AppendDecoded(path.substr(0, slash), decoded);
    if (slash == path.size()) break;
    decoded += '/';
    path.remove_prefix(slash + 1);
  }
  MergeSlashes(decoded);
  return decoded;
}

std::string EncodedPath(std::string_view path) {
  std::string encoded;
  encoded.reserve(path.size());
  for (const char c : path) {
    if (StaysInComponent(c)) {
      encoded += c;
    } else {
      AppendEscape(c, encoded);
    }
  }
  return encoded;
}

}  // namespace caravel::host
