#include "net/websocket_handshake.h"

#include <gmock/gmock.h>

namespace caravel::net {
namespace {

// The example of RFC 6455, section 1.3.
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

Headers Request(std::string_view version, std::string_view key,
                std::string_view extensions = "") {
  Headers headers;
  headers.Add("Sec-WebSocket-Version", version);
  headers.Add("Sec-WebSocket-Key", key);
  if (!extensions.empty()) headers.Add("Sec-WebSocket-Extensions", extensions);
  return headers;
}

std::string Chosen(std::string_view offers) {
  const Headers request = Request("13", kKey, offers);
  Headers answer;
  AddWebSocketAnswer(request, ChooseWebSocketDeflate(request), answer);
  return std::string(answer.Find("sec-websocket-extensions").value_or("none"));
}

TEST(WebSocketHandshakeTest, ARequestNeedsVersionAndKey) {
  EXPECT_FALSE(CheckWebSocketRequest(Request("13", kKey)).has_value());
  EXPECT_EQ(CheckWebSocketRequest(Request("12", kKey))->status, 426);
  EXPECT_EQ(CheckWebSocketRequest(Headers())->status, 426);
  for (const std::string_view key :
       {"", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=a",
        "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBu!25jZQ==",
        "AAAAdGhlIHNhbXBsZSBub25jZQ=="}) {
    const auto refusal = CheckWebSocketRequest(Request("13", key));
    ASSERT_TRUE(refusal.has_value()) << key;
    EXPECT_EQ(refusal->status, 400);
    EXPECT_EQ(refusal->why.message(),
              "Sec-WebSocket-Key of the request is not 16 bytes in base64");
  }
}

TEST(WebSocketHandshakeTest, TheAnswerProvesThatTheKeyWasRead) {
  Headers answer;
  AddWebSocketAnswer(Request("13", kKey), std::nullopt, answer);
  EXPECT_EQ(answer.Find("sec-websocket-accept"), kAccept);
  EXPECT_FALSE(answer.Find("sec-websocket-extensions").has_value());
}

TEST(WebSocketHandshakeTest, TheFirstOfferThatCanBeHadIsTaken) {
  EXPECT_EQ(Chosen(""), "none");
  EXPECT_EQ(Chosen("permessage-deflate"), "permessage-deflate");
  EXPECT_EQ(Chosen("x-other, permessage-deflate; client_max_window_bits"),
            "permessage-deflate");
  EXPECT_EQ(Chosen("permessage-deflate; client_max_window_bits=10; "
                   "server_max_window_bits=\"9\"; server_no_context_takeover; "
                   "client_no_context_takeover"),
            "permessage-deflate; server_no_context_takeover; "
            "client_no_context_takeover; server_max_window_bits=9; "
            "client_max_window_bits=10");
  EXPECT_EQ(Chosen("permessage-deflate; server_max_window_bits=8, "
                   "permessage-deflate; server_max_window_bits=12"),
            "permessage-deflate; server_max_window_bits=12");
}

TEST(WebSocketHandshakeTest, OffersThatSection7_1DoesNotAllowAreDeclined) {
  for (const std::string_view offer :
       {"permessage-deflate; unknown", "permessage-deflate; unknown=1",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; server_no_context_takeover; "
        "server_no_context_takeover",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=09",
        "permessage-deflate; client_max_window_bits=",
        "permessage-deflate; client_max_window_bits; client_max_window_bits",
        "permessage-deflate-2"}) {
    EXPECT_EQ(Chosen(offer), "none") << offer;
  }
}

TEST(WebSocketHandshakeTest, AClientAcceptsOnlyWhatItAskedFor) {
  const std::string key = MakeWebSocketKey();
  EXPECT_NE(key, MakeWebSocketKey());
  Headers request;
  AddWebSocketRequest(key, true, request);
  EXPECT_FALSE(CheckWebSocketRequest(request).has_value());
  Headers answer;
  AddWebSocketAnswer(request, ChooseWebSocketDeflate(request), answer);
  EXPECT_TRUE(ReadWebSocketAnswer(answer, key, true)->has_value());
  EXPECT_EQ(ReadWebSocketAnswer(answer, key, false).error().message(),
            "the server chose \"permessage-deflate\" of extensions, which was "
            "not offered");
  EXPECT_EQ(ReadWebSocketAnswer(answer, kKey, true).error().message(),
            "the server's Sec-WebSocket-Accept does not fit the key");

  Headers plain;
  AddWebSocketAnswer(request, std::nullopt, plain);
  EXPECT_FALSE(ReadWebSocketAnswer(plain, key, true)->has_value());
  for (const std::string_view wrong :
       {"permessage-deflate, permessage-deflate", "x-other",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; client_max_window_bits=8"}) {
    Headers bad = plain;
    bad.Add("sec-websocket-extensions", wrong);
    EXPECT_FALSE(ReadWebSocketAnswer(bad, key, true).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace caravel::net
