#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/lifetime.h"

// Expected failures as values. `Error` says what happened and what to do about
// it; `Result<T>` is a T or an Error, with the method names of std::expected.
//
//   Result<Port> ParsePort(std::string_view text);
//
//   Status Listen(std::string_view text) {
//     CARAVEL_TRY(const Port port, ParsePort(text));   // passes the Error on
//     CARAVEL_TRY(Bind(port));                          // the same for Status
//     return {};
//   }
namespace caravel {

// Each border has one table from these: HTTP status and API error number, the
// class of a JS exception, the exit code of the command line.
enum class ErrorCode : unsigned char {
  kInvalid,      // the caller's input is wrong
  kNotFound,     // the thing named does not exist
  kConflict,     // it exists already, or changed meanwhile
  kDenied,       // not allowed for this caller
  kLimit,        // a limit was reached
  kNoSpace,      // a disk is full
  kUnavailable,  // a dependency is away; trying again may work
  kInternal,     // everything else
};

// "invalid", "not found", …: stable, for logs and tests.
std::string_view ToString(ErrorCode code);

// A failure for the person who must act on it: the thing, the reason, the
// remedy. One pointer wide; moves only.
class [[nodiscard]] Error {
 public:
  Error(ErrorCode code, std::string message);

  // The same error with "what to do", shown on a line of its own.
  Error&& Remedy(std::string remedy) &&;

  // The same error in its circumstance: In("route 3") makes the message
  // "route 3: <message>".
  Error&& In(std::string_view circumstance) &&;

  ErrorCode code() const { return state_->code; }
  const std::string& message() const CARAVEL_LIFETIME_BOUND {
    return state_->message;
  }
  const std::string& remedy() const CARAVEL_LIFETIME_BOUND {
    return state_->remedy;
  }

  // Message, and the remedy on a second line where there is one.
  std::string ToText() const;

  // A deep copy, where one failure has several recipients.
  Error Clone() const;

 private:
  struct State {
    ErrorCode code;
    std::string message;
    std::string remedy;
  };
  std::unique_ptr<State> state_;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  // NOLINTNEXTLINE(google-explicit-constructor): `return value;` is the idiom.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor): `return Error(…);` likewise.
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  template <typename U>
    requires(std::is_constructible_v<T, U &&> && !std::is_same_v<T, U> &&
             !std::is_same_v<std::remove_cvref_t<U>, Error> &&
             !std::is_same_v<std::remove_cvref_t<U>, Result<T>>)
  // NOLINTNEXTLINE(google-explicit-constructor): as above, for convertibles.
  Result(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  // Requires: has_value().
  T& value() & CARAVEL_LIFETIME_BOUND {
    CheckValue();
    return std::get<0>(state_);
  }
  const T& value() const& CARAVEL_LIFETIME_BOUND {
    CheckValue();
    return std::get<0>(state_);
  }
  T&& value() && CARAVEL_LIFETIME_BOUND {
    CheckValue();
    return std::get<0>(std::move(state_));
  }
  T& operator*() & CARAVEL_LIFETIME_BOUND { return value(); }
  const T& operator*() const& CARAVEL_LIFETIME_BOUND { return value(); }
  T&& operator*() && CARAVEL_LIFETIME_BOUND { return std::move(*this).value(); }
  T* operator->() CARAVEL_LIFETIME_BOUND { return &value(); }
  const T* operator->() const CARAVEL_LIFETIME_BOUND { return &value(); }

  // Requires: !has_value().
  Error& error() & CARAVEL_LIFETIME_BOUND { return std::get<1>(state_); }
  const Error& error() const& CARAVEL_LIFETIME_BOUND {
    return std::get<1>(state_);
  }
  Error&& error() && CARAVEL_LIFETIME_BOUND {
    return std::get<1>(std::move(state_));
  }

  // The same result; an error is set in its circumstance (see Error::In).
  Result&& In(std::string_view circumstance) && {
    if (!has_value()) std::move(error()).In(circumstance);
    return std::move(*this);
  }

 private:
  void CheckValue() const {
    CARAVEL_CHECK(has_value(), std::get<1>(state_).message());
  }

  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): `return Error(…);`.
  Result(Error error) : error_(std::make_unique<Error>(std::move(error))) {}

  bool has_value() const { return error_ == nullptr; }
  explicit operator bool() const { return has_value(); }
  void value() const { CARAVEL_CHECK(has_value(), error_->message()); }

  // Requires: !has_value().
  Error& error() & CARAVEL_LIFETIME_BOUND { return *error_; }
  const Error& error() const& CARAVEL_LIFETIME_BOUND { return *error_; }
  Error&& error() && CARAVEL_LIFETIME_BOUND { return std::move(*error_); }

  Result&& In(std::string_view circumstance) && {
    if (error_ != nullptr) std::move(*error_).In(circumstance);
    return std::move(*this);
  }

 private:
  std::unique_ptr<Error> error_;
};

// What an operation without a value returns.
using Status = Result<void>;

// An Error with errno's text behind `what`: "open /x: No such file or
// directory".
Error ErrnoError(std::string_view what, int error_number);

}  // namespace caravel

#define CARAVEL_CONCAT_INNER(a, b) a##b
#define CARAVEL_CONCAT(a, b) CARAVEL_CONCAT_INNER(a, b)

#define CARAVEL_TRY_STATUS(expression)                       \
  do {                                                       \
    if (auto caravel_status = (expression); !caravel_status) \
      return std::move(caravel_status).error();              \
  } while (false)

#define CARAVEL_TRY_VALUE(name, declaration, expression) \
  auto name = (expression);                              \
  if (!name) return std::move(name).error();             \
  declaration = std::move(name).value()

#define CARAVEL_TRY_PICK(_1, _2, _3, _4, picked, ...) picked
#define CARAVEL_TRY_2(declaration, ...)                                     \
  CARAVEL_TRY_VALUE(CARAVEL_CONCAT(caravel_result_, __LINE__), declaration, \
                    (__VA_ARGS__))

// CARAVEL_TRY(expression) or CARAVEL_TRY(declaration, expression): returns the
// error from the enclosing function, else goes on with the value.
#define CARAVEL_TRY(...)                                                     \
  CARAVEL_TRY_PICK(__VA_ARGS__, CARAVEL_TRY_2, CARAVEL_TRY_2, CARAVEL_TRY_2, \
                   CARAVEL_TRY_STATUS)                                       \
  (__VA_ARGS__)
