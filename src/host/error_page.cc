#include "host/error_page.h"

#include <fmt/format.h>

namespace caravel::host {
namespace {

ErrorAnswer PlainText(uint16_t status, std::string body) {
  ErrorAnswer answer;
  answer.head.status = status;
  answer.head.headers.Add("content-type", "text/plain;charset=UTF-8");
  answer.head.headers.Add("cache-control", "no-store");
  answer.head.body_size = static_cast<int64_t>(body.size());
  answer.body = std::move(body);
  return answer;
}

bool IsLoopback(std::string_view client) {
  return client.starts_with("127.") || client == "::1" ||
         client.starts_with("::ffff:127.");
}

// What a stranger sent stands in the page: only what a host name can have.
std::string Printable(std::string_view authority) {
  std::string text;
  for (const char c : authority.substr(0, 255)) {
    text += c > ' ' && c < '\x7F' ? c : '?';
  }
  return text;
}

}  // namespace

ErrorAnswer WorkerError(int number, std::string_view request_id) {
  const uint16_t status = number == 1102 ? 503 : 500;
  ErrorAnswer answer = PlainText(
      status,
      fmt::format("error code: {}\nreference: {}\n", number, request_id));
  return answer;
}

ErrorAnswer HeldVersion() {
  return PlainText(503,
                   "error code: 1102\nThis version is held back for a time: a "
                   "call of it could not be ended. Its log says more.\n");
}

ErrorAnswer UnknownHost(std::string_view authority, bool has_workers,
                        std::string_view client) {
  std::string body =
      fmt::format("No Worker answers for \"{}\".\n", Printable(authority));
  if (IsLoopback(client)) {
    body += has_workers
                ? "\n`./caravel status` says where each Worker answers.\n"
                : "\nNothing is deployed yet: run `./caravel deploy DIR`.\n";
  }
  return PlainText(404, std::move(body));
}

ErrorAnswer NoOrigin(std::string_view zone) {
  return PlainText(
      404, fmt::format("No Worker of the zone \"{}\" answers for this, and the "
                       "zone has no origin.\n",
                       zone));
}

ErrorAnswer OriginFailed(std::string_view zone) {
  return PlainText(502, fmt::format("error code: 502\nThe origin of the zone "
                                    "\"{}\" does not answer.\n",
                                    zone));
}

}  // namespace caravel::host
