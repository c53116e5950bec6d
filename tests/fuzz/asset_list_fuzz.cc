// A damaged or forged asset list: mapping either fails or gives assets that can
// all be found and read. The checksum is made right first, so that the table
// behind it is reached.
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "base/check.h"
#include "base/crc32c.h"
#include "registry/asset_list.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace caravel;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.size() >= 12) {
    const uint32_t checksum = base::Crc32c(std::string_view(bytes).substr(12));
    bytes.replace(8, sizeof checksum, reinterpret_cast<const char*>(&checksum),
                  sizeof checksum);
  }
  const auto fd = base::SealedMemoryFile("list", bytes);
  if (!fd) return 0;
  const auto list = registry::AssetList::Map(*fd);
  if (!list) return 0;
  volatile unsigned sum = 0;
  for (uint32_t i = 0; i < list->size(); ++i) {
    const auto asset = list->At(i);
    CARAVEL_CHECK(list->Find(asset.path) == i, i);
    sum = std::accumulate(asset.type.begin(), asset.type.end(), sum + 0U);
    for (const std::string_view digest : asset.digests) {
      sum = std::accumulate(digest.begin(), digest.end(), sum + 0U);
    }
  }
  return 0;
}
