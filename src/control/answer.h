#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

// What handlers give back, and how it reads on the wire: the envelope of the
// Cloudflare API v4, {success, errors, messages, result, result_info}.
namespace caravel::api {

// The API's number for each code of Error, in the answers of one endpoint:
// clients such as wrangler decide by it. An endpoint states what differs from
// the defaults, which are those of the Workers family.
struct ErrorNumbers {
  int invalid = 10021;
  int not_found = 10007;
  int conflict = 10013;
  int denied = 10000;
  int limit = 10027;
  int no_space = 10013;
  int unavailable = 10012;
  int internal = 10013;

  constexpr int Of(ErrorCode code) const {
    switch (code) {
      case ErrorCode::kInvalid:
        return invalid;
      case ErrorCode::kNotFound:
        return not_found;
      case ErrorCode::kConflict:
        return conflict;
      case ErrorCode::kDenied:
        return denied;
      case ErrorCode::kLimit:
        return limit;
      case ErrorCode::kNoSpace:
        return no_space;
      case ErrorCode::kUnavailable:
        return unavailable;
      case ErrorCode::kInternal:
        break;
    }
    return internal;
  }
};

// The HTTP status for each code of Error.
uint16_t StatusOf(ErrorCode code);

// An error with a number of its own, where one ErrorCode of an endpoint has
// several.
struct NumberedError {
  int number = 0;
  Error error;
};

// What an Answer that holds no value passes on.
struct Failure {
  Error error;
  std::optional<int> number;
};

// A Result<T> whose error may carry a number. A handler returns this or, when
// the endpoint's table is enough, a plain Result<T>.
template <typename T>
class [[nodiscard]] Answer {
 public:
  using value_type = T;

  // NOLINTBEGIN(google-explicit-constructor): `return value;`, as in Result.
  Answer(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Answer(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  Answer(NumberedError error)
      : state_(std::in_place_index<1>, std::move(error.error)),
        number_(error.number) {}
  Answer(Failure failure)
      : state_(std::in_place_index<1>, std::move(failure.error)),
        number_(failure.number) {}
  // NOLINTEND(google-explicit-constructor)

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  // Requires: has_value().
  T&& value() && { return std::get<0>(std::move(state_)); }
  // Requires: !has_value().
  Error&& error() && { return std::get<1>(std::move(state_)); }
  // The error with its number, for an Answer of another type.
  // Requires: !has_value().
  Failure failure() && { return {std::get<1>(std::move(state_)), number_}; }
  // The error's own number, where it has one.
  std::optional<int> number() const { return number_; }

 private:
  std::variant<T, Error> state_;
  std::optional<int> number_;
};

// One page of a list, with what pagers read behind it: they go on while
// page * per_page < total_count, or until a page is empty.
template <typename T>
struct Page {
  std::vector<T> items;
  uint64_t page = 1;
  uint64_t per_page = 0;
  uint64_t total_count = 0;
};

// A piece of a list that goes on behind `cursor`, unless that is empty.
template <typename T>
struct CursorPage {
  std::vector<T> items;
  std::string cursor;
};

// A body that is no envelope.
struct Raw {
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers =
      {};  // further ones
};

// What goes back over HTTP.
struct Reply {
  uint16_t status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers =
      {};  // further ones
  // Names the request, in the header cf-ray and in the log; empty: nothing
  // does.
  std::string request = {};
};

Reply SuccessReply(boost::json::value result,
                   std::optional<boost::json::object> result_info = {});

// The remedy follows the message on a line of its own.
Reply FailureReply(const Error& error, int number);

}  // namespace caravel::api
