// Tests: relay_message_test.cc, tests/fuzz/relay_message_fuzz.cc.
#include "net/relay_message.h"

#include <array>

#include "base/check.h"
#include "net/http_syntax.h"

namespace caravel::net {
namespace {

constexpr size_t kSpanBytes = 15;  // of one field, beside its text, at most

size_t HeadersSize(const Headers& headers) {
  return headers.bytes() + headers.size() * kSpanBytes;
}

Error Wrong(std::string_view what) {
  return Error(ErrorCode::kInvalid, fmt::format("relayed message: {}", what));
}

Status CheckPiece(std::string_view bytes) {
  if (bytes.empty()) return Wrong("a piece of a body is empty");
  if (bytes.size() > kMaxRelayPiece) return Wrong("a piece is too large");
  return {};
}

Status CheckCredit(uint64_t bytes) {
  if (bytes == 0) return Wrong("a grant of nothing");
  return {};
}

Status CheckRelayedHead(const RequestHead& head) {
  if (!head.headers.IsSound()) return Wrong("a header field is not valid");
  if (RelaySize(head) > kMaxRelayHead) return Wrong("the head is too large");
  if (!IsToken(head.method)) return Wrong("the method is not a token");
  if (head.scheme != "http" && head.scheme != "https") {
    return Wrong("the scheme is neither http nor https");
  }
  if (!head.authority.empty() && !IsAuthority(head.authority)) {
    return Wrong("the authority is not valid");
  }
  const bool origin_form = head.target.starts_with('/') || head.target == "*";
  if (!origin_form || !IsRequestTarget(head.target)) {
    return Wrong("the target is not valid");
  }
  if (!IsFieldValue(head.client) || !IsFieldValue(head.tls) ||
      !IsFieldValue(head.http)) {
    return Wrong("what it tells of the connection is not valid");
  }
  if (head.body_size < -1) return Wrong("the size of the body is negative");
  if (!head.upgrade.empty() && head.upgrade != "websocket") {
    return Wrong("the protocol that is asked for is not known");
  }
  return {};
}

Status CheckRelayedHead(const ResponseHead& head) {
  if (!head.headers.IsSound()) return Wrong("a header field is not valid");
  if (RelaySize(head) > kMaxRelayHead) return Wrong("the head is too large");
  if ((head.status < 200 && head.status != 101) || head.status > 599) {
    return Wrong("the status is not one of a response");
  }
  if (!IsFieldValue(head.reason)) return Wrong("the reason is not valid");
  if (head.body_size < -1) return Wrong("the size of the body is negative");
  return {};
}

Status CheckError(const RelayError& error) {
  if (error.code > static_cast<uint8_t>(ErrorCode::kInternal)) {
    return Wrong("the code of an error is not known");
  }
  return {};
}

// What can be said of a message without knowing its exchange.
struct Checker {
  Status operator()(const RelayStart& m) const {
    return CheckRelayedHead(m.head);
  }
  Status operator()(const RelayRequestBody& m) const {
    return CheckPiece(m.bytes);
  }
  Status operator()(const RelayRequestEnd&) const { return {}; }
  Status operator()(const RelayResponseCredit& m) const {
    return CheckCredit(m.bytes);
  }
  Status operator()(const RelayCancel& m) const { return CheckError(m.why); }
  Status operator()(const RelayGrantRequestBody& m) const {
    return CheckCredit(m.bytes);
  }
  Status operator()(const RelayRespond& m) const {
    if (m.body.size() > kMaxRelayPiece) return Wrong("a piece is too large");
    return CheckRelayedHead(m.head);
  }
  Status operator()(const RelayRespondStart& m) const {
    return CheckRelayedHead(m.head);
  }
  Status operator()(const RelayRespondBody& m) const {
    return CheckPiece(m.bytes);
  }
  Status operator()(const RelayRespondEnd&) const { return {}; }
  Status operator()(const RelayRespondAbort& m) const {
    return CheckError(m.why);
  }
};

template <size_t kIndex>
Result<RelayMessage> DecodeKind(std::string_view bytes) {
  using Kind = std::variant_alternative_t<kIndex, RelayMessage>;
  CARAVEL_TRY(Kind message, base::Decode<Kind>(bytes));
  CARAVEL_TRY(Checker()(message));
  return RelayMessage(std::move(message));
}

template <size_t... kIndexes>
constexpr auto MakeDecoders(std::index_sequence<kIndexes...>) {
  return std::array{&DecodeKind<kIndexes>...};
}

}  // namespace

std::string EncodeRelayMessage(const RelayMessage& message) {
  base::Encoder encoder;
  encoder.Put(static_cast<uint8_t>(message.index()));
  std::visit([&](const auto& kind) { encoder.Put(kind); }, message);
  return encoder.Take();
}

Result<RelayMessage> DecodeRelayMessage(std::string_view bytes) {
  static constexpr auto kDecoders = MakeDecoders(
      std::make_index_sequence<std::variant_size_v<RelayMessage>>());
  if (bytes.empty()) return Wrong("it is empty");
  const auto kind = static_cast<unsigned char>(bytes.front());
  if (kind >= kDecoders.size()) return Wrong("its kind is not known");
  return kDecoders[kind](bytes.substr(1));
}

RelayError ToRelayError(const Error& error) {
  return {static_cast<uint8_t>(error.code()), error.message(), error.remedy()};
}

Error FromRelayError(const RelayError& error) {
  CARAVEL_CHECK(error.code <= static_cast<uint8_t>(ErrorCode::kInternal));
  return Error(static_cast<ErrorCode>(error.code), error.message)
      .Remedy(error.remedy);
}

size_t RelaySize(const RequestHead& head) {
  return HeadersSize(head.headers) + head.method.size() + head.target.size() +
         head.authority.size() + head.service.size();
}

size_t RelaySize(const ResponseHead& head) {
  return HeadersSize(head.headers) + head.reason.size();
}

}  // namespace caravel::net
