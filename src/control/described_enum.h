#pragma once

#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

// Names of enumerators in JSON, from BOOST_DESCRIBE_ENUM: kPlainText is
// "plain_text".
namespace caravel::api {

template <typename E>
concept DescribedEnum =
    std::is_enum_v<E> && boost::describe::has_describe_enumerators<E>::value;

// "kPlainText" as "plain_text".
std::string SnakeCase(std::string_view enumerator);

template <DescribedEnum E>
std::vector<std::string> EnumNames() {
  std::vector<std::string> names;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>(
      [&](auto d) { names.push_back(SnakeCase(d.name)); });
  return names;
}

template <DescribedEnum E>
std::string EnumName(E value) {
  std::string name;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>(
      [&](auto d) {
        if (d.value == value) name = SnakeCase(d.name);
      });
  return name;
}

// False, and `value` untouched, when no enumerator has that name.
template <DescribedEnum E>
bool EnumFromName(std::string_view name, E& value) {
  bool found = false;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>(
      [&](auto d) {
        if (!found && SnakeCase(d.name) == name) {
          value = d.value;
          found = true;
        }
      });
  return found;
}

}  // namespace caravel::api
