#include "runtime/ops/byte_decoder.h"

#include <cstdint>
#include <optional>

#include "runtime/ops/encoding_indexes.h"

namespace caravel::runtime {
namespace {

constexpr char16_t kReplacement = u'\uFFFD';

// Section 9.1.1.
class SingleByteDecoder final : public ByteDecoder {
 public:
  explicit SingleByteDecoder(const SingleByteIndex& index) : index_(index) {}

  bool Decode(std::string_view bytes, bool, std::u16string& out) override {
    const size_t before = out.size();
    out.resize(before + bytes.size());
    bool good = true;
    for (size_t i = 0; i < bytes.size(); ++i) {
      const auto byte = static_cast<uint8_t>(bytes[i]);
      const char16_t point = byte < 0x80 ? byte : index_.points[byte - 0x80];
      good = good && point != kReplacement;
      out[before + i] = point;
    }
    return good;
  }

 private:
  const SingleByteIndex& index_;
};

// Section 14.5.1: bytes above ASCII stand in the private use area.
class UserDefinedDecoder final : public ByteDecoder {
 public:
  bool Decode(std::string_view bytes, bool, std::u16string& out) override {
    for (const char c : bytes) {
      const auto byte = static_cast<uint8_t>(c);
      out += static_cast<char16_t>(byte < 0x80 ? byte : 0xF700 + byte);
    }
    return true;
  }
};

// Section 14.2.1 (shared UTF-16 decoder).
class Utf16Decoder final : public ByteDecoder {
 public:
  explicit Utf16Decoder(bool big_endian) : big_endian_(big_endian) {}

  bool Decode(std::string_view bytes, bool end, std::u16string& out) override {
    out.reserve(out.size() + bytes.size() / 2 + 2);
    bool good = true;
    for (const char c : bytes) {
      const auto byte = static_cast<uint8_t>(c);
      if (!first_byte_) {
        first_byte_ = byte;
        continue;
      }
      const uint8_t first = *first_byte_;
      first_byte_.reset();
      good &=
          TakeUnit(big_endian_ ? Unit(first, byte) : Unit(byte, first), out);
    }
    if (end && (first_byte_ || high_surrogate_)) {
      first_byte_.reset();
      high_surrogate_.reset();
      out += kReplacement;
      good = false;
    }
    return good;
  }

 private:
  static char16_t Unit(uint8_t high, uint8_t low) {
    return static_cast<char16_t>((high << 8) | low);
  }

  bool TakeUnit(char16_t unit, std::u16string& out) {
    const bool is_low = unit >= 0xDC00 && unit <= 0xDFFF;
    bool good = true;
    if (high_surrogate_) {
      const char16_t high = *high_surrogate_;
      high_surrogate_.reset();
      if (is_low) {
        out += high;
        out += unit;
        return true;
      }
      out += kReplacement;
      good = false;
    }
    if (unit >= 0xD800 && unit <= 0xDBFF) {
      high_surrogate_ = unit;
    } else {
      out += is_low ? kReplacement : unit;
      good &= !is_low;
    }
    return good;
  }

  const bool big_endian_;
  std::optional<uint8_t> first_byte_;
  std::optional<char16_t> high_surrogate_;
};

}  // namespace

std::unique_ptr<ByteDecoder> NewByteDecoder(std::string_view encoding) {
  if (encoding == "utf-16le") return std::make_unique<Utf16Decoder>(false);
  if (encoding == "utf-16be") return std::make_unique<Utf16Decoder>(true);
  if (encoding == "x-user-defined") {
    return std::make_unique<UserDefinedDecoder>();
  }
  for (const SingleByteIndex& index : kSingleByteIndexes) {
    if (index.name == encoding) {
      return std::make_unique<SingleByteDecoder>(index);
    }
  }
  return NewMultibyteDecoder(encoding);
}

}  // namespace caravel::runtime
