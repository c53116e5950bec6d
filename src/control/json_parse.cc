#include "control/json_parse.h"

#include <fmt/format.h>

#include <boost/json/stream_parser.hpp>

namespace caravel::api {
namespace {

// Deep enough for any request that the API knows; the parser uses the stack.
constexpr size_t kDeepestNesting = 32;

}  // namespace

Result<boost::json::value> ParseJson(std::string_view text,
                                     std::string_view what) {
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
