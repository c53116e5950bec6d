#include "base/codec.h"

#include <bit>

namespace caravel::base {

void Encoder::PutUnsigned(uint64_t value) {
  while (value >= 0x80) {
    bytes_.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  bytes_.push_back(static_cast<char>(value));
}

void Encoder::PutDouble(double value) {
  auto bits = std::bit_cast<uint64_t>(value);
  for (int i = 0; i < 8; ++i, bits >>= 8) {
    bytes_.push_back(static_cast<char>(bits));
  }
}

void Encoder::PutCompound(const std::string& value) {
  PutUnsigned(value.size());
  bytes_ += value;
}

Error Decoder::Truncated() {
  return Error(ErrorCode::kInvalid, "the bytes end within a value");
}

Status Decoder::CheckFits(bool fits) {
  if (fits) return {};
  return Error(ErrorCode::kInvalid, "a number does not fit its field");
}

Status Decoder::GetUnsigned(uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) return Truncated();
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    if (shift == 63 && byte > 1) break;
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return {};
  }
  return Error(ErrorCode::kInvalid, "a number is longer than 64 bits");
}

Status Decoder::GetDouble(double& value) {
  if (rest_.size() < 8) return Truncated();
  uint64_t bits = 0;
  for (int i = 7; i >= 0; --i) {
    bits =
        bits << 8 | static_cast<unsigned char>(rest_[static_cast<size_t>(i)]);
  }
  rest_.remove_prefix(8);
  value = std::bit_cast<double>(bits);
  return {};
}

Status Decoder::GetBool(bool& value) {
  if (rest_.empty()) return Truncated();
  const char byte = rest_.front();
  rest_.remove_prefix(1);
  if (byte != 0 && byte != 1) {
    return Error(ErrorCode::kInvalid, "a flag is neither 0 nor 1");
  }
  value = byte == 1;
  return {};
}

Status Decoder::GetCount(size_t& count) {
  uint64_t wide = 0;
  CARAVEL_TRY(GetUnsigned(wide));
  if (wide > rest_.size()) return Truncated();
  count = static_cast<size_t>(wide);
  return {};
}

Status Decoder::GetCompound(std::string& value) {
  size_t size = 0;
  CARAVEL_TRY(GetCount(size));
  value.assign(rest_.substr(0, size));
  rest_.remove_prefix(size);
  return {};
}

}  // namespace caravel::base
