#include "net/relay_message.h"

#include <gtest/gtest.h>

namespace caravel::net {
namespace {

constexpr RelayId kId{7};

RequestHead GoodRequest() {
  RequestHead head;
  head.method = "GET";
  head.scheme = "https";
  head.authority = "a.example";
  head.target = "/";
  head.http = "HTTP/1.1";
  return head;
}

ResponseHead GoodResponse() {
  ResponseHead head;
  head.headers.Add("X-A", "1");
  return head;
}

// What a peer that does not keep to the rules could send.
std::string Refusal(const RelayMessage& message) {
  const auto decoded = DecodeRelayMessage(EncodeRelayMessage(message));
  return decoded.has_value() ? "" : decoded.error().message();
}

TEST(RelayMessageTest, EachKindComesBackAsItWas) {
  const Error error =
      Error(ErrorCode::kLimit, "too much").Remedy("take less of it");
  const RelayMessage messages[] = {
      RelayStart{kId, GoodRequest()},
      RelayRequestBody{kId, "body"},
      RelayRequestEnd{kId},
      RelayResponseCredit{kId, 1'000'000},
      RelayCancel{kId, ToRelayError(error)},
      RelayGrantRequestBody{kId, 1},
      RelayRespond{kId, GoodResponse(), ""},
      RelayRespondStart{kId, GoodResponse()},
      RelayRespondBody{kId, std::string(kMaxRelayPiece, 'x')},
      RelayRespondEnd{kId},
      RelayRespondAbort{kId, ToRelayError(error)},
  };
  static_assert(std::size(messages) == std::variant_size_v<RelayMessage>);
  for (const RelayMessage& message : messages) {
    const std::string bytes = EncodeRelayMessage(message);
    const auto decoded = DecodeRelayMessage(bytes);
    ASSERT_TRUE(decoded) << decoded.error().message();
    EXPECT_EQ(decoded->index(), message.index());
    EXPECT_EQ(EncodeRelayMessage(*decoded), bytes);
  }
}

TEST(RelayMessageTest, AnErrorKeepsItsCodeAndItsRemedy) {
  const Error error = FromRelayError(
      ToRelayError(Error(ErrorCode::kDenied, "no").Remedy("ask")));
  EXPECT_EQ(error.code(), ErrorCode::kDenied);
  EXPECT_EQ(error.ToText(), "no\nask");
}

TEST(RelayMessageTest, BytesThatAreNoMessageAreRefused) {
  EXPECT_FALSE(DecodeRelayMessage(""));
  EXPECT_FALSE(DecodeRelayMessage("\x0B"));
  EXPECT_FALSE(DecodeRelayMessage("\xFF"));
  std::string bytes = EncodeRelayMessage(RelayRequestEnd{kId});
  EXPECT_FALSE(DecodeRelayMessage(bytes + "x"));
  bytes = EncodeRelayMessage(RelayRespond{kId, GoodResponse(), "body"});
  EXPECT_FALSE(DecodeRelayMessage(bytes.substr(0, bytes.size() - 1)));
}

TEST(RelayMessageTest, ARequestHeadThatCouldNotBeWrittenIsRefused) {
  using Change = void (*)(RequestHead&);
  const Change kChanges[] = {
      [](RequestHead& head) { head.method = ""; },
      [](RequestHead& head) { head.method = "GET /x"; },
      [](RequestHead& head) { head.scheme = "file"; },
      [](RequestHead& head) { head.authority = "a\r\nX: y"; },
      [](RequestHead& head) { head.target = ""; },
      [](RequestHead& head) { head.target = "x"; },
      [](RequestHead& head) { head.target = "/ HTTP/1.1\r\n"; },
      [](RequestHead& head) { head.client = "\n"; },
      [](RequestHead& head) { head.tls = "\n"; },
      [](RequestHead& head) { head.http = "\n"; },
      [](RequestHead& head) { head.body_size = -2; },
      [](RequestHead& head) { head.headers.Add("X", "y\r\nZ: w"); },
      [](RequestHead& head) { head.headers.Add("X Y", "z"); },
      [](RequestHead& head) {
        head.headers.Add("X", std::string(kMaxRelayHead, 'y'));
      },
  };
  EXPECT_EQ(Refusal(RelayStart{kId, GoodRequest()}), "");
  for (const Change change : kChanges) {
    RequestHead head = GoodRequest();
    change(head);
    EXPECT_NE(Refusal(RelayStart{kId, head}), "")
        << (&change - std::begin(kChanges));
  }
}

TEST(RelayMessageTest, AResponseHeadThatCouldNotBeWrittenIsRefused) {
  using Change = void (*)(ResponseHead&);
  const Change kChanges[] = {
      [](ResponseHead& head) { head.status = 199; },
      [](ResponseHead& head) { head.status = 600; },
      [](ResponseHead& head) { head.reason = "OK\r\nX: y"; },
      [](ResponseHead& head) { head.body_size = -2; },
      [](ResponseHead& head) { head.headers.Add("", "y"); },
  };
  EXPECT_EQ(Refusal(RelayRespondStart{kId, GoodResponse()}), "");
  for (const Change change : kChanges) {
    ResponseHead head = GoodResponse();
    change(head);
    EXPECT_NE(Refusal(RelayRespondStart{kId, head}), "");
    EXPECT_NE(Refusal(RelayRespond{kId, head, ""}), "");
  }
}

TEST(RelayMessageTest, PiecesGrantsAndErrorsAreHeldToTheirLimits) {
  const std::string large(kMaxRelayPiece + 1, 'x');
  EXPECT_NE(Refusal(RelayRequestBody{kId, large}), "");
  EXPECT_NE(Refusal(RelayRespondBody{kId, large}), "");
  EXPECT_NE(Refusal(RelayRespond{kId, GoodResponse(), large}), "");
  EXPECT_NE(Refusal(RelayRequestBody{kId, ""}), "");
  EXPECT_NE(Refusal(RelayRespondBody{kId, ""}), "");
  EXPECT_NE(Refusal(RelayGrantRequestBody{kId, 0}), "");
  EXPECT_NE(Refusal(RelayResponseCredit{kId, 0}), "");
  EXPECT_NE(Refusal(RelayCancel{kId, {8, "", ""}}), "");
  EXPECT_NE(Refusal(RelayRespondAbort{kId, {255, "", ""}}), "");
}

}  // namespace
}  // namespace caravel::net
