#include "net/http1_response.h"

#include <gtest/gtest.h>

#include "net/scripted_target.h"

namespace caravel::net {
namespace {

using Body = Http1ResponseFraming::Body;
using Persistence = Http1ResponseFraming::Persistence;

std::string Write(const ResponseHead& head, Http1ResponseFraming framing = {}) {
  std::string out;
  WriteResponseHead(head, framing, {.date_line = "Date: now\r\n"}, out);
  return out;
}

TEST(Http1ResponseTest, FramingAndPersistenceAreWritten) {
  EXPECT_EQ(Write(MakeHead(200), {Body::kLength, 1234567}),
            "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 1234567\r\n\r\n");
  EXPECT_EQ(Write(MakeHead(404), {Body::kChunked, 0, Persistence::kClose}),
            "HTTP/1.1 404 Not Found\r\nDate: now\r\n"
            "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(Write(MakeHead(204), {Body::kAbsent, 0, Persistence::kKeepAlive}),
            "HTTP/1.1 204 No Content\r\nDate: now\r\n"
            "Connection: keep-alive\r\n\r\n");
}

TEST(Http1ResponseTest, FieldsOfTheConnectionAreItsOwn) {
  const ResponseHead head = MakeHead(200, {{"connection", "upgrade"},
                                           {"Upgrade", "x"},
                                           {"CONTENT-length", "99"},
                                           {"Transfer-Encoding", "gzip"},
                                           {"Keep-Alive", "1"},
                                           {"X", "kept"}});
  EXPECT_EQ(Write(head, {Body::kLength, 0}),
            "HTTP/1.1 200 OK\r\nX: kept\r\nDate: now\r\n"
            "Content-Length: 0\r\n\r\n");
}

TEST(Http1ResponseTest, ADateOfTheAnswererIsKept) {
  EXPECT_EQ(Write(MakeHead(200, {{"date", "then"}}), {Body::kLength, 0}),
            "HTTP/1.1 200 OK\r\ndate: then\r\nContent-Length: 0\r\n\r\n");
}

TEST(Http1ResponseTest, AReasonIsWrittenUnlessItCouldNotStandThere) {
  ResponseHead head = MakeHead(200);
  head.reason = "Fine";
  EXPECT_EQ(Write(head, {Body::kAbsent}),
            "HTTP/1.1 200 Fine\r\nDate: now\r\n\r\n");
  head.reason = "Fine\r\nX: y";
  EXPECT_EQ(Write(head, {Body::kAbsent}),
            "HTTP/1.1 200 OK\r\nDate: now\r\n\r\n");
  EXPECT_EQ(Write(MakeHead(299), {Body::kAbsent}),
            "HTTP/1.1 299 \r\nDate: now\r\n\r\n");
}

TEST(Http1ResponseTest, AFieldThatWouldBreakItsLineIsLeftOut) {
  for (const std::string_view broken :
       {std::string_view("a\r\n\r\nHTTP/1.1 200 OK"), std::string_view("a\nb"),
        std::string_view("a\rb"), std::string_view("a\0b", 3)}) {
    EXPECT_EQ(
        Write(MakeHead(200, {{"a", "kept"}, {"b", broken}}), {Body::kAbsent}),
        "HTTP/1.1 200 OK\r\na: kept\r\nDate: now\r\n\r\n");
    EXPECT_EQ(
        Write(MakeHead(200, {{broken, "b"}, {"a", "kept"}}), {Body::kAbsent}),
        "HTTP/1.1 200 OK\r\na: kept\r\nDate: now\r\n\r\n");
  }
}

TEST(Http1ResponseTest, TheNumberOfTheRequestIsTold) {
  ResponseHead head = MakeHead(200);
  head.headers.Add("cf-ray", "what somebody else says");
  head.headers.Add("cf-rax", "kept");
  std::string out;
  WriteResponseHead(head, {},
                    {.date_line = "Date: now\r\n",
                     .id_field = "CF-Ray",
                     .id = 0x0123456789abcdef,
                     .place = "AMS"},
                    out);
  EXPECT_EQ(out,
            "HTTP/1.1 200 OK\r\ncf-rax: kept\r\nDate: now\r\n"
            "CF-Ray: 0123456789abcdef-AMS\r\nContent-Length: 0\r\n\r\n");
}

TEST(Http1ResponseTest, TheDateChangesWithTheSecond) {
  base::FakeClock clock(base::WallTime(std::chrono::seconds(784111777)));
  clock.Advance(std::chrono::milliseconds(300));
  DateLine date(clock);
  EXPECT_EQ(date.At(clock.Steady()), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  clock.Advance(std::chrono::milliseconds(699));
  EXPECT_EQ(date.At(clock.Steady()), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  clock.Advance(std::chrono::milliseconds(1));
  EXPECT_EQ(date.At(clock.Steady()), "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n");
}

TEST(Http1ResponseTest, ASizeOfAChunkIsHexadecimal) {
  std::string out;
  WriteChunkSize(255, out);
  WriteChunkSize(1'000'000, out);
  EXPECT_EQ(out, "ff\r\nf4240\r\n");
}

}  // namespace
}  // namespace caravel::net
