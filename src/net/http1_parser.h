#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/lifetime.h"
#include "net/headers.h"

namespace caravel::net {

struct Http1Limits {
  uint32_t target_bytes = 16 * 1024;  // above: 414
  uint32_t field_bytes = 16 * 1024;   // one field line; above: 431
  uint32_t head_bytes = 64 * 1024;    // all of it; above: 431
  uint32_t fields = 128;              // above: 431
};

// Why a request cannot be taken: the status to answer with, and what is wrong
// with it. The text lives as long as the program.
struct Http1Refusal {
  uint16_t status = 400;
  std::string_view what;
};

// How far a head that is not whole has been checked.
struct Http1HeadProgress {
  size_t position = 0;  // of the first line that is not whole
  uint32_t fields = 0;  // in front of it
};

// Reads the heads of HTTP/1.x requests (RFC 9112, sections 2, 3 and 5) in the
// strict form: lines end in CRLF, nothing is folded, repaired or guessed. One
// parser serves any number of connections in turn; between two calls for the
// same head only its progress is kept. It allocates nothing after its making.
class Http1HeadParser {
 public:
  explicit Http1HeadParser(const Http1Limits& limits);

  enum class Outcome : unsigned char { kComplete, kIncomplete, kRefused };

  // Looks at `buffer`, which begins where a request may begin. When the head is
  // incomplete, the next call gets the same bytes with more behind them and
  // `progress` as it was left, so that a client that sends byte by byte does
  // not have each line read again for each byte; it is as new after any other
  // outcome.
  Outcome Parse(std::string_view buffer, Http1HeadProgress& progress);

  // After kComplete, until the next Parse(): views into the buffer.
  std::string_view method() const { return method_; }
  std::string_view target() const { return target_; }   // as it came
  int minor_version() const { return minor_version_; }  // HTTP/1.x
  const std::vector<Headers::Field>& fields() const CARAVEL_LIFETIME_BOUND {
    return fields_;  // values without white space at their ends
  }
  size_t head_size() const { return head_size_; }  // the empty line included

  // After kRefused.
  const Http1Refusal& refusal() const CARAVEL_LIFETIME_BOUND {
    return refusal_;
  }

 private:
  Outcome ParseRequestLine(std::string_view buffer, size_t& position);
  Outcome ParseVersion(std::string_view buffer, size_t& position);
  Outcome ParseFields(std::string_view buffer, size_t& position);
  Outcome ParseField(std::string_view line, size_t& size);
  Outcome Refuse(uint16_t status, std::string_view what);

  const Http1Limits limits_;
  std::string_view method_;
  std::string_view target_;
  int minor_version_ = 1;
  std::vector<Headers::Field> fields_;
  uint32_t fields_before_ = 0;  // counted in earlier calls
  size_t head_size_ = 0;
  Http1Refusal refusal_;
};

}  // namespace caravel::net
