#pragma once

#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "base/result.h"

// What a described struct says about its fields beyond their types. It is said
// once; decoding, the OpenAPI document and the error texts follow from it.
//
//   struct RouteInput {
//     std::string pattern;
//     std::optional<std::string> worker;
//
//     static constexpr auto Rules() {
//       return api::Rules(
//           api::Field(&RouteInput::pattern, "Host and path").Length(1, 255),
//           api::Field(&RouteInput::worker, "Its Worker").Check(IsWorkerName));
//     }
//   };
//   BOOST_DESCRIBE_STRUCT(RouteInput, (), (pattern, worker))
//
// A field without a rule may have any value of its type. A field is required
// unless it is optional, a list or a map.
namespace caravel::api {

// Refuses a text that is wrong, with a message that goes on after the field's
// name: "must be lower case".
using TextCheck = Status (*)(std::string_view text);

struct FieldRule {
  std::string_view description = {};
  std::string_view key = {};  // in JSON; empty: the member's name
  size_t min_length = 0;      // bytes of a text, items of a list or map
  size_t max_length = std::numeric_limits<size_t>::max();
  int64_t minimum = std::numeric_limits<int64_t>::min();
  int64_t maximum = std::numeric_limits<int64_t>::max();
  TextCheck check = nullptr;
};

template <typename Class, typename Member>
struct Field {
  constexpr Field(Member Class::* field, std::string_view description)
      : member(field), rule{.description = description} {}

  constexpr Field Length(size_t least, size_t most) const {
    Field field = *this;
    field.rule.min_length = least;
    field.rule.max_length = most;
    return field;
  }
  constexpr Field Range(int64_t least, int64_t most) const {
    Field field = *this;
    field.rule.minimum = least;
    field.rule.maximum = most;
    return field;
  }
  constexpr Field Check(TextCheck check) const {
    Field field = *this;
    field.rule.check = check;
    return field;
  }
  // Where the key is no identifier: "workers/message".
  constexpr Field Key(std::string_view key) const {
    Field field = *this;
    field.rule.key = key;
    return field;
  }

  Member Class::* member;
  FieldRule rule;
};

template <typename... Fields>
constexpr auto Rules(Fields... fields) {
  return std::tuple<Fields...>(fields...);
}

template <typename T>
concept Described =
    boost::describe::has_describe_members<T>::value && !std::is_union_v<T>;

template <typename T>
using MembersOf =
    boost::describe::describe_members<T, boost::describe::mod_public>;

template <typename T>
concept HasRules = requires { T::Rules(); };

// The rule of the member that descriptor D stands for; its key is always set.
template <typename T, typename D>
constexpr FieldRule RuleOf() {
  FieldRule rule;
  if constexpr (HasRules<T>) {
    const auto take_if_mine = [&rule]<typename F>(const F& field) {
      if constexpr (std::is_same_v<decltype(field.member),
                                   std::remove_cvref_t<decltype(D::pointer)>>) {
        if (field.member == D::pointer) rule = field.rule;
      }
    };
    std::apply([&](const auto&... fields) { (take_if_mine(fields), ...); },
               T::Rules());
  }
  if (rule.key.empty()) rule.key = D::name;
  return rule;
}

}  // namespace caravel::api
