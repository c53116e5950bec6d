// Each line is read once from left to right by a table of character classes;
// values, which are most of a head, go eight bytes at a time. A head that comes
// in one piece, as nearly all do, is read once. One that comes in several is
// first checked line by line from where it had broken off, and read again from
// its beginning when it is whole: so no list of fields is kept for each
// connection, and the work stays in proportion to the bytes.
//
// Tests: http1_parser_test.cc, tests/fuzz/http_parser_fuzz.cc.
#include "net/http1_parser.h"

#include <bit>
#include <cstring>
#include <utility>

#include "net/http_syntax.h"

namespace caravel::net {
namespace {

constexpr size_t kLongestMethod = 32;
constexpr size_t kMostEmptyLines = 2;  // in front of a request, RFC 9112, 2.2

// Where the field value that begins at `position` ends: the first byte that
// cannot be in one.
size_t SkipValue(std::string_view text, size_t position) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighs = 0x8080808080808080;
  while (position + 8 <= text.size()) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + position, 8);
    // The lowest bit that is set tells of a byte below 0x20 or equal to 0x7F.
    const uint64_t delete_bytes = word ^ (kOnes * 0x7F);
    const uint64_t found = ((word - kOnes * 0x20) & ~word & kHighs) |
                           ((delete_bytes - kOnes) & ~delete_bytes & kHighs);
    if (found == 0) {
      position += 8;
      continue;
    }
    if constexpr (std::endian::native == std::endian::little) {
      position += static_cast<size_t>(std::countr_zero(found)) / 8;
    }
    break;
  }
  while (position < text.size() && Is(kFieldCharacter, text[position])) {
    ++position;
  }
  return position;
}

// What a byte that ended a value in the wrong way is called.
std::string_view NameWrongByte(char c) {
  switch (c) {
    case '\n':
      return "a line ends in LF without CR";
    case '\r':
      return "a CR stands without LF";
    case '\0':
      return "a NUL byte stands in the head";
    default:
      return "a control character stands in a header field";
  }
}

}  // namespace

using Outcome = Http1HeadParser::Outcome;

Http1HeadParser::Http1HeadParser(const Http1Limits& limits) : limits_(limits) {
  fields_.reserve(limits.fields);
}

Outcome Http1HeadParser::Refuse(uint16_t status, std::string_view what) {
  refusal_ = {status, what};
  return Outcome::kRefused;
}

Outcome Http1HeadParser::Parse(std::string_view buffer,
                               Http1HeadProgress& progress) {
  const Http1HeadProgress before = std::exchange(progress, {});
  const auto parse_all = [&](size_t& position) {
    position = 0;
    fields_.clear();
    fields_before_ = 0;
    const Outcome outcome = ParseRequestLine(buffer, position);
    return outcome == Outcome::kComplete ? ParseFields(buffer, position)
                                         : outcome;
  };
  size_t position = before.position;
  Outcome outcome = Outcome::kComplete;
  if (position > 0) {
    fields_.clear();
    fields_before_ = before.fields;
    outcome = ParseFields(buffer, position);
  }
  if (outcome == Outcome::kComplete) outcome = parse_all(position);

  if (outcome == Outcome::kRefused) return outcome;
  const bool complete = outcome == Outcome::kComplete;
  if ((complete ? position : buffer.size()) > limits_.head_bytes) {
    return Refuse(431, "the head of the request is too large");
  }
  head_size_ = position;
  if (!complete) {
    progress = {position,
                fields_before_ + static_cast<uint32_t>(fields_.size())};
  }
  return outcome;
}

Outcome Http1HeadParser::ParseRequestLine(std::string_view buffer,
                                          size_t& position) {
  size_t i = 0;
  for (size_t lines = 0; i < buffer.size() && buffer[i] == '\r'; ++lines) {
    if (i + 1 == buffer.size()) return Outcome::kIncomplete;
    if (buffer[i + 1] != '\n') return Refuse(400, NameWrongByte('\r'));
    if (lines == kMostEmptyLines) {
      return Refuse(400, "empty lines stand in front of the request");
    }
    i += 2;
  }

  const size_t method = i;
  while (i < buffer.size() && Is(kTokenCharacter, buffer[i])) ++i;
  if (i - method > kLongestMethod) return Refuse(501, "the method is too long");
  if (i == buffer.size()) return Outcome::kIncomplete;
  if (i == method || buffer[i] != ' ') {
    return Refuse(400, "the request does not begin with a method and a space");
  }
  method_ = buffer.substr(method, i - method);

  const size_t target = ++i;
  while (i < buffer.size() && Is(kTargetCharacter, buffer[i])) ++i;
  if (i - target > limits_.target_bytes) {
    return Refuse(414, "the request target is too long");
  }
  if (i == buffer.size()) return Outcome::kIncomplete;
  if (i == target) return Refuse(400, "the request has no target");
  if (buffer[i] == '\r' || buffer[i] == '\n') {
    return Refuse(400, "the request line does not name a version of HTTP");
  }
  if (buffer[i] != ' ') {
    return Refuse(400,
                  "the request target has a character that must be encoded");
  }
  target_ = buffer.substr(target, i - target);
  ++i;

  const Outcome outcome = ParseVersion(buffer, i);
  if (outcome == Outcome::kComplete) position = i;
  return outcome;
}

Outcome Http1HeadParser::ParseVersion(std::string_view buffer,
                                      size_t& position) {
  constexpr std::string_view kForm = "HTTP/d.d\r\n";
  const std::string_view rest = buffer.substr(position);
  for (size_t i = 0; i < kForm.size(); ++i) {
    if (i == rest.size()) return Outcome::kIncomplete;
    const bool fits =
        kForm[i] == 'd' ? Is(kDigit, rest[i]) : rest[i] == kForm[i];
    if (fits) continue;
    if (rest[i] == '\n' || rest[i] == '\0') {
      return Refuse(400, NameWrongByte(rest[i]));
    }
    return Refuse(400, "the request line does not end in a version of HTTP");
  }
  position += kForm.size();
  constexpr size_t kMajor = 5;
  constexpr size_t kMinor = 7;
  if (rest[kMajor] == '2' && method_ == "PRI") {
    return Refuse(505,
                  "HTTP/2 by prior knowledge is not served here: "
                  "use HTTP/1.1");
  }
  if (rest[kMajor] != '1') {
    return Refuse(505, "this version of HTTP is not served: use HTTP/1.1");
  }
  minor_version_ = rest[kMinor] - '0';
  return Outcome::kComplete;
}

Outcome Http1HeadParser::ParseFields(std::string_view buffer,
                                     size_t& position) {
  while (true) {
    const std::string_view rest = buffer.substr(position);
    if (rest.starts_with("\r\n")) {
      position += 2;
      return Outcome::kComplete;
    }
    size_t size = 0;
    const Outcome outcome = ParseField(rest, size);
    if (outcome != Outcome::kComplete) return outcome;
    position += size;
  }
}

// Reads one field line and adds it; `size` becomes that of the line.
Outcome Http1HeadParser::ParseField(std::string_view line, size_t& size) {
  size_t i = 0;
  while (i < line.size() && Is(kTokenCharacter, line[i])) ++i;
  if (i > limits_.field_bytes) {
    return Refuse(431, "the name of a header field is too long");
  }
  if (i == line.size()) return Outcome::kIncomplete;
  const std::string_view name = line.substr(0, i);
  if (line[i] != ':') {
    if (i == 0 && line[i] == '\r' && line.size() == 1) {
      return Outcome::kIncomplete;
    }
    if (line[i] == ' ' || line[i] == '\t') {
      return Refuse(400, i == 0 ? "a header field is folded over two lines"
                                : "white space stands in front of a colon");
    }
    if (i == 0 || line[i] == '\0') return Refuse(400, NameWrongByte(line[i]));
    return Refuse(400,
                  "the name of a header field has a wrong character, or "
                  "no colon follows it");
  }
  if (i == 0) return Refuse(400, "a header field has no name");
  ++i;
  while (i < line.size() && (line[i] == ' ' || line[i] == '\t')) ++i;
  const size_t value = i;
  i = SkipValue(line, i);
  if (i > limits_.field_bytes) {
    return Refuse(431, "a header field is too long");
  }
  if (i == line.size()) return Outcome::kIncomplete;
  if (line[i] != '\r') return Refuse(400, NameWrongByte(line[i]));
  if (i + 1 == line.size()) return Outcome::kIncomplete;
  if (line[i + 1] != '\n') return Refuse(400, NameWrongByte('\r'));
  if (fields_before_ + fields_.size() == limits_.fields) {
    return Refuse(431, "the request has too many header fields");
  }
  size_t end = i;
  while (end > value && (line[end - 1] == ' ' || line[end - 1] == '\t')) --end;
  fields_.push_back({name, line.substr(value, end - value)});
  size = i + 2;
  return Outcome::kComplete;
}

}  // namespace caravel::net
