// The multipart parser on hostile bodies: it must neither crash nor read
// outside the body, and what it gives back lies within it, in order.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "control/multipart.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line = std::min(input.find('\n'), input.size());
  // The first line is the content type, or a usual one when it is empty.
  const std::string_view type =
      line == 0 ? "multipart/form-data; boundary=X" : input.substr(0, line);
  const std::string_view body = input.substr(std::min(line + 1, input.size()));
  const auto parts = caravel::api::ParseMultipart(type, body);
  if (!parts) {
    if (parts.error().message().empty()) abort();
    return 0;
  }
  const char* at = body.data();
  for (const caravel::api::Part& part : *parts) {
    if (part.name.empty() || part.content.data() < at) abort();
    at = part.content.data() + part.content.size();
  }
  if (at > body.data() + body.size()) abort();
  return 0;
}
