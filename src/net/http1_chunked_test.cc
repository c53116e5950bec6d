#include "net/http1_chunked.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace caravel::net {
namespace {

using ChunkOutcome = ChunkedDecoder::Outcome;

constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();

struct Decoded {
  ChunkOutcome outcome = ChunkOutcome::kMore;
  std::string body;
  std::string rest;  // what is behind the end
  std::string what;
};

// Decodes `text` as if it came in pieces of `piece` bytes.
Decoded Decode(std::string_view text, size_t piece = 1'000'000) {
  ChunkedDecoder decoder;
  Decoded result;
  std::string waiting;
  while (result.outcome == ChunkOutcome::kMore) {
    if (text.empty() && waiting.empty()) return result;
    waiting += text.substr(0, piece);
    text.remove_prefix(std::min(piece, text.size()));
    const ChunkedDecoder::Step step =
        decoder.Decode(waiting.data(), waiting.size(), kNoLimit);
    result.outcome = step.outcome;
    result.body += step.body;
    waiting.erase(0, step.consumed);
  }
  result.rest = waiting + std::string(text);
  result.what = decoder.what();
  return result;
}

TEST(ChunkedDecoderTest, ABodyInAnyPiecesIsTheSame) {
  constexpr std::string_view kText =
      "5\r\nhello\r\n1 ; a=\"b\"\r\n,\r\n0A;x\r\n worldwide\r\n"
      "000\r\nX-Trailer: t\r\nY:\r\n\r\nGET / HTTP/1.1";
  for (size_t piece = 1; piece <= kText.size(); ++piece) {
    const Decoded decoded = Decode(kText, piece);
    EXPECT_EQ(decoded.outcome, ChunkOutcome::kDone) << piece << decoded.what;
    EXPECT_EQ(decoded.body, "hello, worldwide");
    EXPECT_EQ(decoded.rest, "GET / HTTP/1.1");
  }
}

TEST(ChunkedDecoderTest, ManySmallChunksComeOutAsOnePiece) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "1\r\nx\r\n";
  ChunkedDecoder decoder;
  const auto step = decoder.Decode(text.data(), text.size(), kNoLimit);
  EXPECT_EQ(step.body, std::string(100, 'x'));
  EXPECT_EQ(step.consumed, text.size());
}

TEST(ChunkedDecoderTest, NoMoreThanTheLimitIsTaken) {
  std::string text = "4\r\nabcd\r\n4\r\nefgh\r\n0\r\n\r\n";
  ChunkedDecoder decoder;
  size_t begin = 0;
  const auto decode = [&](uint64_t limit) {
    const auto step =
        decoder.Decode(text.data() + begin, text.size() - begin, limit);
    begin += step.consumed;
    return step;
  };
  EXPECT_EQ(decode(0).body, "");
  EXPECT_EQ(decode(6).body, "abcdef");
  EXPECT_EQ(decode(1).body, "g");
  const auto last = decode(5);
  EXPECT_EQ(last.body, "h");
  EXPECT_EQ(last.outcome, ChunkOutcome::kDone);
}

TEST(ChunkedDecoderTest, TheEndNeedsNoLimit) {
  std::string text = "0\r\n\r\n";
  ChunkedDecoder decoder;
  EXPECT_EQ(decoder.Decode(text.data(), text.size(), 0).outcome,
            ChunkOutcome::kDone);
}

TEST(ChunkedDecoderTest, WhatIsNotWrittenToTheLetterIsRefused) {
  const std::string long_text(9'000, 'a');
  const std::string cases[] = {
      "\r\n",
      "g\r\n",
      "-1\r\n",
      "+1\r\n",
      "0x1\r\n",
      " 1\r\nx\r\n",
      "1 \r\nx\r\n",
      "1\nx\r\n",
      "1\rx",
      "1\r\nxx\r\n",
      "1\r\nx\n",
      "1\r\nx\rx",
      "1,1\r\nx\r\n",
      "1;a\nb\r\n",
      std::string("1;a\0b\r\n", 7),
      "1;" + long_text + "\r\n",
      "1000000000000000\r\n",
      "ffffffffffffffff\r\n",
      "0000000000000000000000001000000000000000\r\n",
      "0\r\n\n",
      "0\r\n\rx",
      "0\r\n folded\r\n\r\n",
      "0\r\nNo-Colon\r\n\r\n",
      "0\r\nSpace : x\r\n\r\n",
      "0\r\n: x\r\n\r\n",
      "0\r\nX: a\nb\r\n\r\n",
      "0\r\nX: a\rb\r\n\r\n",
      "0\r\nX: " + long_text + "\r\n\r\n",
  };
  for (const std::string& text : cases) {
    for (const size_t piece : {size_t{1}, text.size()}) {
      const Decoded decoded = Decode(text, piece);
      EXPECT_EQ(decoded.outcome, ChunkOutcome::kRefused) << text.substr(0, 40);
      EXPECT_NE(decoded.what, "");
    }
  }
}

TEST(ChunkedDecoderTest, OverheadIsLimitedOverAllChunksTogether) {
  std::string text;
  for (int i = 0; i < 1'000; ++i) text += "1;extension\r\nx\r\n";
  EXPECT_EQ(Decode(text).outcome, ChunkOutcome::kRefused);
}

TEST(ChunkedDecoderTest, AResetDecoderTakesAnotherBody) {
  ChunkedDecoder decoder;
  std::string wrong = "x";
  EXPECT_EQ(decoder.Decode(wrong.data(), wrong.size(), kNoLimit).outcome,
            ChunkOutcome::kRefused);
  decoder.Reset();
  std::string right = "1\r\nx\r\n0\r\n\r\n";
  const auto step = decoder.Decode(right.data(), right.size(), kNoLimit);
  EXPECT_EQ(step.outcome, ChunkOutcome::kDone);
  EXPECT_EQ(step.body, "x");
}

}  // namespace
}  // namespace caravel::net
