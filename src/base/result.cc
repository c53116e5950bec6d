#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace caravel {

std::string_view ToString(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid:
      return "invalid";
    case ErrorCode::kNotFound:
      return "not found";
    case ErrorCode::kConflict:
      return "conflict";
    case ErrorCode::kDenied:
      return "denied";
    case ErrorCode::kLimit:
      return "limit";
    case ErrorCode::kNoSpace:
      return "no space";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kInternal:
      return "internal";
  }
  return "unknown";
}

Error::Error(ErrorCode code, std::string message)
    : state_(std::make_unique<State>(State{code, std::move(message), {}})) {}

Error&& Error::Remedy(std::string remedy) && {
  state_->remedy = std::move(remedy);
  return std::move(*this);
}

Error&& Error::In(std::string_view circumstance) && {
  state_->message = fmt::format("{}: {}", circumstance, state_->message);
  return std::move(*this);
}

std::string Error::ToText() const {
  return remedy().empty() ? message()
                          : fmt::format("{}\n{}", message(), remedy());
}

Error Error::Clone() const {
  Error copy(code(), message());
  copy.state_->remedy = remedy();
  return copy;
}

Error ErrnoError(std::string_view what, int error_number) {
  const auto code = [error_number] {
    switch (error_number) {
      case ENOENT:
        return ErrorCode::kNotFound;
      case EEXIST:
      case EADDRINUSE:
        return ErrorCode::kConflict;
      case EACCES:
      case EPERM:
      case EROFS:
        return ErrorCode::kDenied;
      case ENOSPC:
      case EDQUOT:
        return ErrorCode::kNoSpace;
      case EMFILE:
      case ENFILE:
      case ENOMEM:
        return ErrorCode::kLimit;
      case ECONNREFUSED:
      case ECONNRESET:
      case ETIMEDOUT:
      case EHOSTUNREACH:
      case ENETUNREACH:
        return ErrorCode::kUnavailable;
      default:
        return ErrorCode::kInternal;
    }
  }();
  return Error(code,
               fmt::format("{}: {}", what,
                           std::generic_category().message(error_number)));
}

}  // namespace caravel
