#pragma once

#include <fmt/format.h>
#include <v8.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/inbox.h"
#include "runtime/js/function.h"

namespace caravel::runtime {

// The fields by which Workers tell the client's address. Source: Cloudflare's
// documentation, "HTTP headers"; X-Real-IP is the same to a Worker.
inline constexpr std::string_view kClientAddressFields[] = {"CF-Connecting-IP",
                                                            "X-Real-IP"};
inline constexpr std::string_view kRayField = "CF-Ray";
inline constexpr std::string_view kVisitorField = "CF-Visitor";
// Fields that are the platform's to set: what a client sends under these names
// is left out. Where clients are is known to nobody here.
inline constexpr std::string_view kPlatformFields[] = {
    kClientAddressFields[0], kClientAddressFields[1], kRayField, kVisitorField,
    "CF-IPCountry"};

// By what the request is known to whoever sees it, "0123456789abcdef-LOC":
// digits by which the log has it, and where it was taken in.
inline std::string RayOf(const net::RequestHead& head) {
  return fmt::format("{:016x}-{}", head.draw, head.place);
}
inline std::string VisitorOf(const net::RequestHead& head) {
  return fmt::format(R"({{"scheme":"{}"}})", head.scheme);
}

// The scheme by which the client asked: what a proxy in front says, who alone
// knows it, else that of the connection.
inline constexpr std::string_view kSchemeField = "X-Forwarded-Proto";

// Calls `visit(name, value)` with the fields of a request as a Worker gets
// them, names written as they came.
template <typename Visit>
void VisitFields(const net::RequestHead& head, const Visit& visit) {
  bool has_scheme = head.client.empty();  // of no client: nothing is added
  for (size_t i = 0; i < head.headers.size(); ++i) {
    const net::Headers::Field field = head.headers[i];
    const auto is_named = [&field](std::string_view name) {
      return net::EqualsIgnoringCase(field.name, name);
    };
    // A Worker that calls another says what it likes, unless it goes on with
    // the request of a client.
    const bool is_of_client = head.service.empty() || !head.client.empty();
    if (is_of_client && std::ranges::any_of(kPlatformFields, is_named)) {
      continue;
    }
    has_scheme = has_scheme || is_named(kSchemeField);
    visit(field.name, field.value);
  }
  if (head.client.empty()) return;
  for (const std::string_view name : kClientAddressFields) {
    visit(name, std::string_view(head.client));
  }
  if (!has_scheme) visit(kSchemeField, std::string_view(head.scheme));
  visit(kVisitorField, std::string_view(VisitorOf(head)));
  if (!head.place.empty()) visit(kRayField, std::string_view(RayOf(head)));
}

// `request.cf` as JSON.
std::string RequestCf(const net::RequestHead& head);

class IsolateState;

// The request that a handler answers, and bodies as they arrive. An id whose
// invocation is over answers as an empty request would.
// Source: Fetch Standard, "Body mixin"; Workers documentation, "Request".
struct RequestOps {
  static std::string Url(js::Scope& scope, InvocationId id);
  static v8::Local<v8::Array> Headers(js::Scope& scope, InvocationId id);
  static std::string Cf(js::Scope& scope, InvocationId id);
  static void KeepSignal(js::Scope& scope, InvocationId id,
                         v8::Local<v8::Value> signal);

  // The whole body as an ArrayBuffer, or as text, when all of it has arrived;
  // else undefined.
  static v8::MaybeLocal<v8::Value> BodyTake(js::Scope& scope, BodyId id);
  static v8::MaybeLocal<v8::Value> BodyTakeText(js::Scope& scope, BodyId id);
  // The next piece, or null at the end.
  static v8::MaybeLocal<v8::Value> BodyRead(js::Scope& scope, BodyId id);
  static void BodyCancel(js::Scope& scope, BodyId id);

  static constexpr auto Js() {
    return js::Functions(js::Function("requestUrl", &Url),
                         js::Function("requestHeaders", &Headers),
                         js::Function("requestCf", &Cf),
                         js::Function("requestSignal", &KeepSignal),
                         js::Function("bodyTake", &BodyTake),
                         js::Function("bodyTakeText", &BodyTakeText),
                         js::Function("bodyRead", &BodyRead),
                         js::Function("bodyCancel", &BodyCancel));
  }
};

// What has arrived is buffered first, for all bodies, before any JS of the turn
// runs; a reader that waits is served afterwards, as part of its invocation.
void BufferArrived(IsolateState& state, BodyArrived& arrived);
void BufferFailed(IsolateState& state, const BodyFailed& failed);
void ServeReader(js::Scope& scope, BodyId id);

}  // namespace caravel::runtime
