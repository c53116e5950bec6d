#include "net/http1_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caravel::net {
namespace {

using ParseOutcome = Http1HeadParser::Outcome;

constexpr std::string_view kTypical =
    "GET /cart?item=7&n=2 HTTP/1.1\r\n"
    "Host: shop.example.com\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
    "Accept: text/html, */*;q=0.8\r\n"
    "X-Empty:\r\n"
    "X-Blank: \t padded\tinside \t\r\n"
    "\r\n";

class Http1HeadParserTest : public testing::Test {
 protected:
  ParseOutcome Parse(std::string_view text) {
    Http1HeadProgress progress;
    return parser_.Parse(text, progress);
  }
  // The status a head is refused with; 0 when it is not.
  int RefusedWith(std::string_view text) {
    return Parse(text) == ParseOutcome::kRefused ? parser_.refusal().status : 0;
  }
  void ExpectTypical() {
    EXPECT_EQ(parser_.method(), "GET");
    EXPECT_EQ(parser_.target(), "/cart?item=7&n=2");
    EXPECT_EQ(parser_.minor_version(), 1);
    EXPECT_EQ(parser_.head_size(), kTypical.size());
    ASSERT_EQ(parser_.fields().size(), 5U);
    EXPECT_EQ(parser_.fields()[0].name, "Host");
    EXPECT_EQ(parser_.fields()[0].value, "shop.example.com");
    EXPECT_EQ(parser_.fields()[1].value, "Mozilla/5.0 (X11; Linux x86_64)");
    EXPECT_EQ(parser_.fields()[3].value, "");
    EXPECT_EQ(parser_.fields()[4].value, "padded\tinside");
  }

  Http1HeadParser parser_{
      {.target_bytes = 64, .field_bytes = 64, .head_bytes = 300, .fields = 6}};
};

TEST_F(Http1HeadParserTest, AHeadInOnePieceIsReadWhole) {
  const std::string text = std::string(kTypical) + "the body";
  ASSERT_EQ(Parse(text), ParseOutcome::kComplete);
  ExpectTypical();
}

TEST_F(Http1HeadParserTest, AHeadThatComesByteByByteIsReadTheSame) {
  Http1HeadProgress progress;
  for (size_t size = 0; size < kTypical.size(); ++size) {
    ASSERT_EQ(parser_.Parse(kTypical.substr(0, size), progress),
              ParseOutcome::kIncomplete)
        << size;
  }
  ASSERT_EQ(parser_.Parse(kTypical, progress), ParseOutcome::kComplete);
  ExpectTypical();
}

TEST_F(Http1HeadParserTest, AWrongLineIsRefusedBeforeTheHeadIsWhole) {
  Http1HeadProgress progress;
  ASSERT_EQ(parser_.Parse("GET / HTTP/1.1\r\nHost: a\r\nX", progress),
            ParseOutcome::kIncomplete);
  EXPECT_EQ(parser_.Parse("GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n", progress),
            ParseOutcome::kRefused);
  EXPECT_EQ(parser_.refusal().status, 400);
  EXPECT_EQ(parser_.refusal().what, "white space stands in front of a colon");
}

TEST_F(Http1HeadParserTest, EmptyLinesInFrontOfARequestAreSkipped) {
  const std::string text = "\r\n\r\n" + std::string(kTypical);
  ASSERT_EQ(Parse(text), ParseOutcome::kComplete);
  EXPECT_EQ(parser_.head_size(), text.size());
  EXPECT_EQ(RefusedWith("\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n"), 400);
}

TEST_F(Http1HeadParserTest, EachByteOutsideOfItsClassIsRefused) {
  for (int c = 0; c < 256; ++c) {
    const char byte = static_cast<char>(c);
    const bool control = (c < 0x20 && c != '\t') || c == 0x7F;
    const std::string in_value =
        std::string("GET / HTTP/1.1\r\nX: a") + byte + "b\r\n\r\n";
    EXPECT_EQ(RefusedWith(in_value), control ? 400 : 0) << c;

    const bool token = std::string_view("!#$%&'*+-.^_`|~").find(byte) !=
                           std::string_view::npos ||
                       (c < 0x80 && std::isalnum(c) != 0);
    const std::string in_name =
        std::string("GET / HTTP/1.1\r\nX") + byte + "Y: a\r\n\r\n";
    // A colon there ends the name early, and is part of the value.
    EXPECT_EQ(RefusedWith(in_name), token || c == ':' ? 0 : 400) << c;

    const bool target = c > 0x20 && c != 0x7F && c != '#';
    const std::string in_target =
        std::string("GET /") + byte + "y HTTP/1.1\r\n\r\n";
    EXPECT_EQ(RefusedWith(in_target), target ? 0 : 400) << c;
  }
}

TEST_F(Http1HeadParserTest, ALongValueIsCheckedToItsLastByte) {
  const std::string head = "GET / HTTP/1.1\r\nX: ";
  for (size_t place = 0; place < 40; ++place) {
    std::string value(40, 'v');
    EXPECT_EQ(RefusedWith(head + value + "\r\n\r\n"), 0);
    for (const char byte : {'\0', '\x1F', '\x7F', '\n', '\r'}) {
      value[place] = byte;
      EXPECT_EQ(RefusedWith(head + value + "\r\n\r\n"), 400) << place;
    }
    for (const char byte : {'\t', '\x80', '\xFF', '~'}) {
      value[place] = byte;
      EXPECT_EQ(RefusedWith(head + value + "\r\n\r\n"), 0) << place;
    }
  }
}

struct VersionCase {
  std::string_view line;
  int status;  // 0: taken
};

TEST_F(Http1HeadParserTest, OnlyVersionOneIsServed) {
  constexpr VersionCase kCases[] = {
      {"GET / HTTP/1.1\r\n\r\n", 0},    {"GET / HTTP/1.0\r\n\r\n", 0},
      {"GET / HTTP/1.7\r\n\r\n", 0},    {"GET / HTTP/2.0\r\n\r\n", 505},
      {"GET / HTTP/0.9\r\n\r\n", 505},  {"PRI * HTTP/2.0\r\n\r\n", 505},
      {"GET / HTTP/11.1\r\n\r\n", 400}, {"GET / HTTP/1.10\r\n\r\n", 400},
      {"GET / http/1.1\r\n\r\n", 400},  {"GET / HTTP/1.1 \r\n\r\n", 400},
      {"GET / ICY/1.1\r\n\r\n", 400},   {"GET /\r\n\r\n", 400},
      {"GET  / HTTP/1.1\r\n\r\n", 400}, {"GET /  HTTP/1.1\r\n\r\n", 400},
      {"GET\t/ HTTP/1.1\r\n\r\n", 400}, {"GET / HTTP/1.1\n\n", 400},
  };
  for (const VersionCase& one : kCases) {
    EXPECT_EQ(RefusedWith(one.line), one.status) << one.line;
  }
}

TEST_F(Http1HeadParserTest, TheHttp2PrefaceIsRefusedByName) {
  ASSERT_EQ(Parse("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), ParseOutcome::kRefused);
  EXPECT_EQ(parser_.refusal().what,
            "HTTP/2 by prior knowledge is not served here: use HTTP/1.1");
}

TEST_F(Http1HeadParserTest, EachLimitHasItsStatus) {
  const auto get = [](const std::string& target, const std::string& fields) {
    return "GET " + target + " HTTP/1.1\r\n" + fields + "\r\n";
  };
  EXPECT_EQ(RefusedWith(get("/" + std::string(63, 'a'), "")), 0);
  EXPECT_EQ(RefusedWith(get("/" + std::string(64, 'a'), "")), 414);
  EXPECT_EQ(RefusedWith("GET /" + std::string(64, 'a')), 414);
  EXPECT_EQ(RefusedWith(get("/", "X: " + std::string(61, 'a') + "\r\n")), 0);
  EXPECT_EQ(RefusedWith(get("/", "X: " + std::string(62, 'a') + "\r\n")), 431);
  EXPECT_EQ(RefusedWith("GET / HTTP/1.1\r\nX: " + std::string(62, 'a')), 431);
  EXPECT_EQ(RefusedWith("GET / HTTP/1.1\r\n" + std::string(65, 'a')), 431);

  std::string fields;
  for (int i = 0; i < 6; ++i) fields += "X: a\r\n";
  EXPECT_EQ(RefusedWith(get("/", fields)), 0);
  EXPECT_EQ(RefusedWith(get("/", fields + "X: a\r\n")), 431);

  fields.clear();
  for (int i = 0; i < 5; ++i) fields += "X: " + std::string(57, 'a') + "\r\n";
  EXPECT_EQ(RefusedWith(get("/", fields)), 431);
  EXPECT_EQ(RefusedWith(std::string(33, 'M')), 501);
}

TEST_F(Http1HeadParserTest, FieldsAreCountedHoweverTheHeadIsCut) {
  std::string text = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 6; ++i) text += "X: a\r\n";
  Http1HeadProgress progress;
  for (size_t size = 0; size < text.size(); ++size) {
    ASSERT_EQ(parser_.Parse(text.substr(0, size), progress),
              ParseOutcome::kIncomplete);
  }
  EXPECT_EQ(parser_.Parse(text + "X: a\r\n", progress), ParseOutcome::kRefused);
  EXPECT_EQ(parser_.refusal().status, 431);
}

TEST_F(Http1HeadParserTest, AHeadWithoutEndIsRefusedOnceItIsTooLarge) {
  std::string text = "GET / HTTP/1.1\r\n";
  Http1HeadProgress progress;
  ParseOutcome outcome = ParseOutcome::kIncomplete;
  while (outcome == ParseOutcome::kIncomplete && text.size() < 1'000) {
    text += "X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";
    outcome = parser_.Parse(text, progress);
  }
  ASSERT_EQ(outcome, ParseOutcome::kRefused);
  EXPECT_EQ(parser_.refusal().status, 431);
}

}  // namespace
}  // namespace caravel::net
