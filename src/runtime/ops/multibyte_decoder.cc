#include <algorithm>
#include <cstdint>
#include <span>

#include "base/lifetime.h"
#include "runtime/ops/byte_decoder.h"
#include "runtime/ops/encoding_indexes.h"
#include "runtime/ops/utf16.h"

// The Encoding Standard describes each decoder as a machine that takes a byte
// at a time and may put bytes back. Here a decoder is instead asked for the
// character at the front of what there is (Read), and says how many bytes it
// took, which is the same: a byte that would be put back is not taken. What is
// cut short by the end of a piece is kept in front of the next one.
namespace caravel::runtime {
namespace {

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

uint8_t ByteAt(std::string_view bytes, size_t i) {
  return static_cast<uint8_t>(bytes[i]);
}
bool IsWithin(uint8_t byte, uint8_t low, uint8_t high) {
  return byte >= low && byte <= high;
}

template <typename Point>
char32_t FindInIndex(std::span<const Point> index, size_t pointer) {
  return pointer < index.size() ? index[pointer] : 0;
}

// Section 10.2.1; gbk has the same decoder.
struct Gb18030 {
  static Character Read(std::string_view bytes, bool end) {
    const uint8_t first = ByteAt(bytes, 0);
    if (first == 0x80) return Character::Text(1, 0x20AC);
    if (first == 0xFF) return Character::Malformed(1);
    if (bytes.size() < 2) return Character::CutShort(1, end);
    const uint8_t second = ByteAt(bytes, 1);
    if (IsWithin(second, 0x30, 0x39)) return ReadFour(bytes, end);
    char32_t point = 0;
    if (IsWithin(second, 0x40, 0x7E) || IsWithin(second, 0x80, 0xFE)) {
      const int offset = second < 0x7F ? 0x40 : 0x41;
      point =
          FindInIndex(kGb18030Index, (first - 0x81) * 190 + (second - offset));
    }
    return Character::OfPair(point, second);
  }

 private:
  static Character ReadFour(std::string_view bytes, bool end) {
    if (bytes.size() < 3) return Character::CutShort(2, end);
    const uint8_t third = ByteAt(bytes, 2);
    if (!IsWithin(third, 0x81, 0xFE)) return Character::Malformed(1);
    if (bytes.size() < 4) return Character::CutShort(3, end);
    const uint8_t fourth = ByteAt(bytes, 3);
    if (!IsWithin(fourth, 0x30, 0x39)) return Character::Malformed(1);
    const uint32_t pointer =
        (((ByteAt(bytes, 0) - 0x81U) * 10 + (ByteAt(bytes, 1) - 0x30U)) * 126 +
         (third - 0x81U)) *
            10 +
        (fourth - 0x30U);
    const char32_t point = FindInRanges(pointer);
    return point == 0 ? Character::Malformed(4) : Character::Text(4, point);
  }

  // Section 5, "index gb18030 ranges code point".
  static char32_t FindInRanges(uint32_t pointer) {
    constexpr uint32_t kBasicPlaneEnd = 39420;
    constexpr uint32_t kSupplementary = 189000;
    constexpr uint32_t kSupplementaryEnd = 1237576;
    if (pointer >= kSupplementary) {
      return pointer < kSupplementaryEnd ? 0x10000 + pointer - kSupplementary
                                         : 0;
    }
    if (pointer >= kBasicPlaneEnd) return 0;
    const auto after = std::ranges::upper_bound(kGb18030Ranges, pointer, {},
                                                &Gb18030Range::pointer);
    const Gb18030Range& range = *std::prev(after);
    return range.point + (pointer - range.pointer);
  }
};

// Section 11.1.1.
struct Big5 {
  static Character Read(std::string_view bytes, bool end) {
    const uint8_t lead = ByteAt(bytes, 0);
    if (!IsWithin(lead, 0x81, 0xFE)) return Character::Malformed(1);
    if (bytes.size() < 2) return Character::CutShort(1, end);
    const uint8_t trail = ByteAt(bytes, 1);
    char32_t point = 0;
    if (IsWithin(trail, 0x40, 0x7E) || IsWithin(trail, 0xA1, 0xFE)) {
      const int offset = trail < 0x7F ? 0x40 : 0x62;
      const int pointer = (lead - 0x81) * 157 + (trail - offset);
      switch (pointer) {
        case 1133:
          return Character::Text(2, 0x00CA, 0x0304);
        case 1135:
          return Character::Text(2, 0x00CA, 0x030C);
        case 1164:
          return Character::Text(2, 0x00EA, 0x0304);
        case 1166:
          return Character::Text(2, 0x00EA, 0x030C);
        default:
          break;
      }
      point = FindInIndex(kBig5Index, pointer);
    }
    return Character::OfPair(point, trail);
  }
};

// Section 12.1.1.
struct EucJp {
  static Character Read(std::string_view bytes, bool end) {
    const uint8_t lead = ByteAt(bytes, 0);
    if (lead != 0x8E && lead != 0x8F && !IsWithin(lead, 0xA1, 0xFE)) {
      return Character::Malformed(1);
    }
    if (bytes.size() < 2) return Character::CutShort(1, end);
    const uint8_t second = ByteAt(bytes, 1);
    if (lead == 0x8E && IsWithin(second, 0xA1, 0xDF)) {
      return Character::Text(2, 0xFF61 - 0xA1 + second);
    }
    if (lead == 0x8F && IsWithin(second, 0xA1, 0xFE)) {
      if (bytes.size() < 3) return Character::CutShort(2, end);
      const uint8_t third = ByteAt(bytes, 2);
      const char32_t point = FindPair(kJis0212Index, second, third);
      if (point != 0) return Character::Text(3, point);
      return Character::Malformed(third < 0x80 ? 2 : 3);
    }
    return Character::OfPair(FindPair(kJis0208Index, lead, second), second);
  }

 private:
  static char32_t FindPair(std::span<const char16_t> index, uint8_t lead,
                           uint8_t trail) {
    if (!IsWithin(lead, 0xA1, 0xFE) || !IsWithin(trail, 0xA1, 0xFE)) return 0;
    return FindInIndex(index, (lead - 0xA1) * 94 + (trail - 0xA1));
  }
};

// Section 12.3.1.
struct ShiftJis {
  static Character Read(std::string_view bytes, bool end) {
    const uint8_t lead = ByteAt(bytes, 0);
    if (lead == 0x80) return Character::Text(1, 0x80);
    if (IsWithin(lead, 0xA1, 0xDF))
      return Character::Text(1, 0xFF61 - 0xA1 + lead);
    if (!IsWithin(lead, 0x81, 0x9F) && !IsWithin(lead, 0xE0, 0xFC))
      return Character::Malformed(1);
    if (bytes.size() < 2) return Character::CutShort(1, end);
    const uint8_t trail = ByteAt(bytes, 1);
    char32_t point = 0;
    if (IsWithin(trail, 0x40, 0x7E) || IsWithin(trail, 0x80, 0xFC)) {
      const int offset = trail < 0x7F ? 0x40 : 0x41;
      const int lead_offset = lead < 0xA0 ? 0x81 : 0xC1;
      const int pointer = (lead - lead_offset) * 188 + (trail - offset);
      const bool user_defined = pointer >= 8836 && pointer <= 10715;
      point = user_defined ? static_cast<char32_t>(0xE000 - 8836 + pointer)
                           : FindInIndex(kJis0208Index, pointer);
    }
    return Character::OfPair(point, trail);
  }
};

// Section 13.1.1.
struct EucKr {
  static Character Read(std::string_view bytes, bool end) {
    const uint8_t lead = ByteAt(bytes, 0);
    if (!IsWithin(lead, 0x81, 0xFE)) return Character::Malformed(1);
    if (bytes.size() < 2) return Character::CutShort(1, end);
    const uint8_t trail = ByteAt(bytes, 1);
    char32_t point = 0;
    if (IsWithin(trail, 0x41, 0xFE)) {
      point = FindInIndex(kEucKrIndex, (lead - 0x81) * 190 + (trail - 0x41));
    }
    return Character::OfPair(point, trail);
  }
};

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

// Encodings without state between characters, in which ASCII stands for itself.
template <typename Encoding>
class StatelessDecoder final : public ByteDecoder {
 public:
  bool Decode(std::string_view piece, bool end, std::u16string& out) override {
    const JoinedPiece joined(kept_, piece);
    std::string_view bytes = joined.bytes();
    DecodedText text(out, bytes.size());
    bool good = true;
    while (!bytes.empty()) {
      const uint8_t first = ByteAt(bytes, 0);
      if (first < 0x80) {
        text.Add(first);
        bytes.remove_prefix(1);
        continue;
      }
      const Character character = Encoding::Read(bytes, end);
      if (character.kind == Character::kIncomplete) {
        kept_ = bytes;
        break;
      }
      good &= character.kind != Character::kMalformed;
      text.Add(character);
      bytes.remove_prefix(character.taken);
    }
    return good;
  }

 private:
  std::string kept_;
};

// Section 12.2.1: escape sequences choose what the bytes stand for.
class Iso2022JpDecoder final : public ByteDecoder {
 public:
  bool Decode(std::string_view piece, bool end, std::u16string& out) override {
    const JoinedPiece joined(kept_, piece);
    std::string_view bytes = joined.bytes();
    DecodedText text(out, bytes.size());
    bool good = true;
    while (!bytes.empty()) {
      const Character character = Read(bytes, end);
      if (character.kind == Character::kIncomplete) {
        kept_ = bytes;
        break;
      }
      good &= character.kind != Character::kMalformed;
      text.Add(character);
      bytes.remove_prefix(character.taken);
    }
    if (end) {
      state_ = State::kAscii;
      after_escape_ = false;
    }
    return good;
  }

 private:
  enum class State : uint8_t { kAscii, kRoman, kKatakana, kPairs };
  static constexpr uint8_t kEscape = 0x1B;

  Character Read(std::string_view bytes, bool end) {
    const uint8_t byte = ByteAt(bytes, 0);
    if (byte == kEscape) return ReadEscape(bytes, end);
    if (state_ == State::kPairs) return ReadPair(bytes, end);
    after_escape_ = false;
    if (state_ == State::kKatakana) {
      return IsWithin(byte, 0x21, 0x5F)
                 ? Character::Text(1, 0xFF61 - 0x21 + byte)
                 : Character::Malformed(1);
    }
    if (state_ == State::kRoman && byte == 0x5C)
      return Character::Text(1, 0x00A5);
    if (state_ == State::kRoman && byte == 0x7E)
      return Character::Text(1, 0x203E);
    const bool allowed = byte < 0x80 && byte != 0x0E && byte != 0x0F;
    return allowed ? Character::Text(1, byte) : Character::Malformed(1);
  }

  // Two escapes with nothing between them are an error, else text could be
  // hidden from a filter.
  Character ReadEscape(std::string_view bytes, bool end) {
    const std::string_view sequence = bytes.substr(1, 2);
    State chosen = State::kAscii;
    if (sequence == "(B") {
      chosen = State::kAscii;
    } else if (sequence == "(J") {
      chosen = State::kRoman;
    } else if (sequence == "(I") {
      chosen = State::kKatakana;
    } else if (sequence == "$@" || sequence == "$B") {
      chosen = State::kPairs;
    } else {
      const bool may_go_on =
          sequence.empty() || sequence == "(" || sequence == "$";
      if (may_go_on && !end) return {Character::kIncomplete};
      after_escape_ = false;
      return Character::Malformed(1);
    }
    state_ = chosen;
    if (after_escape_) return Character::Malformed(3);
    after_escape_ = true;
    return {Character::kNothing, 3};
  }

  Character ReadPair(std::string_view bytes, bool end) {
    after_escape_ = false;
    const uint8_t lead = ByteAt(bytes, 0);
    if (!IsWithin(lead, 0x21, 0x7E)) return Character::Malformed(1);
    if (bytes.size() < 2) return Character::CutShort(1, end);
    const uint8_t trail = ByteAt(bytes, 1);
    if (trail == kEscape) return Character::Malformed(1);
    if (!IsWithin(trail, 0x21, 0x7E)) return Character::Malformed(2);
    const char32_t point =
        FindInIndex(kJis0208Index, (lead - 0x21) * 94 + (trail - 0x21));
    return point == 0 ? Character::Malformed(2) : Character::Text(2, point);
  }

  State state_ = State::kAscii;
  bool after_escape_ = false;  // and no character since
  std::string kept_;
};

}  // namespace

std::unique_ptr<ByteDecoder> NewMultibyteDecoder(std::string_view encoding) {
  if (encoding == "gb18030" || encoding == "gbk") {
    return std::make_unique<StatelessDecoder<Gb18030>>();
  }
  if (encoding == "big5") return std::make_unique<StatelessDecoder<Big5>>();
  if (encoding == "euc-jp") return std::make_unique<StatelessDecoder<EucJp>>();
  if (encoding == "shift_jis") {
    return std::make_unique<StatelessDecoder<ShiftJis>>();
  }
  if (encoding == "euc-kr") return std::make_unique<StatelessDecoder<EucKr>>();
  if (encoding == "iso-2022-jp") return std::make_unique<Iso2022JpDecoder>();
  return nullptr;
}

}  // namespace caravel::runtime
