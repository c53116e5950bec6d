// Two passes: the end of the head is looked for as bytes arrive, each byte
// once; a head that is there whole is then read line by line. A LF without CR
// is refused in the first pass already: else a server that ends its lines so
// would never seem to finish.
//
// Tests: client_parser_test.cc, tests/fuzz/client_parser_fuzz.cc.
#include "net/client_parser.h"

#include <charconv>
#include <vector>

#include "net/http_syntax.h"

namespace caravel::net {
namespace {

constexpr std::string_view kEnd = "\r\n\r\n";

struct StatusLine {
  int minor_version = 0;
  uint16_t status = 0;
  std::string_view reason;
};

// What is wrong with `line`, or nothing.
std::string_view ReadStatusLine(std::string_view line, StatusLine& read) {
  // "HTTP/1.1 200 OK"; the space behind the status is often left out.
  constexpr std::string_view kVersion = "HTTP/1.";
  constexpr size_t kStatusBegin = 9;
  constexpr size_t kStatusEnd = 12;
  if (!line.starts_with("HTTP/")) return "the answer is not HTTP";
  if (line.size() < kStatusEnd || !line.starts_with(kVersion) ||
      !Is(kDigit, line[kVersion.size()]) || line[kStatusBegin - 1] != ' ') {
    return "the answer is not HTTP/1.1";
  }
  read.minor_version = line[kVersion.size()] - '0';
  for (size_t i = kStatusBegin; i < kStatusEnd; ++i) {
    if (!Is(kDigit, line[i])) return "the status is not a number";
    read.status = static_cast<uint16_t>(read.status * 10 + (line[i] - '0'));
  }
  if (read.status < 100 || read.status > 599) {
    return "the status is not between 100 and 599";
  }
  if (line.size() == kStatusEnd) return {};
  if (line[kStatusEnd] != ' ') return "the status is not three digits long";
  read.reason = TrimWhitespace(line.substr(kStatusEnd + 1));
  if (!IsFieldValue(read.reason)) {
    return "the reason phrase has a wrong character";
  }
  return {};
}

// The fields that decide something, gathered in one walk.
struct Deciding {
  std::vector<std::string_view> connection;
  bool close = false;
  bool keep_alive = false;
  bool upgrade = false;       // Connection says that the protocol changes,
  bool to_websocket = false;  // and Upgrade to which
  int lengths = 0;
  std::string_view length;
  int codings = 0;
  std::string_view coding;
};

std::string_view ReadField(std::string_view line, Headers::Field& field) {
  if (line[0] == ' ' || line[0] == '\t') {
    return "a header field is folded over two lines";
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    return "a line of the head has no colon";
  }
  field.name = line.substr(0, colon);
  field.value = TrimWhitespace(line.substr(colon + 1));
  if (!IsToken(field.name)) {
    return "the name of a header field has a wrong character";
  }
  if (!IsFieldValue(field.value)) {
    return "the value of a header field has a wrong character";
  }
  return {};
}

void Note(const Headers::Field& field, Deciding& deciding) {
  switch (KindOf(field.name)) {
    case FieldKind::kConnection: {
      std::string_view list = field.value;
      for (std::string_view option = NextListElement(list); !option.empty();
           option = NextListElement(list)) {
        deciding.close |= EqualsIgnoringCase(option, "close");
        deciding.keep_alive |= EqualsIgnoringCase(option, "keep-alive");
        deciding.upgrade |= EqualsIgnoringCase(option, "upgrade");
        deciding.connection.push_back(option);
      }
      return;
    }
    case FieldKind::kUpgrade:
      deciding.to_websocket = EqualsIgnoringCase(field.value, "websocket");
      return;
    case FieldKind::kContentLength:
      ++deciding.lengths;
      deciding.length = field.value;
      return;
    case FieldKind::kTransferEncoding:
      ++deciding.codings;
      deciding.coding = field.value;
      return;
    default:
      return;
  }
}

// Whether the asker is to see the field.
bool IsEndToEnd(const Headers::Field& field, const Deciding& deciding) {
  switch (KindOf(field.name)) {
    case FieldKind::kConnection:
    case FieldKind::kContentLength:
    case FieldKind::kTransferEncoding:
    case FieldKind::kUpgrade:
    case FieldKind::kHopByHop:
      return false;
    default:
      break;
  }
  for (const std::string_view option : deciding.connection) {
    if (EqualsIgnoringCase(option, field.name)) return false;
  }
  return true;
}

std::string_view DecideFraming(const StatusLine& line, const Deciding& deciding,
                               bool to_head, ResponseHead& head,
                               ResponseFraming& framing) {
  using Kind = ResponseFraming::Kind;
  framing = {};
  head.body_size = -1;
  if (deciding.codings > 0 && deciding.lengths > 0) {
    return "it has both Content-Length and Transfer-Encoding";
  }
  if (deciding.lengths > 1) return "it has several Content-Length fields";
  if (deciding.codings > 1 ||
      (deciding.codings == 1 &&
       !EqualsIgnoringCase(deciding.coding, "chunked"))) {
    return "its Transfer-Encoding is another than \"chunked\"";
  }
  if (deciding.codings == 1 && line.minor_version == 0) {
    return "it is HTTP/1.0 and has a Transfer-Encoding";
  }
  if (deciding.lengths == 1) {
    const std::string_view text = deciding.length;
    const auto [stop, failed] =
        std::from_chars(text.data(), text.data() + text.size(), head.body_size);
    if (text.empty() || !Is(kDigit, text[0]) || failed != std::errc() ||
        stop != text.data() + text.size()) {
      return "its Content-Length is not a number";
    }
  }
  const bool persists =
      line.minor_version == 0 ? deciding.keep_alive : !deciding.close;
  framing.keep_alive = persists && !deciding.close;
  framing.to_websocket =
      line.status == 101 && deciding.upgrade && deciding.to_websocket;
  if (to_head || line.status < 200 || line.status == 204 ||
      line.status == 304) {
    if (line.status < 200 || line.status == 204) head.body_size = 0;
    return {};
  }
  if (deciding.codings == 1) {
    framing.kind = Kind::kChunked;
  } else if (deciding.lengths == 1) {
    framing.length = static_cast<uint64_t>(head.body_size);
    if (framing.length > 0) framing.kind = Kind::kLength;
  } else {
    framing.kind = Kind::kUntilClose;
    framing.keep_alive = false;
  }
  return {};
}

// The line at the front of `rest` without its CRLF, which `rest` loses as well.
std::string_view NextLine(std::string_view& rest) {
  const size_t end = rest.find("\r\n");
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return line;
}

}  // namespace

using Outcome = ResponseHeadReader::Outcome;

Outcome ResponseHeadReader::Refuse(std::string_view what) {
  what_ = what;
  return Outcome::kRefused;
}

// Sets head_size_ once the empty line is there.
bool ResponseHeadReader::FindEnd(std::string_view buffer) {
  // What was searched may end in the first bytes of the end.
  const size_t from = searched_ < kEnd.size() ? 0 : searched_ - kEnd.size() + 1;
  const size_t end = buffer.find(kEnd, from);
  if (end == std::string_view::npos) return false;
  head_size_ = end + kEnd.size();
  return true;
}

Outcome ResponseHeadReader::Read(std::string_view buffer, bool to_head,
                                 ResponseHead& head, ResponseFraming& framing) {
  const bool whole = FindEnd(buffer);
  const std::string_view seen =
      buffer.substr(0, whole ? head_size_ : kMaxHeadBytes + 1);
  for (size_t i = seen.find('\n', searched_); i != std::string_view::npos;
       i = seen.find('\n', i + 1)) {
    if (i == 0 || seen[i - 1] != '\r') {
      return Refuse("a line of its head ends in LF without CR");
    }
  }
  searched_ = seen.size();
  if (seen.size() > kMaxHeadBytes) return Refuse("its head is too large");
  if (!whole) {
    // Told at once, not when a stream that is no HTTP happens to end.
    constexpr std::string_view kStart = "HTTP/";
    const size_t known = std::min(kStart.size(), seen.size());
    if (seen.substr(0, known) != kStart.substr(0, known)) {
      return Refuse("the answer is not HTTP");
    }
    return Outcome::kIncomplete;
  }

  std::string_view rest = seen.substr(0, head_size_ - 2);
  StatusLine line;
  std::string_view wrong = ReadStatusLine(NextLine(rest), line);
  if (!wrong.empty()) return Refuse(wrong);
  const std::string_view field_lines = rest;
  Deciding deciding;
  Headers::Field field;
  for (size_t count = 0; !rest.empty(); ++count) {
    wrong = ReadField(NextLine(rest), field);
    if (!wrong.empty()) return Refuse(wrong);
    if (count == kMaxFields) return Refuse("it has too many header fields");
    Note(field, deciding);
  }
  wrong = DecideFraming(line, deciding, to_head, head, framing);
  if (!wrong.empty()) return Refuse(wrong);
  head.status = line.status;
  head.reason = line.reason;
  head.headers.Clear();
  for (rest = field_lines; !rest.empty();) {
    ReadField(NextLine(rest), field);
    if (IsEndToEnd(field, deciding)) head.headers.Add(field.name, field.value);
  }
  return Outcome::kComplete;
}

}  // namespace caravel::net
