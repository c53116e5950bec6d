// The codec on hostile bytes, through a type that has every shape: any bytes
// either fail or decode to a value that encodes and decodes to itself.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/codec.h"
#include "base/strong_id.h"

namespace {

using namespace caravel;

enum class Shape : uint8_t { kOne, kTwo, kLast = kTwo };

struct Inner {
  int64_t wide = 0;
  int8_t narrow = 0;
  std::optional<std::string> text;
  static constexpr auto Fields() {
    return base::Fields(&Inner::wide, &Inner::narrow, &Inner::text);
  }
};

struct Everything {
  base::StrongId<struct FuzzTag, uint64_t> id;
  Shape shape = Shape::kOne;
  bool flag = false;
  double ratio = 0;
  std::vector<Inner> inners;
  std::map<std::string, std::vector<uint16_t>> lists;
  std::vector<std::pair<std::string, uint32_t>> pairs;
  static constexpr auto Fields() {
    return base::Fields(&Everything::id, &Everything::shape, &Everything::flag,
                        &Everything::ratio, &Everything::inners,
                        &Everything::lists, &Everything::pairs);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto value = base::Decode<Everything>(bytes)) {
    const std::string once = base::Encode(*value);
    const auto again = base::Decode<Everything>(once);
    CARAVEL_CHECK(again.has_value() && base::Encode(*again) == once);
  }
  return 0;
}
