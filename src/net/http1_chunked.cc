// A state machine over the bytes of framing; the bytes of a chunk are taken at
// once. Tests: http1_chunked_test.cc, tests/fuzz/http_parser_fuzz.cc.
#include "net/http1_chunked.h"

#include <algorithm>
#include <cstring>

#include "net/http_syntax.h"

namespace caravel::net {
namespace {

// Extensions and trailers of one body. Nothing that we know of sends any.
constexpr uint32_t kMostOverhead = 8 * 1024;
constexpr uint64_t kLargestChunk = uint64_t{1} << 60;

unsigned HexValue(char c) {
  if (c <= '9') return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>((c | 0x20) - 'a' + 10);
}

}  // namespace

void ChunkedDecoder::Refuse(std::string_view what) {
  state_ = State::kRefused;
  what_ = what;
}

ChunkedDecoder::Step ChunkedDecoder::Decode(char* data, size_t size,
                                            uint64_t limit) {
  char* body = nullptr;
  size_t body_size = 0;
  size_t i = 0;
  while (i < size && state_ != State::kDone && state_ != State::kRefused) {
    if (state_ != State::kBody) {
      Take(data[i]);
      ++i;
      continue;
    }
    const size_t piece = static_cast<size_t>(
        std::min({chunk_, uint64_t{size - i}, limit - body_size}));
    if (piece == 0) break;
    if (body == nullptr) {
      body = data + i;
    } else {
      std::memmove(body + body_size, data + i, piece);
    }
    body_size += piece;
    i += piece;
    chunk_ -= piece;
    if (chunk_ == 0) state_ = State::kBodyEnd;
  }
  const Outcome outcome = state_ == State::kDone      ? Outcome::kDone
                          : state_ == State::kRefused ? Outcome::kRefused
                                                      : Outcome::kMore;
  return {outcome, i, std::string_view(body, body_size)};
}

void ChunkedDecoder::Take(char c) {
  switch (state_) {
    case State::kBodyEnd:
      if (c != '\r') return Refuse("a chunk is longer than its size");
      state_ = State::kBodyEndLine;
      return;
    case State::kBodyEndLine:
      if (c != '\n') return Refuse("a chunk does not end in CRLF");
      state_ = State::kSizeStart;
      return;
    case State::kTrailerStart:
    case State::kTrailerName:
    case State::kTrailerValue:
    case State::kTrailerEnd:
    case State::kEnd:
      return TakeTrailer(c);
    default:
      return TakeSizeLine(c);
  }
}

void ChunkedDecoder::TakeSizeLine(char c) {
  switch (state_) {
    case State::kSizeStart:
      if (!Is(kHexDigit, c)) return Refuse("a chunk has no size");
      chunk_ = HexValue(c);
      state_ = State::kSize;
      return;
    case State::kSize:
      if (Is(kHexDigit, c)) {
        if (chunk_ >= kLargestChunk >> 4) {
          return Refuse("the size of a chunk is too large");
        }
        chunk_ = chunk_ << 4 | HexValue(c);
        return;
      }
      [[fallthrough]];
    case State::kBlank:
      if (c == ' ' || c == '\t') {
        state_ = State::kBlank;
      } else if (c == ';') {
        state_ = State::kExtension;
      } else if (c == '\r' && state_ == State::kSize) {
        state_ = State::kSizeEnd;
        return;
      } else {
        return Refuse("the size of a chunk has a wrong character");
      }
      break;
    case State::kExtension:
      if (c == '\r') {
        state_ = State::kSizeEnd;
        return;
      }
      if (!Is(kFieldCharacter, c)) {
        return Refuse("a chunk extension has a wrong character");
      }
      break;
    default:  // kSizeEnd
      if (c != '\n') return Refuse("the size of a chunk does not end in CRLF");
      state_ = chunk_ == 0 ? State::kTrailerStart : State::kBody;
      return;
  }
  if (++overhead_ > kMostOverhead) Refuse("the chunk extensions are too long");
}

void ChunkedDecoder::TakeTrailer(char c) {
  switch (state_) {
    case State::kTrailerStart:
      if (c == '\r') {
        state_ = State::kEnd;
        return;
      }
      if (!Is(kTokenCharacter, c)) return Refuse("a trailer field has no name");
      state_ = State::kTrailerName;
      break;
    case State::kTrailerName:
      if (c == ':') {
        state_ = State::kTrailerValue;
      } else if (!Is(kTokenCharacter, c)) {
        return Refuse("the name of a trailer field has a wrong character");
      }
      break;
    case State::kTrailerValue:
      if (c == '\r') {
        state_ = State::kTrailerEnd;
      } else if (!Is(kFieldCharacter, c)) {
        return Refuse("a trailer field has a wrong character");
      }
      break;
    case State::kTrailerEnd:
      if (c != '\n') return Refuse("a trailer field does not end in CRLF");
      state_ = State::kTrailerStart;
      return;
    default:  // kEnd
      if (c != '\n') return Refuse("the body does not end in CRLF");
      state_ = State::kDone;
      return;
  }
  if (++overhead_ > kMostOverhead) Refuse("the trailer fields are too long");
}

}  // namespace caravel::net
