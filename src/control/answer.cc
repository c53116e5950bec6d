#include "control/answer.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/json_text.h"
#include "storage/sql_value.h"

namespace caravel::api {

uint16_t StatusOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid:
      return 400;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kConflict:
      return 409;
    case ErrorCode::kDenied:
      return 403;
    case ErrorCode::kLimit:
      return 413;
    case ErrorCode::kNoSpace:
      return 507;
    case ErrorCode::kUnavailable:
      return 503;
    case ErrorCode::kInternal:
      break;
  }
  return 500;
}

Reply SuccessReply(boost::json::value result,
                   std::optional<boost::json::object> result_info) {
  boost::json::object envelope{{"success", true},
                               {"errors", boost::json::array()},
                               {"messages", boost::json::array()},
                               {"result", std::move(result)}};
  if (result_info) envelope["result_info"] = *std::move(result_info);
  return {.status = 200, .body = boost::json::serialize(envelope)};
}

namespace {

// Errors repeat what was asked for, which may be bytes that are no text, or a
// part of it that ends within a character.
boost::json::value TextOf(const Error& error) {
  const std::string text = error.ToText();
  return storage::IsUtf8(text) ? boost::json::value(text)
                               : boost::json::parse(base::JsonQuote(text));
}

}  // namespace

Reply FailureReply(const Error& error, int number) {
  const boost::json::object envelope{
      {"success", false},
      {"errors",
       {boost::json::object{{"code", number}, {"message", TextOf(error)}}}},
      {"messages", boost::json::array()},
      {"result", nullptr}};
  return {.status = StatusOf(error.code()),
          .body = boost::json::serialize(envelope)};
}

}  // namespace caravel::api
