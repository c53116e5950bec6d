#include "net/websocket_deflate.h"

#include <gmock/gmock.h>

#include "base/random.h"
#include "net/websocket_session.h"
#include "net/websocket_test_support.h"

namespace caravel::net {
namespace {

using testing::ElementsAre;
using InflateOutcome = WebSocketInflater::Outcome;

std::string Inflate(WebSocketInflater& inflater, std::string_view payload) {
  std::string out;
  EXPECT_EQ(inflater.Take(payload, 1'000'000, out), InflateOutcome::kOk);
  EXPECT_EQ(inflater.End(1'000'000, out), InflateOutcome::kOk);
  return out;
}

std::string Deflate(WebSocketDeflater& deflater, std::string_view message) {
  std::string out;
  EXPECT_TRUE(deflater.Run(message, out));
  return out;
}

TEST(WebSocketDeflateTest, TheExamplesOfSection7_2_3AreRead) {
  const std::string_view kPayloads[] = {
      {"\xF2\x48\xCD\xC9\xC9\x07\x00", 7},                   // one block
      {"\x00\x05\x00\xFA\xFF\x48\x65\x6C\x6C\x6F\x00", 11},  // not compressed
      {"\xF3\x48\xCD\xC9\xC9\x07\x00\x00", 8},               // BFINAL is set
      {"\xF2\x48\x05\x00\x00\x00\xFF\xFF\xCA\xC9\xC9\x07\x00", 13},  // two
  };
  for (const std::string_view payload : kPayloads) {
    WebSocketInflater inflater(true);
    EXPECT_EQ(Inflate(inflater, payload), "Hello");
    EXPECT_EQ(Inflate(inflater, kPayloads[0]), "Hello");
  }
  WebSocketInflater inflater(true);
  EXPECT_EQ(Inflate(inflater, kPayloads[0]), "Hello");
  // The second message refers to the first (7.2.3.2).
  EXPECT_EQ(Inflate(inflater, {"\xF2\x00\x11\x00\x00", 5}), "Hello");
}

// A peer that agreed on 512 bytes of window may refer to more: what is taken of
// it must not depend on how its bytes are cut.
TEST(WebSocketDeflateTest, FarReferencesAreTakenByteByByte) {
  std::string noise(1000, '\0');
  base::FillRandom(noise.data(), noise.size());
  WebSocketDeflater deflater(15, true);
  WebSocketInflater inflater(true);
  std::string out;
  for (const char byte : Deflate(deflater, noise + noise)) {
    ASSERT_EQ(inflater.Take({&byte, 1}, 1'000'000, out), InflateOutcome::kOk);
  }
  EXPECT_EQ(inflater.End(1'000'000, out), InflateOutcome::kOk);
  EXPECT_EQ(out, noise + noise);
}

TEST(WebSocketDeflateTest, EachWindowGoesBothWays) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * i % 1009);
  std::string noise(50'000, '\0');
  base::FillRandom(noise.data(), noise.size());
  for (uint8_t bits = 9; bits <= 15; ++bits) {
    for (const bool takeover : {false, true}) {
      WebSocketDeflater deflater(bits, takeover);
      WebSocketInflater inflater(takeover);
      for (const std::string& message : {text, noise, std::string(), text}) {
        EXPECT_EQ(Inflate(inflater, Deflate(deflater, message)), message);
      }
    }
  }
}

TEST(WebSocketDeflateTest, WithTakeoverASecondMessageIsShorter) {
  const std::string message = base::RandomHex(300);
  WebSocketDeflater with(15, true);
  const size_t first = Deflate(with, message).size();
  EXPECT_LT(Deflate(with, message).size(), first / 4);
  WebSocketDeflater without(15, false);
  const std::string once = Deflate(without, message);
  EXPECT_EQ(Deflate(without, message), once);
}

TEST(WebSocketDeflateTest, WhatWouldGrowBeyondTheBoundIsStopped) {
  WebSocketDeflater deflater(15, true);
  const std::string bomb = Deflate(deflater, std::string(10'000'000, 'a'));
  EXPECT_LT(bomb.size(), 20'000U);
  WebSocketInflater inflater(true);
  std::string out;
  EXPECT_EQ(inflater.Take(bomb, 100'000, out), InflateOutcome::kTooBig);
  EXPECT_LE(out.size(), 100'000U);
}

TEST(WebSocketDeflateTest, DamagedDataIsRefused) {
  WebSocketInflater inflater(true);
  std::string out;
  EXPECT_EQ(inflater.Take("\xFF\xFF\xFF", 1000, out), InflateOutcome::kDamaged);
  EXPECT_EQ(inflater.Take("\xF2", 1000, out), InflateOutcome::kDamaged);
}

TEST(WebSocketDeflateTest, SessionsAgreeWithAndWithoutCompression) {
  const std::string text(5'000, 't');
  WebSocketSession client(WebSocketRole::kClient, WebSocketDeflateParameters());
  WebSocketSession server(WebSocketRole::kServer, WebSocketDeflateParameters());
  client.Send(true, text);
  client.Send(true, "short: as it is");
  client.Send(false, text);
  const std::string bytes = TakeOutput(client);
  EXPECT_LT(bytes.size(), 300U);
  EXPECT_THAT(
      ReceiveInPieces(server, bytes),
      ElementsAre("text:" + text, "text:short: as it is", "binary:" + text));
  server.Send(true, text);
  EXPECT_THAT(Receive(client, TakeOutput(server)), ElementsAre("text:" + text));
  EXPECT_GT(server.memory_bytes(), 64U * 1024);
}

TEST(WebSocketDeflateTest, ACompressedMessageMayBeFragmentedAndIsBounded) {
  WebSocketSession server(WebSocketRole::kServer, WebSocketDeflateParameters(),
                          1000);
  const std::string hello("\xF2\x48\xCD\xC9\xC9\x07\x00", 7);
  EXPECT_THAT(
      Receive(server, Write(std::vector<TestFrame>{{0x41, hello.substr(0, 3)},
                                                   {0x89, "p"},
                                                   {0x80, hello.substr(3)}})),
      ElementsAre("text:Hello"));
  // RSV1 belongs to the first fragment (RFC 7692, 6.1).
  WebSocketSession strict(WebSocketRole::kServer, WebSocketDeflateParameters());
  EXPECT_THAT(
      Receive(strict, Write(std::vector<TestFrame>{{0x41, hello.substr(0, 3)},
                                                   {0xC0, hello.substr(3)}})),
      ElementsAre("failed:1002:a reserved bit is set"));
  WebSocketDeflater deflater(15, true);
  EXPECT_THAT(
      Receive(server, Write({0xC2, Deflate(deflater, std::string(2000, 'b'))})),
      ElementsAre("failed:1009:the message is too big"));
}

TEST(WebSocketDeflateTest, WhatOneReadInflatesIsBoundedByTheRoomThatIsLeft) {
  WebSocketDeflater deflater(15, true);
  const std::string bytes =
      Write({0xC2, Deflate(deflater, std::string(60'000, 'b'))}) +
      Write({0xC2, Deflate(deflater, std::string(50'000, 'b'))});
  for (const size_t room : {60'000U, 109'999U, 110'000U}) {
    WebSocketSession server(WebSocketRole::kServer,
                            WebSocketDeflateParameters());
    std::vector<WebSocketEvent> events;
    EXPECT_EQ(server.Receive(bytes, events, SIZE_MAX, room), bytes.size());
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].bytes.size(), 60'000U);
    EXPECT_EQ(ToText(events[1]),
              room < 110'000 ? "failed:1013:more arrived than there is room for"
                             : "binary:" + std::string(50'000, 'b'));
  }
}

TEST(WebSocketDeflateTest, CompressedTextMustBeUtf8) {
  WebSocketDeflater deflater(15, true);
  WebSocketSession server(WebSocketRole::kServer, WebSocketDeflateParameters());
  EXPECT_THAT(Receive(server, Write({0xC1, Deflate(deflater, "\xC3(")})),
              ElementsAre("failed:1007:a text is not UTF-8"));
  WebSocketSession other(WebSocketRole::kServer, WebSocketDeflateParameters());
  EXPECT_THAT(Receive(other, Write({0xC1, "\xFF\xFF\xFF"})),
              ElementsAre("failed:1007:compressed data is damaged"));
}

}  // namespace
}  // namespace caravel::net
