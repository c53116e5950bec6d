#include "host/tailed_request.h"

#include <fmt/format.h>

#include "base/json_text.h"
#include "base/lower_case.h"
#include "runtime/ops/request_ops.h"

namespace caravel::host {
namespace {

constexpr size_t kMostHeaderBytes = 32 << 10;

}  // namespace

std::string TailedRequest(const net::RequestHead& head) {
  std::string headers;
  runtime::VisitFields(
      head, [&](std::string_view name, std::string_view value) {
        if (headers.size() + name.size() + value.size() > kMostHeaderBytes)
          return;
        headers += fmt::format("{}{}:{}", headers.empty() ? "" : ",",
                               base::JsonQuote(base::LowerCase(name)),
                               base::JsonQuote(value));
      });
  return fmt::format(R"({{"headers":{{{}}},"cf":{}}})", headers,
                     runtime::RequestCf(head));
}

}  // namespace caravel::host
