// The head of a response, as a hostile server sends it, in pieces: no crash,
// the same outcome however it is cut, and nothing accepted that could break out
// of its place when it is sent on.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "net/client_parser.h"
#include "net/http1_chunked.h"
#include "net/http_syntax.h"

namespace {

using caravel::net::ChunkedDecoder;
using caravel::net::Headers;
using caravel::net::ResponseFraming;
using caravel::net::ResponseHead;
using caravel::net::ResponseHeadReader;
using Outcome = ResponseHeadReader::Outcome;

void CheckSound(const ResponseHead& head, const ResponseFraming& framing) {
  CARAVEL_CHECK(head.status >= 100 && head.status <= 599, head.status);
  CARAVEL_CHECK(caravel::net::IsFieldValue(head.reason));
  CARAVEL_CHECK(head.headers.IsSound());
  CARAVEL_CHECK(!head.headers.Find("transfer-encoding"));
  CARAVEL_CHECK(!head.headers.Find("content-length"));
  if (framing.kind == ResponseFraming::Kind::kLength) {
    CARAVEL_CHECK(framing.length == static_cast<uint64_t>(head.body_size));
  }
}

void Decode(std::string_view body) {
  std::string bytes(body);
  ChunkedDecoder decoder;
  size_t begin = 0;
  while (begin < bytes.size()) {
    const ChunkedDecoder::Step step =
        decoder.Decode(bytes.data() + begin, bytes.size() - begin, 100);
    if (step.outcome != ChunkedDecoder::Outcome::kMore) return;
    CARAVEL_CHECK(step.consumed > 0);
    begin += step.consumed;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const bool to_head = (data[0] & 1) != 0;
  const size_t step = 1 + data[1];
  const std::string_view text(reinterpret_cast<const char*>(data) + 2,
                              size - 2);

  ResponseHead head;
  ResponseFraming framing;
  ResponseHeadReader whole;
  const Outcome outcome = whole.Read(text, to_head, head, framing);
  if (outcome == Outcome::kComplete) {
    CARAVEL_CHECK(whole.head_size() <= text.size());
    CheckSound(head, framing);
    if (framing.kind == ResponseFraming::Kind::kChunked) {
      Decode(text.substr(whole.head_size()));
    }
  }

  ResponseHead head_in_pieces;
  ResponseHeadReader pieces;
  Outcome last = Outcome::kIncomplete;
  for (size_t seen = 0; last == Outcome::kIncomplete && seen < text.size();) {
    seen = std::min(text.size(), seen + step);
    last = pieces.Read(text.substr(0, seen), to_head, head_in_pieces, framing);
  }
  if (text.empty()) return 0;
  CARAVEL_CHECK(last == outcome, int(last), int(outcome));
  if (last == Outcome::kComplete) {
    CARAVEL_CHECK(pieces.head_size() == whole.head_size());
    CARAVEL_CHECK(head.status == head_in_pieces.status);
    CARAVEL_CHECK(head.headers.size() == head_in_pieces.headers.size());
  }
  return 0;
}
