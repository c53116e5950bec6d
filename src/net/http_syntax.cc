#include "net/http_syntax.h"

#include <algorithm>

#include "net/headers.h"

namespace caravel::net {
namespace {

constexpr bool IsAlpha(int c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr std::array<uint8_t, 256> MakeCharacters() {
  constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";
  constexpr std::string_view kHostMarks = "-._~%!$&'()*+,;=";
  std::array<uint8_t, 256> table = {};
  for (int c = 0; c < 256; ++c) {
    const bool digit = c >= '0' && c <= '9';
    const bool visible = c >= 0x21 && c <= 0x7E;
    const bool obsolete_text = c >= 0x80;
    const char mark = static_cast<char>(c);
    int classes = 0;
    if (IsAlpha(c) || digit ||
        (visible && kTokenMarks.find(mark) != kTokenMarks.npos)) {
      classes |= kTokenCharacter;
    }
    if (visible || obsolete_text || c == ' ' || c == '\t') {
      classes |= kFieldCharacter;
    }
    if ((visible && c != '#') || obsolete_text) classes |= kTargetCharacter;
    if (IsAlpha(c) || digit ||
        (visible && kHostMarks.find(mark) != kHostMarks.npos)) {
      classes |= kHostCharacter;
    }
    if (digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
      classes |= kHexDigit;
    }
    if (digit) classes |= kDigit;
    table[static_cast<size_t>(c)] = static_cast<uint8_t>(classes);
  }
  return table;
}

bool ConsistsOf(CharacterClass kind, std::string_view text) {
  for (const char c : text) {
    if (!Is(kind, c)) return false;
  }
  return true;
}

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

constexpr std::array<uint8_t, 256> kCharacters = MakeCharacters();

bool IsToken(std::string_view text) {
  return !text.empty() && ConsistsOf(kTokenCharacter, text);
}

bool IsFieldValue(std::string_view text) {
  if (text.empty()) return true;
  return !IsBlank(text.front()) && !IsBlank(text.back()) &&
         ConsistsOf(kFieldCharacter, text);
}

bool IsRequestTarget(std::string_view text) {
  return !text.empty() && ConsistsOf(kTargetCharacter, text);
}

bool IsAuthority(std::string_view text) {
  std::string_view host;
  std::string_view rest;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos || end == 1) return false;
    host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    for (const char c : host) {
      if (!Is(kHexDigit, c) && c != ':' && c != '.') return false;
    }
  } else {
    const size_t end = std::min(text.find(':'), text.size());
    host = text.substr(0, end);
    rest = text.substr(end);
    if (host.empty() || !ConsistsOf(kHostCharacter, host)) return false;
  }
  if (rest.empty()) return true;
  constexpr size_t kColonAndPort = 6;
  return rest.front() == ':' && rest.size() <= kColonAndPort &&
         ConsistsOf(kDigit, rest.substr(1));
}

std::string_view TrimWhitespace(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view NextListElement(std::string_view& list) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    const std::string_view element = TrimWhitespace(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (!element.empty()) return element;
  }
  return {};
}

FieldKind KindOf(std::string_view field_name) {
  const auto is = [field_name](std::string_view name, FieldKind kind) {
    return EqualsIgnoringCase(field_name, name) ? kind : FieldKind::kOrdinary;
  };
  // The length, and at most the first letter, tell which name it can be.
  const int first = field_name.empty() ? 0 : field_name.front() | 0x20;
  switch (field_name.size()) {
    case 2:
      return is("te", FieldKind::kHopByHop);
    case 4:
      return first == 'h' ? is("host", FieldKind::kHost)
                          : is("date", FieldKind::kDate);
    case 6:
      return is("expect", FieldKind::kExpect);
    case 7:
      return first == 'u' ? is("upgrade", FieldKind::kUpgrade)
                          : is("trailer", FieldKind::kHopByHop);
    case 10:
      return first == 'c' ? is("connection", FieldKind::kConnection)
                          : is("keep-alive", FieldKind::kHopByHop);
    case 14:
      return is("content-length", FieldKind::kContentLength);
    case 16:
      return is("proxy-connection", FieldKind::kHopByHop);
    case 17:
      return is("transfer-encoding", FieldKind::kTransferEncoding);
    default:
      return FieldKind::kOrdinary;
  }
}

std::string_view ReasonPhrase(uint16_t status) {
  switch (status) {
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 203:
      return "Non-Authoritative Information";
    case 204:
      return "No Content";
    case 205:
      return "Reset Content";
    case 206:
      return "Partial Content";
    case 300:
      return "Multiple Choices";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 451:
      return "Unavailable For Legal Reasons";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

}  // namespace caravel::net
