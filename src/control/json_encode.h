#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/described_enum.h"
#include "control/json_decode.h"
#include "control/rules.h"

namespace caravel::api {

// The JSON of a value that json_decode.h can read; absent optionals are left
// out. Text that is not UTF-8 is the caller's fault and stays as it is.
template <typename T>
boost::json::value EncodeJson(const T& value) {
  if constexpr (std::is_same_v<T, boost::json::value>) {
    return value;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return boost::json::value(boost::json::string(value));
  } else if constexpr (std::is_floating_point_v<T>) {
    // 100, not the serializer's 1E2: people read it.
    const auto whole = static_cast<int64_t>(value);
    return static_cast<T>(whole) == value ? boost::json::value(whole)
                                          : boost::json::value(value);
  } else if constexpr (std::is_arithmetic_v<T>) {
    return boost::json::value(value);
  } else if constexpr (std::is_enum_v<T>) {
    return boost::json::value(boost::json::string(EnumName(value)));
  } else if constexpr (kIsOptional<T>) {
    return value ? EncodeJson(*value) : boost::json::value();
  } else if constexpr (kIsList<T>) {
    boost::json::array items;
    items.reserve(value.size());
    for (const auto& item : value) items.push_back(EncodeJson(item));
    return items;
  } else if constexpr (kIsMap<T>) {
    boost::json::object object;
    for (const auto& [key, item] : value) object[key] = EncodeJson(item);
    return object;
  } else {
    static_assert(Described<T>, "a struct needs BOOST_DESCRIBE_STRUCT");
    boost::json::object object;
    boost::mp11::mp_for_each<MembersOf<T>>([&]<typename D>(D) {
      static constexpr FieldRule kRule = RuleOf<T, D>();
      const auto& member = value.*D::pointer;
      if constexpr (kIsOptional<std::remove_cvref_t<decltype(member)>>) {
        if (!member) return;
      }
      object[kRule.key] = EncodeJson(member);
    });
    return object;
  }
}

}  // namespace caravel::api
