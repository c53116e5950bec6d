#include "registry/binding_size.h"

#include <fmt/format.h>

namespace caravel::registry {

Status CheckBindingBytes(size_t bytes) {
  if (bytes <= kMostBindingBytes) return {};
  return Error(ErrorCode::kLimit,
               fmt::format("the bindings have {} bytes together, and may have "
                           "{}",
                           bytes, kMostBindingBytes))
      .Remedy("put large values into the code, into KV, or among the assets");
}

Status CheckBindingBytes(const std::vector<Binding>& bindings) {
  size_t bytes = 0;
  for (const Binding& binding : bindings) {
    bytes += binding.name.size() + binding.text.size();
  }
  return CheckBindingBytes(bytes);
}

}  // namespace caravel::registry
