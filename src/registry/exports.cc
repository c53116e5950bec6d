#include "registry/exports.h"

#include <algorithm>

namespace caravel::registry {
namespace {

constexpr size_t kMostBytes = 16 << 10;

// Of a packet.
size_t CostOf(size_t length) { return length + 8; }

}  // namespace

void CutExports(std::vector<std::string>& exports) {
  std::erase_if(exports, [](const std::string& name) {
    return name.size() > kLongestEntrypoint;
  });
  size_t bytes = 0;
  for (size_t i = 0; i < exports.size(); ++i) {
    bytes += CostOf(exports[i].size());
    if (bytes > kMostBytes) exports.resize(i);
  }
}

bool MayExport(const std::vector<std::string>& exports, std::string_view name) {
  size_t bytes = 0;
  for (const std::string& each : exports) {
    if (each == name) return true;
    bytes += CostOf(each.size());
  }
  return bytes + CostOf(kLongestEntrypoint) > kMostBytes;
}

}  // namespace caravel::registry
