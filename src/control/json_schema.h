#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <limits>
#include <string>
#include <string_view>

#include "control/json_decode.h"

namespace caravel::api {

// The last part of a type's name: "RouteInput".
template <typename T>
constexpr std::string_view TypeName() {
  // "… TypeName() [T = caravel::api::RouteInput]", as clang writes it.
  std::string_view name = __PRETTY_FUNCTION__;
  name.remove_suffix(1);
  const size_t start = name.find("T = ") + 4;
  const size_t colon = name.rfind(':');
  return name.substr(colon == std::string_view::npos ? start : colon + 1);
}

// Collects the JSON Schemas (draft 2020-12) of described structs, each once and
// under its name, as `components.schemas` of an OpenAPI document holds them.
class SchemaBook {
 public:
  // A schema for T; described structs are put into the book and referred to.
  template <typename T>
  boost::json::object SchemaOf(const FieldRule& rule = {});

  boost::json::object Take() { return std::move(schemas_); }

 private:
  template <Described T>
  void Add(std::string_view name);

  static void AddBounds(const FieldRule& rule, std::string_view least,
                        std::string_view most, boost::json::object& schema);

  boost::json::object schemas_;
};

inline void SchemaBook::AddBounds(const FieldRule& rule, std::string_view least,
                                  std::string_view most,
                                  boost::json::object& schema) {
  if (rule.min_length > 0) schema[least] = rule.min_length;
  if (rule.max_length < std::numeric_limits<size_t>::max()) {
    schema[most] = rule.max_length;
  }
}

template <Described T>
void SchemaBook::Add(std::string_view name) {
  if (schemas_.contains(name)) return;
  schemas_[name] = nullptr;  // ends a recursion
  boost::json::object properties;
  boost::json::array required;
  boost::mp11::mp_for_each<MembersOf<T>>([&]<typename D>(D) {
    static constexpr FieldRule kRule = RuleOf<T, D>();
    using Member = std::remove_cvref_t<decltype(std::declval<T>().*D::pointer)>;
    boost::json::object schema = SchemaOf<Member>(kRule);
    if (!kRule.description.empty()) schema["description"] = kRule.description;
    properties[kRule.key] = std::move(schema);
    if (!kMayBeAbsent<Member>) required.emplace_back(kRule.key);
  });
  boost::json::object schema{{"type", "object"},
                             {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  schemas_[name] = std::move(schema);
}

template <typename T>
boost::json::object SchemaBook::SchemaOf(const FieldRule& rule) {
  boost::json::object schema;
  if constexpr (std::is_same_v<T, boost::json::value>) {
    return schema;  // anything
  } else if constexpr (kIsOptional<T>) {
    return SchemaOf<typename T::value_type>(rule);
  } else if constexpr (std::is_same_v<T, bool>) {
    schema["type"] = "boolean";
  } else if constexpr (std::is_integral_v<T>) {
    schema["type"] = "integer";
    if (rule.minimum > std::numeric_limits<int64_t>::min()) {
      schema["minimum"] = rule.minimum;
    }
    if (rule.maximum < std::numeric_limits<int64_t>::max()) {
      schema["maximum"] = rule.maximum;
    }
  } else if constexpr (std::is_floating_point_v<T>) {
    schema["type"] = "number";
  } else if constexpr (std::is_same_v<T, std::string>) {
    schema["type"] = "string";
    AddBounds(rule, "minLength", "maxLength", schema);
  } else if constexpr (std::is_enum_v<T>) {
    schema["type"] = "string";
    boost::json::array names;
    for (const std::string& name : EnumNames<T>()) names.emplace_back(name);
    schema["enum"] = std::move(names);
  } else if constexpr (kIsList<T>) {
    schema["type"] = "array";
    schema["items"] = SchemaOf<typename T::value_type>();
    AddBounds(rule, "minItems", "maxItems", schema);
  } else if constexpr (kIsMap<T>) {
    schema["type"] = "object";
    schema["additionalProperties"] = SchemaOf<typename T::mapped_type>();
  } else {
    static_assert(Described<T>, "a struct needs BOOST_DESCRIBE_STRUCT");
    Add<T>(TypeName<T>());
    schema["$ref"] = std::string("#/components/schemas/").append(TypeName<T>());
  }
  return schema;
}

}  // namespace caravel::api
