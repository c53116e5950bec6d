#include "net/websocket_session.h"

#include <gmock/gmock.h>

#include "net/websocket_test_support.h"

namespace caravel::net {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto kServer = WebSocketRole::kServer;
constexpr auto kClient = WebSocketRole::kClient;

TEST(WebSocketSessionTest, MessagesArriveHoweverTheyAreCut) {
  const std::string bytes = Write(std::vector<TestFrame>{
      {0x81, "hello"},
      {0x01, "frag"},
      {0x89, "ping"},  // between fragments (RFC 6455, 5.4)
      {0x00, ""},
      {0x80, "ments"},
      {0x82, std::string(70'000, 'b')},
      {0x81, ""},
      {0x8A, "a pong that nobody asked for"}});
  const std::vector<std::string> expected = {
      "text:hello", "text:fragments", "binary:" + std::string(70'000, 'b'),
      "text:"};
  WebSocketSession whole(kServer, std::nullopt);
  EXPECT_EQ(Receive(whole, bytes), expected);
  EXPECT_EQ(TakeOutput(whole), Write({0x8A, "ping", false}));
  WebSocketSession pieces(kServer, std::nullopt);
  EXPECT_EQ(ReceiveInPieces(pieces, bytes), expected);
  EXPECT_EQ(TakeOutput(pieces), Write({0x8A, "ping", false}));
}

TEST(WebSocketSessionTest, AClientMasksAndAServerDoesNot) {
  WebSocketSession client(kClient, std::nullopt);
  WebSocketSession server(kServer, std::nullopt);
  client.Send(true, "to the server");
  client.Send(false, std::string(100'000, 'x'));
  const std::string masked = TakeOutput(client);
  EXPECT_EQ(masked.find("server"), std::string::npos);
  EXPECT_THAT(
      Receive(server, masked),
      ElementsAre("text:to the server", "binary:" + std::string(100'000, 'x')));
  server.Send(true, "to the client");
  EXPECT_THAT(Receive(client, TakeOutput(server)),
              ElementsAre("text:to the client"));
}

struct WrongFrame {
  std::vector<TestFrame> frames;
  std::string_view told;
};

TEST(WebSocketSessionTest, APeerThatBreaksARuleIsToldSoAndNotReadOn) {
  const WrongFrame kCases[] = {
      {{{0x81, "a", false}}, "failed:1002:a frame from a client is not masked"},
      {{{0xC1, "a"}}, "failed:1002:a reserved bit is set"},
      {{{0x83, "a"}}, "failed:1002:the opcode is reserved"},
      {{{0x09, "a"}}, "failed:1002:a control frame is fragmented"},
      {{{0x89, std::string(126, 'p')}},
       "failed:1002:a control frame is too long"},
      {{{0x80, "a"}}, "failed:1002:there is no message to continue"},
      {{{0x01, "a"}, {0x81, "b"}},
       "failed:1002:a message begins within another"},
      {{{0x88, "\x03"}}, "failed:1002:a Close frame has half a code"},
      {{{0x88, "\x03\xED"}}, "failed:1002:a Close frame has a wrong code"},
      {{{0x88, "\x03\xE8\xC3"}},
       "failed:1007:the reason of a Close is not UTF-8"},
      {{{0x81, "\xCE\xBA\xED\xA0\x80"}}, "failed:1007:a text is not UTF-8"},
      {{{0x01, "\xCE"}, {0x80, ""}}, "failed:1007:a text is not UTF-8"},
      {{{0x82, std::string(1001, 'l')}}, "failed:1009:the message is too big"},
      {{{0x02, std::string(600, 'l')}, {0x80, std::string(600, 'l')}},
       "failed:1009:the message is too big"},
  };
  for (const WrongFrame& wrong : kCases) {
    WebSocketSession session(kServer, std::nullopt, 1000);
    EXPECT_THAT(Receive(session, Write(wrong.frames) + Write({0x81, "more"})),
                ElementsAre(wrong.told));
    EXPECT_TRUE(session.over());
    EXPECT_EQ(static_cast<uint8_t>(TakeOutput(session)[0]), 0x88);
    session.Send(true, "after");
    EXPECT_FALSE(session.HasOutput());
  }
}

TEST(WebSocketSessionTest, AMaskedFrameFromAServerIsRefused) {
  WebSocketSession client(kClient, std::nullopt);
  EXPECT_THAT(Receive(client, Write({0x81, "a", true})),
              ElementsAre("failed:1002:a frame from a server is masked"));
}

TEST(WebSocketSessionTest, ATextIsRefusedAtTheByteThatSpoilsIt) {
  WebSocketSession session(kServer, std::nullopt);
  const std::string begun =
      Write({0x81, std::string("\xF4\x90", 2) + std::string(100, 'a')});
  EXPECT_THAT(Receive(session, begun.substr(0, 8)),
              ElementsAre("failed:1007:a text is not UTF-8"));
}

TEST(WebSocketSessionTest, ClosingTakesAFrameFromEachSide) {
  WebSocketSession client(kClient, std::nullopt);
  WebSocketSession server(kServer, std::nullopt);
  client.Close(1000, "bye");
  client.Send(true, "too late");
  client.Close(1001, "again");
  EXPECT_THAT(Receive(server, TakeOutput(client)),
              ElementsAre("close:1000:bye"));
  EXPECT_TRUE(server.close_received());
  EXPECT_FALSE(server.over());
  server.Send(true, "a last word");  // 5.5.1 lets it finish
  server.Close(1000, "");
  EXPECT_TRUE(server.over());
  EXPECT_THAT(Receive(client, TakeOutput(server)),
              ElementsAre("text:a last word", "close:1000:"));
  EXPECT_TRUE(client.over());
}

TEST(WebSocketSessionTest, AClosingFrameMayBeEmptyAndItsReasonIsCut) {
  WebSocketSession client(kClient, std::nullopt);
  WebSocketSession server(kServer, std::nullopt);
  client.Close(std::nullopt, "nowhere to put it");
  EXPECT_THAT(Receive(server, TakeOutput(client)), ElementsAre("close:1005:"));
  std::string reason(122, 'r');
  server.Close(4000, reason + "\xC3\xA9");  // 124 bytes: the character goes
  EXPECT_THAT(Receive(client, TakeOutput(server)),
              ElementsAre("close:4000:" + reason));
}

TEST(WebSocketSessionTest, ReadingStopsBehindAMessageThatIsEnough) {
  const std::string first = Write({0x82, std::string(500, 'a')});
  const std::string bytes =
      Write({0x81, "short"}) + first + Write({0x81, "later"});
  const size_t size = Write({0x81, "short"}).size() + first.size();
  WebSocketSession session(kServer, std::nullopt);
  std::vector<WebSocketEvent> events;
  EXPECT_EQ(session.Receive(bytes, events, 100), size);
  EXPECT_EQ(events.size(), 2U);
  EXPECT_EQ(session.Receive(std::string_view(bytes).substr(size), events, 0),
            0U);
  EXPECT_THAT(Receive(session, std::string_view(bytes).substr(size)),
              ElementsAre("text:later"));
}

TEST(WebSocketSessionTest, MessagesThatNobodyTakesArePassedOver) {
  WebSocketSession session(kServer, WebSocketDeflateParameters(), 1000);
  EXPECT_THAT(Receive(session, Write({0x02, std::string(900, 'b')})),
              IsEmpty());
  session.DropMessages();
  EXPECT_EQ(session.message_bytes(), std::string().capacity());
  const std::string rest =
      Write(std::vector<TestFrame>{{0x80, std::string(900, 'b')},
                                   {0x82, std::string(5000, 'b')},
                                   {0xC1, "\xFF\xFF\xFF"},  // would be damaged
                                   {0x88, "\x03\xE8"}});
  EXPECT_THAT(Receive(session, rest), ElementsAre("close:1000:"));
}

TEST(WebSocketSessionTest, PingsFasterThanTheyAreReadGetTheLatestPong) {
  WebSocketSession server(kServer, std::nullopt);
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_THAT(Receive(server, Write({0x89, std::to_string(i)})), IsEmpty());
  }
  EXPECT_LT(server.Output().size(), 100U * 1024);
  const std::string pongs = TakeOutput(server);
  EXPECT_TRUE(pongs.ends_with(Write({0x8A, "9999", false})));
  EXPECT_TRUE(pongs.starts_with(Write({0x8A, "0", false})));
}

}  // namespace
}  // namespace caravel::net
