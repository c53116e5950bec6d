#pragma once

#include <optional>

#include "registry/bundle.h"
#include "registry/published.h"

namespace caravel::registry {

// The type of the module of the bundle that a binding of `type` is, by whose
// name its text calls it; nothing: it is none.
constexpr std::optional<ModuleType> ModuleTypeOf(BindingType type) {
  switch (type) {
    case BindingType::kWasmModule:
      return ModuleType::kWasm;
    case BindingType::kTextBlob:
      return ModuleType::kText;
    case BindingType::kDataBlob:
      return ModuleType::kData;
    default:
      return std::nullopt;
  }
}

}  // namespace caravel::registry
