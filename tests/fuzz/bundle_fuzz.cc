// A damaged or forged bundle file: mapping either fails or gives modules whose
// bytes can all be read. The checksum is made right first, so that the table
// behind it is reached.
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "base/crc32c.h"
#include "registry/bundle.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace caravel;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.size() >= 12) {
    const uint32_t checksum = base::Crc32c(std::string_view(bytes).substr(12));
    bytes.replace(8, sizeof checksum, reinterpret_cast<const char*>(&checksum),
                  sizeof checksum);
  }
  const auto fd = base::SealedMemoryFile("bundle", bytes);
  if (!fd) return 0;
  const auto bundle = registry::Bundle::Map(*fd);
  if (!bundle) return 0;
  volatile unsigned sum = 0;
  for (const auto& module : bundle->modules()) {
    sum =
        std::accumulate(module.content.begin(), module.content.end(), sum + 0U);
    sum = std::accumulate(module.name.begin(), module.name.end(), sum + 0U);
  }
  return 0;
}
