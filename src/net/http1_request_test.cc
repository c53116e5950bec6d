#include "net/http1_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caravel::net {
namespace {

using testing::ElementsAre;

class Http1RequestTest : public testing::Test {
 protected:
  // The status that `text` is refused with, by the parser or by what it means;
  // 0 when it is taken.
  int Read(std::string_view text) {
    Http1HeadProgress progress;
    const auto outcome = parser_.Parse(text, progress);
    if (outcome == Http1HeadParser::Outcome::kRefused) {
      return parser_.refusal().status;
    }
    EXPECT_EQ(outcome, Http1HeadParser::Outcome::kComplete) << text;
    const auto refusal = ReadHttp1Request(parser_, head_, framing_);
    return refusal.has_value() ? refusal->status : 0;
  }
  // The same for a POST with these fields.
  int ReadFields(std::string_view fields) {
    return Read("POST / HTTP/1.1\r\nHost: a.example\r\n" + std::string(fields) +
                "\r\n");
  }
  std::vector<std::string> HeaderLines() const {
    std::vector<std::string> lines;
    for (size_t i = 0; i < head_.headers.size(); ++i) {
      const Headers::Field field = head_.headers[i];
      lines.push_back(std::string(field.name) + ": " +
                      std::string(field.value));
    }
    return lines;
  }

  Http1HeadParser parser_{Http1Limits()};
  RequestHead head_;
  Http1Framing framing_;
};

struct Vector {
  std::string_view fields;
  int status;
};

// Ways to make two readers see two different requests. Each line is what stands
// behind "POST / HTTP/1.1" and a Host.
TEST_F(Http1RequestTest, WhatTwoReadersCouldReadInTwoWaysIsRefused) {
  constexpr Vector kVectors[] = {
      // Lengths.
      {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400},
      {"Content-Length: 5\r\nContent-Length: 6\r\n", 400},
      {"Content-Length: 5\r\nContent-Length: 5\r\n", 400},
      {"Content-Length: 5, 5\r\n", 400},
      {"Content-Length: 5,6\r\n", 400},
      {"Content-Length:\r\n", 400},
      {"Content-Length: -5\r\n", 400},
      {"Content-Length: +5\r\n", 400},
      {"Content-Length: 0x5\r\n", 400},
      {"Content-Length: 5 5\r\n", 400},
      {"Content-Length: 5.0\r\n", 400},
      {"Content-Length: 5\x0B\r\n", 400},
      {"Content-Length: 9223372036854775808\r\n", 413},
      {"Content-Length: 99999999999999999999999999\r\n", 413},
      {"Content-Length : 5\r\n", 400},
      {"Content-Length\t: 5\r\n", 400},
      {" Content-Length: 5\r\n", 400},
      {"X: y\r\n Content-Length: 5\r\n", 400},
      {"X: y\r\n\tContent-Length: 5\r\n", 400},
      {"X: y\nContent-Length: 5\r\n", 400},
      {"X: y\rContent-Length: 5\r\n", 400},
      {"X: y\r\r\nContent-Length: 5\r\n", 400},
      // Transfer codings.
      {"Transfer-Encoding: xchunked\r\n", 400},
      {"Transfer-Encoding: chunked, identity\r\n", 400},
      {"Transfer-Encoding: identity\r\n", 400},
      {"Transfer-Encoding: gzip\r\n", 400},
      {"Transfer-Encoding:\r\n", 400},
      {"Transfer-Encoding: \"chunked\"\r\n", 400},
      {"Transfer-Encoding: chunked;q=1\r\n", 400},
      {"Transfer-Encoding: chunked, chunked\r\n", 400},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", 400},
      {"Transfer-Encoding: gzip, chunked\r\n", 501},
      {"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", 501},
      {"Transfer-Encoding : chunked\r\n", 400},
      {"Transfer-Encoding\x0B: chunked\r\n", 400},
      {"Transfer-Encoding: \x0B"
       "chunked\r\n",
       400},
      {"Transfer_Encoding: chunked\r\nContent-Length: 0\r\n", 0},
      // Hosts.
      {"Host: b.example\r\n", 400},
      {"Host: a.example\r\n", 400},
      // Expectations.
      {"Expect: 200-ok\r\n", 417},
      {"Expect: 100-continue\r\nExpect: x\r\n", 417},
  };
  for (const Vector& vector : kVectors) {
    EXPECT_EQ(ReadFields(vector.fields), vector.status) << vector.fields;
  }
}

TEST_F(Http1RequestTest, AKnownLengthIsRead) {
  ASSERT_EQ(ReadFields("Content-Length: 0005\r\n"), 0);
  EXPECT_FALSE(framing_.chunked);
  EXPECT_EQ(framing_.length, 5U);
  EXPECT_EQ(head_.body_size, 5);
  ASSERT_EQ(ReadFields(""), 0);
  EXPECT_EQ(head_.body_size, 0);
}

TEST_F(Http1RequestTest, ABodyInChunksHasNoKnownSize) {
  ASSERT_EQ(ReadFields("transfer-encoding: ,Chunked,\r\n"), 0);
  EXPECT_TRUE(framing_.chunked);
  EXPECT_EQ(head_.body_size, -1);
  EXPECT_EQ(Read("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

struct HostCase {
  std::string_view host;
  bool valid;
};

TEST_F(Http1RequestTest, OnlyAHostIsTakenForOne) {
  constexpr HostCase kCases[] = {
      {"a", true},         {"a.example:8080", true},
      {"[::1]", true},     {"[::1]:80", true},
      {"127.0.0.1", true}, {"a%20b", true},
      {"a:", true},        {"", false},
      {":80", false},      {"a:8x", false},
      {"a:123456", false}, {"a b", false},
      {"a/b", false},      {"u@a", false},
      {"a,b", true},       {"[::1", false},
      {"[]", false},       {"[::1]x", false},
      {"[g]", false},      {"a\\b", false},
      {"a?b", false},      {"a\x80", false},
  };
  for (const HostCase& one : kCases) {
    const std::string text =
        "GET / HTTP/1.1\r\nHost: " + std::string(one.host) + "\r\n\r\n";
    EXPECT_EQ(Read(text), one.valid ? 0 : 400) << one.host;
    if (one.valid) {
      EXPECT_EQ(head_.authority, one.host);
    }
  }
}

TEST_F(Http1RequestTest, AHostIsNeededSinceHttp11) {
  EXPECT_EQ(Read("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(Read("GET / HTTP/1.0\r\n\r\n"), 0);
  EXPECT_EQ(head_.authority, "");
  EXPECT_EQ(head_.http, "HTTP/1.0");
}

TEST_F(Http1RequestTest, AnAbsoluteTargetOverrulesTheHost) {
  ASSERT_EQ(Read("GET HTTP://b.example:81/x?y HTTP/1.1\r\n"
                 "A: 1\r\nHost: a\r\n\r\n"),
            0);
  EXPECT_EQ(head_.authority, "b.example:81");
  EXPECT_EQ(head_.target, "/x?y");
  EXPECT_THAT(HeaderLines(), ElementsAre("host: b.example:81", "A: 1"));

  ASSERT_EQ(Read("GET http://b?y HTTP/1.1\r\nHost: b\r\n\r\n"), 0);
  EXPECT_EQ(head_.target, "/?y");
  EXPECT_EQ(Read("GET http:///x HTTP/1.1\r\nHost: b\r\n\r\n"), 400);
  EXPECT_EQ(Read("GET http://u@b/x HTTP/1.1\r\nHost: b\r\n\r\n"), 400);
  EXPECT_EQ(Read("GET ftp://b/x HTTP/1.1\r\nHost: b\r\n\r\n"), 400);
  EXPECT_EQ(Read("GET x HTTP/1.1\r\nHost: b\r\n\r\n"), 400);
}

TEST_F(Http1RequestTest, AnAsteriskIsForOptionsOnly) {
  ASSERT_EQ(Read("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
  EXPECT_EQ(head_.target, "*");
  EXPECT_EQ(Read("GET * HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

TEST_F(Http1RequestTest, ConnectIsRefused) {
  EXPECT_EQ(Read("CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n"), 501);
}

TEST_F(Http1RequestTest, WhatConcernsTheConnectionIsNotPassedOn) {
  ASSERT_EQ(ReadFields("X: 1\r\nConnection: X-Hop, close, Host\r\n"
                       "x-hop: 2\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\n"
                       "TE: trailers\r\nTrailer: T\r\nProxy-Connection: x\r\n"
                       "Content-Length: 3\r\nDate: d\r\n"),
            0);
  EXPECT_THAT(HeaderLines(), ElementsAre("Host: a.example", "X: 1", "Date: d"));
}

TEST_F(Http1RequestTest, TheConnectionPersistsAsTheVersionSays) {
  const auto persists = [this](std::string_view version,
                               std::string_view connection) {
    EXPECT_EQ(Read("GET / HTTP/" + std::string(version) + "\r\nHost: a\r\n" +
                   std::string(connection) + "\r\n"),
              0);
    return framing_.keep_alive;
  };
  EXPECT_TRUE(persists("1.1", ""));
  EXPECT_TRUE(persists("1.1", "Connection: Keep-Alive\r\n"));
  EXPECT_FALSE(persists("1.1", "Connection: Close\r\n"));
  EXPECT_FALSE(persists("1.1", "Connection: keep-alive, close\r\n"));
  EXPECT_FALSE(persists("1.0", ""));
  EXPECT_TRUE(persists("1.0", "Connection: keep-alive\r\n"));
}

TEST_F(Http1RequestTest, OnlyARequestWithABodyWaitsForContinue) {
  ASSERT_EQ(ReadFields("Expect: 100-Continue\r\nContent-Length: 1\r\n"), 0);
  EXPECT_TRUE(framing_.expects_continue);
  EXPECT_THAT(HeaderLines(), ElementsAre("Host: a.example"));
  ASSERT_EQ(ReadFields("Expect: 100-continue\r\n"), 0);
  EXPECT_FALSE(framing_.expects_continue);
  ASSERT_EQ(Read("POST / HTTP/1.0\r\nExpect: x\r\n\r\n"), 0);
  EXPECT_FALSE(framing_.expects_continue);
}

TEST_F(Http1RequestTest, AReusedHeadKeepsNothingOfTheLastRequest) {
  ASSERT_EQ(ReadFields("X: 1\r\nTransfer-Encoding: chunked\r\n"
                       "Connection: close\r\n"),
            0);
  ASSERT_EQ(Read("GET /z HTTP/1.1\r\nHost: b\r\n\r\n"), 0);
  EXPECT_EQ(head_.authority, "b");
  EXPECT_EQ(head_.body_size, 0);
  EXPECT_FALSE(framing_.chunked);
  EXPECT_TRUE(framing_.keep_alive);
  EXPECT_THAT(HeaderLines(), ElementsAre("Host: b"));
}

}  // namespace
}  // namespace caravel::net
