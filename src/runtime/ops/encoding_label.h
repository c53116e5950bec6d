#pragma once

#include <optional>
#include <string_view>

namespace caravel::runtime {

// The name of the encoding with that label, in lower case (Encoding Standard,
// sections 4.2 and 4.3: ASCII whitespace around it and its case do not matter).
// Nothing for an unknown label, and for those of the replacement encoding,
// which TextDecoder refuses alike. Any thread may call.
std::optional<std::string_view> EncodingOfLabel(std::string_view label);

}  // namespace caravel::runtime
