#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/lifetime.h"
#include "base/result.h"

// Values that go into and come out of a database, alike for every engine.
namespace caravel::storage {

// Bytes, as against text, which is UTF-8 without NUL.
struct Bytes {
  std::string data;
  bool operator==(const Bytes&) const = default;
};

// NULL, an integer, a real number, text or bytes.
class SqlValue {
 public:
  SqlValue() = default;
  // NOLINTBEGIN(google-explicit-constructor): parameters of a statement are
  // written as they are.
  SqlValue(std::nullopt_t) {}
  SqlValue(bool flag) : value_(static_cast<int64_t>(flag)) {}
  SqlValue(int number) : value_(static_cast<int64_t>(number)) {}
  SqlValue(uint32_t number) : value_(static_cast<int64_t>(number)) {}
  SqlValue(int64_t number) : value_(number) {}
  // Requires: `number` is below 2^63.
  SqlValue(uint64_t number);
  SqlValue(double number) : value_(number) {}
  SqlValue(const char* text) : value_(std::string(text)) {}
  SqlValue(std::string_view text) : value_(std::string(text)) {}
  SqlValue(std::string text) : value_(std::move(text)) {}
  SqlValue(Bytes bytes) : value_(std::move(bytes)) {}
  template <typename T>
  SqlValue(const std::optional<T>& value)
      : SqlValue(value ? SqlValue(*value) : SqlValue()) {}
  // NOLINTEND(google-explicit-constructor)

  using Storage =
      std::variant<std::monostate, int64_t, double, std::string, Bytes>;
  const Storage& storage() const CARAVEL_LIFETIME_BOUND { return value_; }

  bool operator==(const SqlValue&) const = default;

 private:
  Storage value_;
};

// "NULL", "an integer", "a number", "text", "bytes": for error texts.
std::string_view TypeName(const SqlValue& value);

bool IsUtf8(std::string_view text);

// kInvalid for text that not every engine stores: with NUL, or not UTF-8.
Status CheckStorable(const SqlValue& value);

// One row of an answer. Columns count from 0, as the statement lists them.
// Asking for a column that is not there, or as another type than it has, is a
// bug of the caller and ends the process with both named.
class SqlRow {
 public:
  explicit SqlRow(std::vector<SqlValue> values) : values_(std::move(values)) {}

  size_t size() const { return values_.size(); }
  bool IsNull(size_t column) const;
  int64_t Integer(size_t column) const;
  uint64_t Unsigned(size_t column) const;  // requires it to be ≥ 0
  bool Flag(size_t column) const;          // an integer, false for 0
  double Real(size_t column) const;        // an integer too
  const std::string& Text(size_t column) const CARAVEL_LIFETIME_BOUND;
  const std::string& Blob(size_t column) const CARAVEL_LIFETIME_BOUND;
  std::optional<std::string> OptionalText(size_t column) const;

 private:
  const SqlValue& At(size_t column) const CARAVEL_LIFETIME_BOUND;
  std::vector<SqlValue> values_;
};

// What a statement gave: the rows that it returned, and how many it changed.
struct SqlAnswer {
  std::vector<SqlRow> rows;
  uint64_t changed = 0;
};

}  // namespace caravel::storage
