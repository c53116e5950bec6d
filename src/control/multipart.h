#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// multipart/form-data (RFC 7578 over RFC 2046, section 5.1), the way wrangler
// uploads a Worker: one part a module.
//
// What is refused although RFC 2046 has it: transfer encodings, nesting, and
// more than 1,000 parts. Field names and file names are taken as they stand,
// with %22, %0D and %0A decoded as browsers and undici encode them. Fuzzed by
// tests/fuzz/multipart_fuzz.cc.
namespace caravel::api {

struct Part {
  std::string name;
  std::string file_name;          // empty: none was given
  std::string content_type;       // lower case, without parameters; empty: none
  std::string content_type_line;  // as it came
  std::string_view content;       // lies in the body that was parsed
};

inline constexpr size_t kMostParts = 1000;

// The parts of `body` in order, none of a repeated name left out. kInvalid
// names what is wrong with which part. `content_type` is the request's own.
Result<std::vector<Part>> ParseMultipart(std::string_view content_type,
                                         std::string_view body);

// The parameter of a header value: of `form-data; name="a"`, "name" is a.
// Quoted strings may escape by backslash. Empty when it is absent or broken.
std::string HeaderParameter(std::string_view value, std::string_view name);

// A media type alone: of "Text/Plain; charset=utf-8" it is "text/plain".
std::string MediaType(std::string_view value);

}  // namespace caravel::api
