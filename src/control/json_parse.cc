#include "control/json_parse.h"

#include <fmt/format.h>

#include <boost/json/stream_parser.hpp>

namespace caravel::api {
namespace {

// Deep enough for any request that the API knows; the parser uses the stack.
constexpr size_t kDeepestNesting = 32;
constexpr size_t kMostValues = 1'000'000;

// Where the string ends whose first quote is at `at`.
size_t EndOfString(std::string_view text, size_t at) {
  at = text.find_first_of("\"\\", at + 1);
  while (at != std::string_view::npos && text[at] == '\\') {
    at = text.find_first_of("\"\\", at + 2);  // behind what is escaped
  }
  return at;
}

// Of a document: each stands behind a comma or a bracket, or is the first.
size_t CountValues(std::string_view text) {
  size_t count = 1;
  size_t at = text.find_first_of("\",[{");
  while (at != std::string_view::npos) {
    if (text[at] == '"') {
      at = EndOfString(text, at);
      if (at == std::string_view::npos) return count;
    } else {
      ++count;
    }
    at = text.find_first_of("\",[{", at + 1);
  }
  return count;
}

}  // namespace

Result<boost::json::value> ParseJson(std::string_view text,
                                     std::string_view what) {
  if (text.size() > kMostValues && CountValues(text) > kMostValues) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("{}: has more than {} values", what, kMostValues))
        .Remedy("send it in parts");
  }
  boost::json::parse_options options;
  options.max_depth = kDeepestNesting;
  boost::json::stream_parser parser({}, options);
  boost::json::error_code error;
  const size_t taken = parser.write_some(text.data(), text.size(), error);
  size_t end = taken;
  if (!error && taken < text.size()) {
    end = text.find_first_not_of(" \t\r\n", taken);
    if (end != std::string_view::npos) {
      error = boost::json::error::extra_data;
    }
  }
  if (!error && !parser.done()) {
    error = boost::json::error::incomplete;
    end = text.size();
  }
  if (error) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("{}: not valid JSON at byte {}: {}", what, end,
                             error.message()));
  }
  return parser.release();
}

}  // namespace caravel::api
