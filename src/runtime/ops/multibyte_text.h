#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/lifetime.h"
#include "runtime/ops/utf16.h"

// The Encoding Standard describes each decoder as a machine that takes a byte
// at a time and may put bytes back. Here a decoder is instead asked for the
// character at the front of what there is (Read), and says how many bytes it
// took, which is the same: a byte that would be put back is not taken. What is
// cut short by the end of a piece is kept in front of the next one.
namespace caravel::runtime {

// What stands at the front.
struct Character {
  enum Kind : uint8_t {
    kText,     // `point`, and `mark` behind it where it is not 0
    kNothing,  // an escape sequence
    kMalformed,
    kIncomplete,  // no byte is taken; never at the end of the stream
  };
  Kind kind;
  uint8_t taken = 0;
  char32_t point = 0;
  char32_t mark = 0;

  static Character Text(uint8_t taken, char32_t point, char32_t mark = 0) {
    return {kText, taken, point, mark};
  }
  static Character Malformed(uint8_t taken) { return {kMalformed, taken}; }
  // A sequence that the piece cuts short: at the end of the stream one error
  // that takes all of it.
  static Character CutShort(uint8_t present, bool end) {
    return end ? Malformed(present) : Character{kIncomplete};
  }
  // The end of the two-byte decoders: a trail byte that is ASCII is put back.
  static Character OfPair(char32_t point, uint8_t trail) {
    if (point != 0) return Text(2, point);
    return Malformed(trail < 0x80 ? 1 : 2);
  }
};

inline uint8_t ByteAt(std::string_view bytes, size_t i) {
  return static_cast<uint8_t>(bytes[i]);
}
inline bool IsWithin(uint8_t byte, uint8_t low, uint8_t high) {
  return byte >= low && byte <= high;
}

template <typename Point>
char32_t FindInIndex(std::span<const Point> index, size_t pointer) {
  return pointer < index.size() ? index[pointer] : 0;
}

// Text that grows at the end of a string, which has room for it all beforehand:
// a character never comes to more code units than it has bytes.
class DecodedText {
 public:
  DecodedText(std::u16string& out, size_t bytes) : out_(out), end_(out.size()) {
    out_.resize(end_ + bytes);
  }
  ~DecodedText() { out_.resize(end_); }
  DecodedText(const DecodedText&) = delete;
  DecodedText& operator=(const DecodedText&) = delete;

  void Add(char16_t unit) { out_[end_++] = unit; }
  void Add(const Character& character) {
    switch (character.kind) {
      case Character::kText:
        AddPoint(character.point);
        if (character.mark != 0) AddPoint(character.mark);
        break;
      case Character::kMalformed:
        Add(u'\uFFFD');
        break;
      case Character::kNothing:
      case Character::kIncomplete:
        break;
    }
  }

 private:
  void AddPoint(char32_t point) {
    if (point < 0x10000) {
      Add(static_cast<char16_t>(point));
    } else {
      Add(HighSurrogate(point));
      Add(LowSurrogate(point));
    }
  }

  std::u16string& out_;
  size_t end_;
};

// The next piece with what was kept of the last in front.
class JoinedPiece {
 public:
  JoinedPiece(std::string& kept, std::string_view piece) : bytes_(piece) {
    if (kept.empty()) return;
    joined_ = std::move(kept);
    kept.clear();
    joined_ += piece;
    bytes_ = joined_;
  }
  JoinedPiece(const JoinedPiece&) = delete;
  JoinedPiece& operator=(const JoinedPiece&) = delete;

  std::string_view bytes() const CARAVEL_LIFETIME_BOUND { return bytes_; }

 private:
  std::string joined_;
  std::string_view bytes_;
};

}  // namespace caravel::runtime
