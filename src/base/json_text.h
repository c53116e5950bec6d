#pragma once

#include <string>
#include <string_view>

namespace caravel::base {

// `text` as a JSON string with its quotes (RFC 8259, section 7). Bytes that are
// not UTF-8 become U+FFFD, so the result is always valid.
std::string JsonQuote(std::string_view text);

}  // namespace caravel::base
