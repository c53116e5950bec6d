#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"

// The binary form of values that cross a process border or lie on disk. A type
// states its fields once, in order, and gets both directions:
//
//   struct Hello {
//     uint64_t sequence = 0;
//     std::string name;
//     static constexpr auto Fields() {
//       return base::Fields(&Hello::sequence, &Hello::name);
//     }
//   };
//   std::string bytes = base::Encode(hello);
//   Result<Hello> again = base::Decode<Hello>(bytes);
//
// Integers are LEB128 (signed ones zigzag), strings and lists carry their
// length in front, optionals a byte 0 or 1, doubles eight bytes little-endian.
// A field appended at the end is absent in what older code wrote: decoding then
// leaves its default. Decoding is safe on hostile bytes: lengths are checked
// against what is left before anything is allocated, and nesting is finite
// because types are. Fuzzed by tests/fuzz/codec_fuzz.cc.
namespace caravel::base {

template <typename... Members>
struct FieldList {
  std::tuple<Members...> members;
};

template <typename... Members>
constexpr FieldList<Members...> Fields(Members... members) {
  return {std::tuple<Members...>(members...)};
}

template <typename T>
concept HasFields = requires { T::Fields(); };

class Encoder {
 public:
  std::string Take() { return std::move(bytes_); }

  template <typename T>
  void Put(const T& value) {
    if constexpr (HasFields<T>) {
      std::apply([&](auto... member) { (Put(value.*member), ...); },
                 T::Fields().members);
    } else if constexpr (std::is_enum_v<T>) {
      PutUnsigned(static_cast<uint64_t>(value));
    } else if constexpr (std::is_same_v<T, bool>) {
      bytes_.push_back(value ? 1 : 0);
    } else if constexpr (std::is_floating_point_v<T>) {
      PutDouble(static_cast<double>(value));
    } else if constexpr (std::is_signed_v<T>) {
      const auto wide = static_cast<int64_t>(value);
      PutUnsigned((static_cast<uint64_t>(wide) << 1) ^
                  static_cast<uint64_t>(wide >> 63));
    } else if constexpr (std::is_unsigned_v<T>) {
      PutUnsigned(value);
    } else {
      PutCompound(value);
    }
  }

 private:
  void PutUnsigned(uint64_t value);
  void PutDouble(double value);
  void PutCompound(const std::string& value);

  template <typename T>
  void PutCompound(const std::optional<T>& value) {
    Put(value.has_value());
    if (value) Put(*value);
  }
  template <typename T>
  void PutCompound(const std::vector<T>& values) {
    PutUnsigned(values.size());
    for (const T& value : values) Put(value);
  }
  template <typename K, typename V>
  void PutCompound(const std::map<K, V>& values) {
    PutUnsigned(values.size());
    for (const auto& [key, value] : values) {
      Put(key);
      Put(value);
    }
  }
  template <typename A, typename B>
  void PutCompound(const std::pair<A, B>& value) {
    Put(value.first);
    Put(value.second);
  }

  std::string bytes_;
};

class Decoder {
 public:
  // `bytes` outlives the decoder.
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }

  template <typename T>
  Status Get(T& value) {
    if constexpr (HasFields<T>) {
      return GetFields(value);
    } else if constexpr (std::is_enum_v<T>) {
      uint64_t wide = 0;
      CARAVEL_TRY(GetUnsigned(wide));
      if (wide > static_cast<uint64_t>(T::kLast)) {
        return Error(ErrorCode::kInvalid,
                     fmt::format("enumerator {} is unknown", wide));
      }
      value = static_cast<T>(wide);
      return {};
    } else if constexpr (std::is_same_v<T, bool>) {
      return GetBool(value);
    } else if constexpr (std::is_floating_point_v<T>) {
      double wide = 0;
      CARAVEL_TRY(GetDouble(wide));
      value = static_cast<T>(wide);
      return {};
    } else if constexpr (std::is_signed_v<T>) {
      uint64_t wide = 0;
      CARAVEL_TRY(GetUnsigned(wide));
      const auto number = static_cast<int64_t>((wide >> 1) ^ (~(wide & 1) + 1));
      value = static_cast<T>(number);
      return CheckFits(static_cast<int64_t>(value) == number);
    } else if constexpr (std::is_unsigned_v<T>) {
      uint64_t wide = 0;
      CARAVEL_TRY(GetUnsigned(wide));
      value = static_cast<T>(wide);
      return CheckFits(static_cast<uint64_t>(value) == wide);
    } else {
      return GetCompound(value);
    }
  }

 private:
  static Status CheckFits(bool fits);
  Status GetUnsigned(uint64_t& value);
  Status GetDouble(double& value);
  Status GetBool(bool& value);
  // A count of items of at least one byte each, so never above what is left.
  Status GetCount(size_t& count);
  Status GetCompound(std::string& value);

  template <typename T>
  Status GetFields(T& value) {
    return std::apply(
        [&](auto... member) -> Status {
          Status status;
          ((status = at_end() ? Status() : Get(value.*member),
            status.has_value()) &&
           ...);
          return status;
        },
        T::Fields().members);
  }
  template <typename T>
  Status GetCompound(std::optional<T>& value) {
    bool present = false;
    CARAVEL_TRY(GetBool(present));
    value.reset();
    return present ? Get(value.emplace()) : Status();
  }
  template <typename T>
  Status GetCompound(std::vector<T>& values) {
    size_t count = 0;
    CARAVEL_TRY(GetCount(count));
    values.clear();
    for (size_t i = 0; i < count; ++i) {
      if (at_end()) return Truncated();
      CARAVEL_TRY(Get(values.emplace_back()));
    }
    return {};
  }
  template <typename K, typename V>
  Status GetCompound(std::map<K, V>& values) {
    size_t count = 0;
    CARAVEL_TRY(GetCount(count));
    values.clear();
    for (size_t i = 0; i < count; ++i) {
      K key;
      V value;
      CARAVEL_TRY(Get(key));
      CARAVEL_TRY(Get(value));
      values.insert_or_assign(std::move(key), std::move(value));
    }
    return {};
  }
  template <typename A, typename B>
  Status GetCompound(std::pair<A, B>& value) {
    CARAVEL_TRY(Get(value.first));
    return Get(value.second);
  }
  static Error Truncated();

  std::string_view rest_;
};

template <typename T>
std::string Encode(const T& value) {
  Encoder encoder;
  encoder.Put(value);
  return encoder.Take();
}

// Trailing bytes are refused at the top level: newer code may append fields
// only to types that are versioned by their envelope.
template <typename T>
Result<T> Decode(std::string_view bytes) {
  Decoder decoder(bytes);
  T value;
  CARAVEL_TRY(decoder.Get(value));
  if (!decoder.at_end()) {
    return Error(ErrorCode::kInvalid, "bytes are left behind the last field");
  }
  return value;
}

}  // namespace caravel::base
