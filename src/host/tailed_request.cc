#include "host/tailed_request.h"

#include <fmt/format.h>

#include "base/json_text.h"
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
        std::string lower(name);
        for (char& c : lower) {
          if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
        }
        headers += fmt::format("{}{}:{}", headers.empty() ? "" : ",",
                               base::JsonQuote(lower), base::JsonQuote(value));
      });
  return fmt::format(R"({{"headers":{{{}}},"cf":{}}})", headers,
                     runtime::RequestCf(head));
}

}  // namespace caravel::host
