// What a compromised host may send: any bytes either fail or decode to a
// message that encodes and decodes to itself.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "registry/host_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace caravel::registry;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto message = DecodeFromHost(bytes)) {
    const std::string once = EncodeFromHost(*message).bytes;
    const auto again = DecodeFromHost(once);
    CARAVEL_CHECK(again.has_value() && EncodeFromHost(*again).bytes == once);
  }
  if (const auto message = DecodeToHost(bytes)) {
    const std::string once = EncodeToHost(*message).bytes;
    const auto again = DecodeToHost(once);
    CARAVEL_CHECK(again.has_value() && EncodeToHost(*again).bytes == once);
  }
  return 0;
}
