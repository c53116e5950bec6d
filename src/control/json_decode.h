#pragma once

#include <boost/json/value.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/described_enum.h"
#include "control/json_parse.h"
#include "control/rules.h"
#include "control/where.h"

// From JSON to described structs. Errors name the field and what is wrong with
// it: "rules[2].pattern: must be a string, is a number".
//
// A target is a bool, an integer, a double, a string, an enum or a struct that
// Boost.Describe knows, an optional, a list or a map by strings of targets, or
// boost::json::value for anything. null stands for an absent optional. Of two
// equal keys the last counts. A list has at most 10,000 items.
namespace caravel::api {

// What becomes of keys that a struct does not know: refused, with the nearest
// known name, where a person writes them; ignored where a program sends more
// than we know.
enum class UnknownKeys : unsigned char { kRefuse, kIgnore };

// The untyped half of decoding; json_decode.cc.
class DecodeSupport {
 public:
  using Value = boost::json::value;

  static constexpr size_t kMostItems = 10'000;

  static Error MustBe(std::string_view kind, const Value& value,
                      const Where& where);
  static Status GetInteger(const Value& value, int64_t least, int64_t most,
                           const Where& where, int64_t& out);
  static Status GetDouble(const Value& value, const Where& where, double& out);
  static Status GetString(const Value& value, const FieldRule& rule,
                          const Where& where, std::string& out);
  static Status CheckCount(size_t count, const FieldRule& rule,
                           std::string_view things, const Where& where);
  static Status CheckText(std::string_view text, const FieldRule& rule,
                          const Where& where);
  static Error NotOneOf(std::string_view text,
                        const std::vector<std::string>& names,
                        const Where& where);
  static Status RefuseUnknownKeys(const boost::json::object& object,
                                  const std::vector<std::string_view>& known,
                                  const Where& where);
};

template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <typename T>
inline constexpr bool kIsList = false;
template <typename T>
inline constexpr bool kIsList<std::vector<T>> = true;
template <typename T>
inline constexpr bool kIsMap = false;
template <typename T>
inline constexpr bool kIsMap<std::map<std::string, T>> = true;

// Whether a struct may lack a field of this type in JSON.
template <typename T>
inline constexpr bool kMayBeAbsent = kIsOptional<T> || kIsList<T> || kIsMap<T>;

template <typename T>
Status DecodeValue(const boost::json::value& value, T& out, const Where& where,
                   UnknownKeys unknown, const FieldRule& rule = {});

template <Described T>
Status DecodeStruct(const boost::json::value& value, T& out, const Where& where,
                    UnknownKeys unknown) {
  const boost::json::object* object = value.if_object();
  if (object == nullptr) {
    return DecodeSupport::MustBe("an object", value, where);
  }
  Status status;
  std::vector<std::string_view> known;
  boost::mp11::mp_for_each<MembersOf<T>>([&]<typename D>(D) {
    if (!status) return;
    static constexpr FieldRule kRule = RuleOf<T, D>();
    using Member = std::remove_cvref_t<decltype(out.*D::pointer)>;
    known.push_back(kRule.key);
    const boost::json::value* field = object->if_contains(kRule.key);
    if (field == nullptr) {
      if constexpr (!kMayBeAbsent<Member>) {
        status = where.Key(kRule.key).Wrong("is required");
      }
      return;
    }
    status = DecodeValue(*field, out.*D::pointer, where.Key(kRule.key), unknown,
                         kRule);
  });
  CARAVEL_TRY(std::move(status));
  if (unknown == UnknownKeys::kIgnore) return {};
  return DecodeSupport::RefuseUnknownKeys(*object, known, where);
}

template <typename T>
Status DecodeList(const boost::json::value& value, std::vector<T>& out,
                  const Where& where, UnknownKeys unknown,
                  const FieldRule& rule) {
  const boost::json::array* items = value.if_array();
  if (items == nullptr) return DecodeSupport::MustBe("a list", value, where);
  CARAVEL_TRY(DecodeSupport::CheckCount(items->size(), rule, "items", where));
  out.clear();
  out.reserve(items->size());
  for (size_t i = 0; i < items->size(); ++i) {
    T item{};
    CARAVEL_TRY(DecodeValue((*items)[i], item, where.Item(i), unknown,
                            FieldRule{.check = rule.check}));
    out.push_back(std::move(item));
  }
  return {};
}

template <typename T>
Status DecodeMap(const boost::json::value& value, std::map<std::string, T>& out,
                 const Where& where, UnknownKeys unknown,
                 const FieldRule& rule) {
  const boost::json::object* object = value.if_object();
  if (object == nullptr) {
    return DecodeSupport::MustBe("an object", value, where);
  }
  CARAVEL_TRY(DecodeSupport::CheckCount(object->size(), rule, "keys", where));
  out.clear();
  for (const auto& [key, item] : *object) {
    T decoded{};
    CARAVEL_TRY(DecodeValue(item, decoded, where.Key(key), unknown));
    out.insert_or_assign(std::string(key), std::move(decoded));
  }
  return {};
}

template <typename T>
Status DecodeInteger(const boost::json::value& value, T& out,
                     const Where& where, const FieldRule& rule) {
  using Limits = std::numeric_limits<T>;
  int64_t least = rule.minimum;
  int64_t most = rule.maximum;
  if (std::in_range<int64_t>(Limits::min())) {
    least = std::max(least, static_cast<int64_t>(Limits::min()));
  }
  if (std::in_range<int64_t>(Limits::max())) {
    most = std::min(most, static_cast<int64_t>(Limits::max()));
  }
  int64_t number = 0;
  CARAVEL_TRY(DecodeSupport::GetInteger(value, least, most, where, number));
  out = static_cast<T>(number);
  return {};
}

template <typename T>
Status DecodeValue(const boost::json::value& value, T& out, const Where& where,
                   UnknownKeys unknown, const FieldRule& rule) {
  if constexpr (std::is_same_v<T, boost::json::value>) {
    out = value;
    return {};
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!value.is_bool()) {
      return DecodeSupport::MustBe("true or false", value, where);
    }
    out = value.get_bool();
    return {};
  } else if constexpr (std::is_same_v<T, std::string>) {
    return DecodeSupport::GetString(value, rule, where, out);
  } else if constexpr (std::is_floating_point_v<T>) {
    return DecodeSupport::GetDouble(value, where, out);
  } else if constexpr (std::is_integral_v<T>) {
    return DecodeInteger(value, out, where, rule);
  } else if constexpr (std::is_enum_v<T>) {
    std::string text;
    CARAVEL_TRY(DecodeSupport::GetString(value, {}, where, text));
    if (EnumFromName(text, out)) return {};
    return DecodeSupport::NotOneOf(text, EnumNames<T>(), where);
  } else if constexpr (kIsOptional<T>) {
    out.reset();
    if (value.is_null()) return {};
    return DecodeValue(value, out.emplace(), where, unknown, rule);
  } else if constexpr (kIsList<T>) {
    return DecodeList(value, out, where, unknown, rule);
  } else if constexpr (kIsMap<T>) {
    return DecodeMap(value, out, where, unknown, rule);
  } else {
    static_assert(Described<T>, "a struct needs BOOST_DESCRIBE_STRUCT");
    return DecodeStruct(value, out, where, unknown);
  }
}

// A whole document. `what` is how errors call it: "the body".
template <typename T>
Result<T> DecodeJson(std::string_view text, std::string_view what,
                     UnknownKeys unknown) {
  CARAVEL_TRY(const boost::json::value document, ParseJson(text, what));
  T value{};
  CARAVEL_TRY(DecodeValue(document, value, Where(what), unknown));
  return value;
}

}  // namespace caravel::api
