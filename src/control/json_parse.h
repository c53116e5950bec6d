#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "base/result.h"

namespace caravel::api {

// A JSON document (RFC 8259), nested at most 32 deep and of at most a million
// values: what takes three bytes of text takes ten times as much as a value.
// kInvalid names the byte
// at which it stops being one: "metadata: not valid JSON at byte 17: syntax
// error". `what` is how the error calls the document.
Result<boost::json::value> ParseJson(std::string_view text,
                                     std::string_view what);

}  // namespace caravel::api
