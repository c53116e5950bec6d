#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace caravel::net {

// Decodes a body in chunks (RFC 9112, section 7.1) as it arrives. Extensions
// and trailer fields are checked and dropped; both are limited, so that framing
// cannot outweigh what it frames.
class ChunkedDecoder {
 public:
  enum class Outcome : unsigned char { kMore, kDone, kRefused };

  struct Step {
    Outcome outcome = Outcome::kMore;
    size_t consumed = 0;    // bytes of the input that are dealt with
    std::string_view body;  // in the input; valid until that changes
  };

  // Decodes as far as `data` goes, taking at most `limit` bytes of body. The
  // bodies of several chunks are moved together within `data`, over framing
  // that has been read: many small chunks come out as one piece. The next call
  // gets what is behind `consumed`, with more behind it.
  //
  // kDone: the body is over, what is behind `consumed` belongs to the next
  // request. kRefused: what() says why; the decoder must not be used again.
  Step Decode(char* data, size_t size, uint64_t limit);

  std::string_view what() const { return what_; }

  // Ready for another body.
  void Reset() { *this = ChunkedDecoder(); }

 private:
  enum class State : unsigned char {
    kSizeStart,     // before the first digit of a chunk's size
    kSize,          // within the digits
    kBlank,         // white space behind the size: an extension must follow
    kExtension,     // behind a semicolon
    kSizeEnd,       // before the LF of the size line
    kBody,          // within the bytes of a chunk
    kBodyEnd,       // before the CR behind them
    kBodyEndLine,   // before the LF behind them
    kTrailerStart,  // at the beginning of a trailer field or the empty line
    kTrailerName,
    kTrailerValue,
    kTrailerEnd,  // before the LF of a trailer field
    kEnd,         // before the last LF
    kDone,
    kRefused,
  };
  // Takes one byte of framing.
  void Take(char c);
  void TakeSizeLine(char c);
  void TakeTrailer(char c);
  void Refuse(std::string_view what);

  State state_ = State::kSizeStart;
  uint64_t chunk_ = 0;     // what is left of the chunk
  uint32_t overhead_ = 0;  // bytes of extensions and trailers so far
  std::string_view what_;
};

}  // namespace caravel::net
