// One request over one connection, which blocks: the command line has nothing
// else to do. The API frames every answer by its length.
#include "cli/api_client.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <memory>

#include "base/fd.h"
#include "net/client_parser.h"
#include "net/client_request.h"

namespace caravel::cli {
namespace {

constexpr timeval kLimit{.tv_sec = 30, .tv_usec = 0};
constexpr size_t kLargestAnswer = 16 << 20;

Error NotReached(std::string_view api, std::string_view why) {
  return Error(ErrorCode::kUnavailable,
               fmt::format("the API at {}: {}", api, why))
      .Remedy("./caravel status says what runs");
}

// `authority` is "127.0.0.1:8788", "[::1]:8788".
Result<base::Fd> ConnectTo(std::string_view authority) {
  const size_t colon = authority.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && !authority.ends_with(']');
  const std::string port =
      has_port ? std::string(authority.substr(colon + 1)) : "80";
  std::string host(authority.substr(0, has_port ? colon : authority.size()));
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("\"{}\" does not resolve", host));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found,
                                                             &::freeaddrinfo);
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    base::Fd socket(::socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket.valid()) continue;
    for (const int direction : {SO_RCVTIMEO, SO_SNDTIMEO}) {
      ::setsockopt(socket.get(), SOL_SOCKET, direction, &kLimit, sizeof kLimit);
    }
    if (::connect(socket.get(), each->ai_addr, each->ai_addrlen) == 0) {
      return socket;
    }
  }
  return Error(ErrorCode::kUnavailable, "nobody answers there");
}

Status SendAll(const base::Fd& socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent =
        ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) {
      return Error(ErrorCode::kUnavailable, "it does not take the request");
    }
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return {};
}

// Appends what has come to `bytes`.
Status ReceiveMore(const base::Fd& socket, std::string& bytes) {
  char buffer[16 << 10];
  ssize_t got = 0;
  do {
    got = ::recv(socket.get(), buffer, sizeof buffer, 0);
  } while (got < 0 && errno == EINTR);
  if (got <= 0 || bytes.size() > kLargestAnswer) {
    return Error(ErrorCode::kUnavailable, "its answer does not come whole");
  }
  bytes.append(buffer, static_cast<size_t>(got));
  return {};
}

Result<std::string> Exchange(const net::RequestHead& head,
                             std::string_view body) {
  CARAVEL_TRY(const net::RequestText request, net::WriteRequest(head));
  CARAVEL_TRY(const base::Fd socket, ConnectTo(head.authority));
  CARAVEL_TRY(SendAll(socket, request.head));
  CARAVEL_TRY(SendAll(socket, body));
  std::string bytes;
  net::ResponseHeadReader reader;
  net::ResponseHead answer;
  net::ResponseFraming framing;
  while (true) {
    const auto outcome = reader.Read(bytes, false, answer, framing);
    if (outcome == net::ResponseHeadReader::Outcome::kComplete) break;
    if (outcome == net::ResponseHeadReader::Outcome::kRefused) {
      return Error(ErrorCode::kUnavailable, std::string(reader.what()));
    }
    CARAVEL_TRY(ReceiveMore(socket, bytes));
  }
  bytes.erase(0, reader.head_size());
  if (framing.kind != net::ResponseFraming::Kind::kLength) {
    return Error(ErrorCode::kUnavailable, "it does not answer as the API does");
  }
  while (bytes.size() < framing.length) {
    CARAVEL_TRY(ReceiveMore(socket, bytes));
  }
  return bytes;
}

Result<boost::json::value> Unwrap(const std::string& text) {
  boost::json::error_code wrong;
  const boost::json::value answer = boost::json::parse(text, wrong);
  const auto* envelope = answer.if_object();
  const auto* success =
      wrong || envelope == nullptr ? nullptr : envelope->if_contains("success");
  if (success == nullptr || !success->is_bool()) {
    return Error(ErrorCode::kInternal,
                 fmt::format("the API answered something else: {}",
                             text.substr(0, 100)));
  }
  if (success->as_bool()) return envelope->at("result");
  // Message and remedy stand in one text, a line each.
  std::string message = "the API refused without a reason";
  const auto* errors = envelope->if_contains("errors");
  if (errors != nullptr && errors->is_array() && !errors->as_array().empty()) {
    const auto* first = errors->as_array()[0].if_object();
    const auto* said =
        first == nullptr ? nullptr : first->if_contains("message");
    if (said != nullptr && said->is_string()) message = said->as_string();
  }
  const size_t line = message.find('\n');
  Error error(ErrorCode::kInvalid, message.substr(0, line));
  if (line == std::string::npos) return error;
  return std::move(error).Remedy(message.substr(line + 1));
}

}  // namespace

Result<boost::json::value> AskApi(
    const daemon::RunInfo& running, std::string_view method,
    std::string_view path, const std::optional<boost::json::value>& body) {
  constexpr std::string_view kScheme = "http://";
  std::string_view api = running.api;
  if (!api.starts_with(kScheme)) return NotReached(api, "is no http URL");
  api.remove_prefix(kScheme.size());
  const size_t slash = std::min(api.find('/'), api.size());
  const std::string text = body ? boost::json::serialize(*body) : "";
  net::RequestHead head;
  head.method = method;
  head.scheme = "http";
  head.authority = api.substr(0, slash);
  head.target = fmt::format("{}{}", api.substr(slash), path);
  head.headers.Add("Authorization", "Bearer " + running.token);
  head.headers.Add("User-Agent", "caravel");
  if (body) head.headers.Add("Content-Type", "application/json");
  head.body_size = static_cast<int64_t>(text.size());
  const Result<std::string> answer = Exchange(head, text);
  if (!answer) return NotReached(running.api, answer.error().message());
  return Unwrap(*answer);
}

}  // namespace caravel::cli
