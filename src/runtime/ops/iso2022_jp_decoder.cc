#include "runtime/ops/iso2022_jp_decoder.h"

#include <cstdint>
#include <string>

#include "runtime/ops/encoding_indexes.h"
#include "runtime/ops/multibyte_text.h"

namespace caravel::runtime {
namespace {

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

std::unique_ptr<ByteDecoder> NewIso2022JpDecoder() {
  return std::make_unique<Iso2022JpDecoder>();
}

}  // namespace caravel::runtime
