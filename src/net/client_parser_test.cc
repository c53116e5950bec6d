#include "net/client_parser.h"

namespace caravel::net {
namespace {

using Kind = ResponseFraming::Kind;
using ReadOutcome = ResponseHeadReader::Outcome;
using ::testing::HasSubstr;

struct Parsed {
  ReadOutcome outcome;
  ResponseHead head;
  ResponseFraming framing;
  std::string what;
  size_t size = 0;
};

Parsed Parse(std::string_view text, bool to_head = false) {
  Parsed parsed;
  ResponseHeadReader reader;
  parsed.outcome = reader.Read(text, to_head, parsed.head, parsed.framing);
  parsed.what = reader.what();
  parsed.size = reader.head_size();
  return parsed;
}

// A head with these lines.
std::string Head(std::string_view lines, std::string_view status = "200 OK") {
  return fmt::format("HTTP/1.1 {}\r\n{}\r\n", status, lines);
}

TEST(ResponseHeadTest, ReadsStatusReasonAndFields) {
  const Parsed parsed = Parse(
      "HTTP/1.1 404 Not Here\r\nA: 1\r\nSet-Cookie: x\r\nSet-Cookie:y \r\n"
      "Content-Length: 5\r\n\r\nhello");
  ASSERT_EQ(parsed.outcome, ReadOutcome::kComplete) << parsed.what;
  EXPECT_EQ(parsed.head.status, 404);
  EXPECT_EQ(parsed.head.reason, "Not Here");
  ASSERT_EQ(parsed.head.headers.size(), 3U);
  EXPECT_EQ(parsed.head.headers[0].name, "A");
  EXPECT_EQ(parsed.head.headers[2].value, "y");
  EXPECT_EQ(parsed.head.body_size, 5);
  EXPECT_EQ(parsed.framing.kind, Kind::kLength);
  EXPECT_EQ(parsed.framing.length, 5U);
  EXPECT_TRUE(parsed.framing.keep_alive);
}

TEST(ResponseHeadTest, FindsTheEndByteByByteAsInOnePiece) {
  const std::string text = Head("A: 1\r\nContent-Length: 0\r\n");
  ResponseHeadReader reader;
  ResponseHead head;
  ResponseFraming framing;
  for (size_t size = 0; size < text.size(); ++size) {
    ASSERT_EQ(reader.Read(text.substr(0, size), false, head, framing),
              ReadOutcome::kIncomplete)
        << size;
  }
  ASSERT_EQ(reader.Read(text + "rest", false, head, framing),
            ReadOutcome::kComplete);
  EXPECT_EQ(reader.head_size(), text.size());
}

TEST(ResponseHeadTest, TakesAReasonThatIsEmptyOrMissing) {
  EXPECT_EQ(Parse(Head("", "200 ")).outcome, ReadOutcome::kComplete);
  EXPECT_EQ(Parse(Head("", "200")).outcome, ReadOutcome::kComplete);
}

struct Framed {
  std::string head;
  bool to_head;
  Kind kind;
  int64_t body_size;
  bool keep_alive;
};

TEST(ResponseHeadTest, KnowsHowTheBodyIsFramed) {
  const Framed kCases[] = {
      {Head("Content-Length: 3\r\n"), false, Kind::kLength, 3, true},
      {Head("Content-Length: 0\r\n"), false, Kind::kNone, 0, true},
      {Head("Content-Length: 3\r\n"), true, Kind::kNone, 3, true},
      {Head("Transfer-Encoding: Chunked\r\n"), false, Kind::kChunked, -1, true},
      {Head("Transfer-Encoding: chunked\r\n"), true, Kind::kNone, -1, true},
      {Head(""), false, Kind::kUntilClose, -1, false},
      {Head("", "204 No Content"), false, Kind::kNone, 0, true},
      {Head("Content-Length: 9\r\n", "304 Not Modified"), false, Kind::kNone, 9,
       true},
      {Head("Connection: close\r\nContent-Length: 3\r\n"), false, Kind::kLength,
       3, false},
      {Head("Connection: x, CLOSE\r\nContent-Length: 3\r\n"), false,
       Kind::kLength, 3, false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n", false, Kind::kLength, 3,
       false},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\n",
       false, Kind::kLength, 3, true},
  };
  for (const Framed& each : kCases) {
    const Parsed parsed = Parse(each.head, each.to_head);
    ASSERT_EQ(parsed.outcome, ReadOutcome::kComplete)
        << each.head << parsed.what;
    EXPECT_EQ(parsed.framing.kind, each.kind) << each.head;
    EXPECT_EQ(parsed.head.body_size, each.body_size) << each.head;
    EXPECT_EQ(parsed.framing.keep_alive, each.keep_alive) << each.head;
  }
}

TEST(ResponseHeadTest, LeavesOutWhatConcernsTheConnectionOnly) {
  const Parsed parsed = Parse(
      Head("Connection: close, X-Hop\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\n"
           "Transfer-Encoding: chunked\r\nTrailer: a\r\nUpgrade: h2c\r\n"
           "Content-Type: text/plain\r\n"));
  ASSERT_EQ(parsed.outcome, ReadOutcome::kComplete) << parsed.what;
  ASSERT_EQ(parsed.head.headers.size(), 1U);
  EXPECT_EQ(parsed.head.headers[0].name, "Content-Type");
}

struct Refused {
  std::string head;
  std::string_view what;
};

TEST(ResponseHeadTest, RefusesWhatTwoReadersCouldUnderstandInTwoWays) {
  const Refused kCases[] = {
      {"SSH-2.0-OpenSSH\r\n\r\n", "not HTTP"},
      {"HTTP/2 200\r\n\r\n", "not HTTP/1.1"},
      {"HTTP/2.0 200 OK\r\n\r\n", "not HTTP/1.1"},
      {"HTTP/1.1  200 OK\r\n\r\n", "status is not a number"},
      {"HTTP/1.1 20 OK\r\n\r\n", "status is not a number"},
      {"HTTP/1.1 2000 OK\r\n\r\n", "not three digits long"},
      {"HTTP/1.1 099 OK\r\n\r\n", "not between 100 and 599"},
      {"HTTP/1.1 600 OK\r\n\r\n", "not between 100 and 599"},
      {Head("", std::string_view("200 O\x01K")), "reason phrase"},
      {"HTTP/1.1 200 OK\nA: 1\n\n", "LF without CR"},
      {Head("A: 1\n B: 2\r\n"), "LF without CR"},
      {Head("A: 1\r\n folded\r\n"), "folded"},
      {Head("A : 1\r\n"), "name of a header field"},
      {Head(": 1\r\n"), "name of a header field"},
      {Head("A\r\n"), "no colon"},
      {Head("A: a\rb\r\n"), "value of a header field"},
      {Head(std::string_view("A: a\0b\r\n", 8)), "value of a header field"},
      {Head("Content-Length: 3\r\nContent-Length: 3\r\n"), "several"},
      {Head("Content-Length: 3\r\ncontent-length: 4\r\n"), "several"},
      {Head("Content-Length: 3, 3\r\n"), "not a number"},
      {Head("Content-Length: +3\r\n"), "not a number"},
      {Head("Content-Length: -3\r\n"), "not a number"},
      {Head("Content-Length: 0x3\r\n"), "not a number"},
      {Head("Content-Length:\r\n"), "not a number"},
      {Head("Content-Length: 99999999999999999999\r\n"), "not a number"},
      {Head("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), "both"},
      {Head("Transfer-Encoding: gzip, chunked\r\n"), "another than"},
      {Head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
       "another than"},
      {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.0"},
  };
  for (const Refused& each : kCases) {
    const Parsed parsed = Parse(each.head);
    EXPECT_EQ(parsed.outcome, ReadOutcome::kRefused) << each.head;
    EXPECT_THAT(parsed.what, HasSubstr(each.what)) << each.head;
  }
}

TEST(ResponseHeadTest, TellsEarlyThatAStreamIsNoHttp) {
  EXPECT_EQ(Parse("HTT").outcome, ReadOutcome::kIncomplete);
  EXPECT_EQ(Parse("SSH").outcome, ReadOutcome::kRefused);
}

TEST(ResponseHeadTest, BoundsTheHeadAndItsFields) {
  const std::string large(ResponseHeadReader::kMaxHeadBytes, 'x');
  EXPECT_THAT(Parse("HTTP/1.1 200 OK\r\nA: " + large).what,
              HasSubstr("too large"));
  EXPECT_THAT(Parse(Head("A: " + large + "\r\n")).what, HasSubstr("too large"));
  std::string fields;
  for (size_t i = 0; i < ResponseHeadReader::kMaxFields; ++i) {
    fields += "A: 1\r\n";
  }
  EXPECT_EQ(Parse(Head(fields)).outcome, ReadOutcome::kComplete);
  EXPECT_THAT(Parse(Head(fields + "A: 1\r\n")).what, HasSubstr("too many"));
}

}  // namespace
}  // namespace caravel::net
