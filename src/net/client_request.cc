#include "net/client_request.h"

#include "net/http_syntax.h"

namespace caravel::net {
namespace {

Status CheckHead(const RequestHead& head) {
  if (!IsToken(head.method)) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("\"{}\" is no method", head.method));
  }
  if (head.method == "CONNECT") {
    return Error(ErrorCode::kInvalid, "the method CONNECT is not supported");
  }
  if (!IsAuthority(head.authority)) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("\"{}\" is no host", head.authority));
  }
  if (!IsRequestTarget(head.target) ||
      (head.target[0] != '/' && head.target != "*")) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("\"{}\" is no path", head.target));
  }
  if (!head.headers.IsSound()) {
    return Error(ErrorCode::kInvalid,
                 "a header field of the request has a wrong character");
  }
  const auto protocol = head.headers.Find("upgrade");
  if (protocol &&
      (head.upgrade.empty() || !EqualsIgnoringCase(*protocol, head.upgrade))) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("an upgrade of the connection to \"{}\" is not "
                             "supported",
                             *protocol))
        .Remedy("leave the header Upgrade out");
  }
  if (!head.upgrade.empty() && head.method != "GET") {
    return Error(ErrorCode::kInvalid,
                 "a WebSocket is asked for by GET and without a body");
  }
  return {};
}

// Whether the field goes to the server as it is.
bool IsSent(const Headers::Field& field, std::string_view connection) {
  switch (KindOf(field.name)) {
    case FieldKind::kOrdinary:
    case FieldKind::kDate:
      break;
    default:
      return false;
  }
  for (std::string_view option = NextListElement(connection); !option.empty();
       option = NextListElement(connection)) {
    if (EqualsIgnoringCase(option, field.name)) return false;
  }
  return true;
}

// RFC 9110, 8.6: a server may expect a body from these, and is told of none.
bool UsuallyHasBody(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

Result<RequestText> WriteRequest(const RequestHead& head) {
  CARAVEL_TRY(CheckHead(head));
  RequestText text;
  text.head = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", head.method,
                          head.target, head.authority);
  const std::string_view connection =
      head.headers.Find("connection").value_or("");
  for (size_t i = 0; i < head.headers.size(); ++i) {
    const Headers::Field field = head.headers[i];
    if (!IsSent(field, connection)) continue;
    text.head.append(field.name).append(": ").append(field.value);
    text.head.append("\r\n");
  }
  if (!head.upgrade.empty()) {
    text.head.append(
        fmt::format("Connection: Upgrade\r\nUpgrade: {}\r\n", head.upgrade));
  } else if (head.body_size < 0) {
    text.chunked = true;
    text.head.append("Transfer-Encoding: chunked\r\n");
  } else {
    text.length = static_cast<uint64_t>(head.body_size);
    if (text.length > 0 || UsuallyHasBody(head.method)) {
      text.head.append(fmt::format("Content-Length: {}\r\n", text.length));
    }
  }
  text.head.append("\r\n");
  return text;
}

bool IsIdempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "PUT" ||
         method == "DELETE" || method == "OPTIONS" || method == "TRACE";
}

}  // namespace caravel::net
