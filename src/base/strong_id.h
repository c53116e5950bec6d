#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <tuple>
#include <utility>

#include "base/codec.h"

namespace caravel::base {

// A number or text that names one kind of thing and does not mix with others:
//
//   using WorkerId = base::StrongId<struct WorkerIdTag, std::string>;
template <typename Tag, typename T>
struct StrongId {
  T value{};

  auto operator<=>(const StrongId&) const = default;
  static constexpr auto Fields() { return base::Fields(&StrongId::value); }
};

}  // namespace caravel::base

template <typename Tag, typename T>
struct std::hash<caravel::base::StrongId<Tag, T>> {
  size_t operator()(const caravel::base::StrongId<Tag, T>& id) const {
    return std::hash<T>()(id.value);
  }
};
