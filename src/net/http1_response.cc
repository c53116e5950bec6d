// Tests: http1_response_test.cc.
#include "net/http1_response.h"

#include <fmt/chrono.h>

#include <charconv>
#include <iterator>

#include "base/check.h"
#include "net/http_syntax.h"

namespace caravel::net {
namespace {

void AppendNumber(uint64_t number, int base, std::string& out) {
  std::array<char, 20> digits;
  const auto result =
      std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
  out.append(digits.data(), result.ptr);
}

void AppendSixteenDigits(uint64_t number, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 16> digits;
  for (size_t i = digits.size(); i > 0; --i) {
    digits[i - 1] = kDigits[number & 15];
    number >>= 4;
  }
  out.append(digits.data(), digits.size());
}

void WriteStatusLine(const ResponseHead& head, std::string& out) {
  if (head.status == 200 && head.reason.empty()) {
    out.append("HTTP/1.1 200 OK\r\n");
    return;
  }
  out.append("HTTP/1.1 ");
  AppendNumber(head.status, 10, out);
  out.push_back(' ');
  const bool usual = head.reason.empty() || !IsFieldValue(head.reason);
  out.append(usual ? ReasonPhrase(head.status) : head.reason);
  out.append("\r\n");
}

}  // namespace

std::string_view DateLine::At(base::SteadyTime now) {
  if (now < stale_at_) return line_;
  const base::WallTime wall = clock_.Wall();
  const auto second = std::chrono::floor<std::chrono::seconds>(wall);
  line_.clear();
  fmt::format_to(std::back_inserter(line_),
                 "Date: {:%a, %d %b %Y %H:%M:%S} GMT\r\n",
                 fmt::gmtime(std::chrono::system_clock::to_time_t(second)));
  stale_at_ = now + std::chrono::duration_cast<base::SteadyTime::duration>(
                        second + std::chrono::seconds(1) - wall);
  return line_;
}

void WriteResponseHead(const ResponseHead& head,
                       const Http1ResponseFraming& framing,
                       const Http1ResponseFacts& facts, std::string& out) {
  using Body = Http1ResponseFraming::Body;
  using Persistence = Http1ResponseFraming::Persistence;
  WriteStatusLine(head, out);
  bool has_date = false;
  const bool breaks_lines = head.headers.BreaksLines();
  for (size_t i = 0; i < head.headers.size(); ++i) {
    const Headers::Field field = head.headers[i];
    if (breaks_lines && (!IsToken(field.name) || !IsFieldValue(field.value))) {
      continue;
    }
    switch (KindOf(field.name)) {
      case FieldKind::kDate:
        has_date = true;
        break;
      case FieldKind::kConnection:
      case FieldKind::kContentLength:
      case FieldKind::kTransferEncoding:
      case FieldKind::kUpgrade:
      case FieldKind::kHopByHop:
        continue;
      case FieldKind::kOrdinary:
        if (field.name.size() == facts.id_field.size() &&
            EqualsIgnoringCase(field.name, facts.id_field)) {
          continue;
        }
        break;
      case FieldKind::kHost:
      case FieldKind::kExpect:
        break;
    }
    out.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  if (!has_date) out.append(facts.date_line);
  if (!facts.id_field.empty()) {
    out.append(facts.id_field).append(": ");
    AppendSixteenDigits(facts.id, out);
    out.append("-").append(facts.place).append("\r\n");
  }
  if (framing.body == Body::kLength) {
    out.append("Content-Length: ");
    AppendNumber(framing.length, 10, out);
    out.append("\r\n");
  } else if (framing.body == Body::kChunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
  if (framing.body == Body::kUpgraded) {
    out.append("Connection: Upgrade\r\nUpgrade: websocket\r\n");
  } else if (framing.persistence == Persistence::kClose) {
    out.append("Connection: close\r\n");
  } else if (framing.persistence == Persistence::kKeepAlive) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

void WriteChunkSize(uint64_t size, std::string& out) {
  CARAVEL_CHECK(size > 0);
  AppendNumber(size, 16, out);
  out.append("\r\n");
}

}  // namespace caravel::net
