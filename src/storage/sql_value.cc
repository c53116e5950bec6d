#include "storage/sql_value.h"

#include <array>
#include <limits>
#include <type_traits>

namespace caravel::storage {
namespace {

// How many continuation bytes follow `lead`, and the range of the first of them
// (The Unicode Standard, table 3-7); `more` is -1 for a byte that leads
// nothing.
struct Utf8Lead {
  int more;
  unsigned char lowest;
  unsigned char highest;
};

Utf8Lead ReadLead(unsigned char lead) {
  if (lead < 0x80) return {0, 0, 0};
  if (lead >= 0xC2 && lead <= 0xDF) return {1, 0x80, 0xBF};
  if (lead == 0xE0) return {2, 0xA0, 0xBF};
  if (lead == 0xED) return {2, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF) return {2, 0x80, 0xBF};
  if (lead == 0xF0) return {3, 0x90, 0xBF};
  if (lead >= 0xF1 && lead <= 0xF3) return {3, 0x80, 0xBF};
  if (lead == 0xF4) return {3, 0x80, 0x8F};
  return {-1, 0, 0};
}

}  // namespace

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const auto lead = ReadLead(static_cast<unsigned char>(text.front()));
    text.remove_prefix(1);
    for (int i = 0; i < lead.more; ++i) {
      if (text.empty()) return false;
      const auto next = static_cast<unsigned char>(text.front());
      const unsigned char lowest = i == 0 ? lead.lowest : 0x80;
      const unsigned char highest = i == 0 ? lead.highest : 0xBF;
      if (next < lowest || next > highest) return false;
      text.remove_prefix(1);
    }
    if (lead.more < 0) return false;
  }
  return true;
}

namespace {

template <typename T>
const T& GetAs(const SqlValue& value, size_t column) {
  const T* typed = std::get_if<T>(&value.storage());
  CARAVEL_CHECK(typed != nullptr, column, TypeName(value));
  return *typed;
}

}  // namespace

SqlValue::SqlValue(uint64_t number) : value_(static_cast<int64_t>(number)) {
  CARAVEL_CHECK(number <= std::numeric_limits<int64_t>::max(), number);
}

std::string_view TypeName(const SqlValue& value) {
  constexpr std::array<std::string_view, 5> kNames = {
      "NULL", "an integer", "a number", "text", "bytes"};
  return kNames[value.storage().index()];
}

Status CheckStorable(const SqlValue& value) {
  const auto* text = std::get_if<std::string>(&value.storage());
  if (text == nullptr) return {};
  if (text->find('\0') != std::string::npos) {
    return Error(ErrorCode::kInvalid,
                 "text with a NUL character cannot be stored");
  }
  if (!IsUtf8(*text)) {
    return Error(ErrorCode::kInvalid,
                 "text that is not UTF-8 cannot be stored");
  }
  return {};
}

const SqlValue& SqlRow::At(size_t column) const {
  CARAVEL_CHECK(column < values_.size(), column, values_.size());
  return values_[column];
}

bool SqlRow::IsNull(size_t column) const {
  return std::holds_alternative<std::monostate>(At(column).storage());
}

int64_t SqlRow::Integer(size_t column) const {
  return GetAs<int64_t>(At(column), column);
}

uint64_t SqlRow::Unsigned(size_t column) const {
  const int64_t number = Integer(column);
  CARAVEL_CHECK(number >= 0, column, number);
  return static_cast<uint64_t>(number);
}

bool SqlRow::Flag(size_t column) const { return Integer(column) != 0; }

double SqlRow::Real(size_t column) const {
  const SqlValue& value = At(column);
  if (const auto* number = std::get_if<int64_t>(&value.storage())) {
    return static_cast<double>(*number);
  }
  return GetAs<double>(value, column);
}

const std::string& SqlRow::Text(size_t column) const {
  return GetAs<std::string>(At(column), column);
}

const std::string& SqlRow::Blob(size_t column) const {
  return GetAs<Bytes>(At(column), column).data;
}

std::optional<std::string> SqlRow::OptionalText(size_t column) const {
  if (IsNull(column)) return std::nullopt;
  return Text(column);
}

}  // namespace caravel::storage
