#include "control/endpoint.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/endpoint_traits.h"
#include "control/percent.h"

namespace caravel::api {

std::string_view MethodName(Method method) {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kPost:
      return "POST";
    case Method::kPut:
      return "PUT";
    case Method::kPatch:
      return "PATCH";
    case Method::kDelete:
      break;
  }
  return "DELETE";
}

Result<RequestSupport::Pairs> RequestSupport::QueryPairs(
    const Request& request) {
  auto pairs = ParseQuery(request.query);
  if (pairs) return *std::move(pairs);
  return Error(ErrorCode::kInvalid,
               "the query: a % is not followed by two hexadecimal digits")
      .Remedy("percent-encode it");
}

Result<std::vector<Part>> RequestSupport::UploadParts(
    const Request& request, std::string_view& metadata) {
  CARAVEL_TRY(std::vector<Part> parts,
              ParseMultipart(request.content_type, request.body));
  const auto part = std::ranges::find(parts, "metadata", &Part::name);
  if (part == parts.end()) {
    return Error(ErrorCode::kInvalid,
                 "multipart body: it has no part \"metadata\"")
        .Remedy("send the Worker's settings in it, as JSON");
  }
  metadata = part->content;
  parts.erase(part);
  return parts;
}

Reply RequestSupport::FailureOf(const ErrorNumbers& numbers,
                                std::optional<int> number, const Error& error) {
  return FailureReply(error, number.value_or(numbers.Of(error.code())));
}

}  // namespace caravel::api
