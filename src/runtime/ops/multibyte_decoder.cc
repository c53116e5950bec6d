#include <algorithm>
#include <cstdint>
#include <span>

#include "runtime/ops/byte_decoder.h"
#include "runtime/ops/encoding_indexes.h"
#include "runtime/ops/iso2022_jp_decoder.h"
#include "runtime/ops/multibyte_text.h"

namespace caravel::runtime {
namespace {

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
  if (encoding == "iso-2022-jp") return NewIso2022JpDecoder();
  return nullptr;
}

}  // namespace caravel::runtime
