#include "net/websocket_frame.h"

#include <gtest/gtest.h>

namespace caravel::net {
namespace {

using HeadOutcome = WebSocketHeadRead::Outcome;

TEST(WebSocketFrameTest, HeadsOfEachLengthAreReadAsWritten) {
  for (const uint64_t size : {0ULL, 125ULL, 126ULL, 0xFFFFULL, 0x1'0000ULL,
                              0x7FFF'FFFF'FFFF'FFFFULL}) {
    for (const bool masked : {false, true}) {
      const WebSocketFrameHead written = {
          WebSocketOpcode::kBinary, false, true, masked, {1, 2, 3, 4}, size};
      std::string bytes;
      WriteWebSocketHead(written, bytes);
      ASSERT_LE(bytes.size(), kMostWebSocketHeadBytes);
      WebSocketFrameHead read;
      for (size_t part = 0; part < bytes.size(); ++part) {
        EXPECT_EQ(
            ReadWebSocketHead(std::string_view(bytes).substr(0, part), read)
                .outcome,
            HeadOutcome::kIncomplete);
      }
      const WebSocketHeadRead result = ReadWebSocketHead(bytes, read);
      ASSERT_EQ(result.outcome, HeadOutcome::kComplete);
      EXPECT_EQ(result.size, bytes.size());
      EXPECT_EQ(read.size, size);
      EXPECT_EQ(read.opcode, WebSocketOpcode::kBinary);
      EXPECT_FALSE(read.fin);
      EXPECT_TRUE(read.compressed);
      EXPECT_EQ(read.masked, masked);
      if (masked) {
        EXPECT_EQ(read.mask, written.mask);
      }
    }
  }
}

TEST(WebSocketFrameTest, HeadsThatBreakSection5_2AreRefused) {
  using namespace std::string_view_literals;
  const struct {
    std::string_view bytes;
    std::string_view what;
  } kCases[] = {
      {"\xA1"sv, "a reserved bit is set"},
      {"\x91"sv, "a reserved bit is set"},
      {"\x83"sv, "the opcode is reserved"},
      {"\x87"sv, "the opcode is reserved"},
      {"\x8B"sv, "the opcode is reserved"},
      {"\x8F"sv, "the opcode is reserved"},
      {"\x82\x7E\x00\x7D"sv,
       "the length is written with more bytes than it needs"},
      {"\x82\x7F\x00\x00\x00\x00\x00\x00\xFF\xFF"sv,
       "the length is written with more bytes than it needs"},
      {"\x82\x7F\x80\x00\x00\x00\x00\x00\x00\x00"sv,
       "the length is above 2^63"},
  };
  for (const auto& one : kCases) {
    WebSocketFrameHead head;
    const WebSocketHeadRead result = ReadWebSocketHead(one.bytes, head);
    EXPECT_EQ(result.outcome, HeadOutcome::kRefused) << one.what;
    EXPECT_EQ(result.what, one.what);
  }
}

TEST(WebSocketFrameTest, MaskingInPiecesIsMaskingAsAWhole) {
  const WebSocketMask mask = {0x01, 0x20, 0x03, 0x40};
  const std::string text = "a payload that is longer than eight bytes";
  std::string whole = text;
  MaskWebSocket(mask, 0, whole.data(), whole.size());
  EXPECT_EQ(whole[0], 'a' ^ 0x01);
  EXPECT_EQ(whole[5], text[5] ^ 0x20);
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    std::string pieces = text;
    MaskWebSocket(mask, 0, pieces.data(), cut);
    MaskWebSocket(mask, cut, pieces.data() + cut, pieces.size() - cut);
    EXPECT_EQ(pieces, whole) << cut;
  }
}

TEST(WebSocketFrameTest, CodesOfCloseFramesAreThoseOfSection7_4) {
  for (const int good : {1000, 1003, 1007, 1011, 1014, 3000, 4999}) {
    EXPECT_TRUE(IsWebSocketCloseCode(static_cast<uint16_t>(good))) << good;
  }
  for (const int bad : {0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535}) {
    EXPECT_FALSE(IsWebSocketCloseCode(static_cast<uint16_t>(bad))) << bad;
  }
}

}  // namespace
}  // namespace caravel::net
