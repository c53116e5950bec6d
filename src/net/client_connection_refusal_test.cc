// What is not taken of an origin, and not sent to one.
#include "net/client_connection_fixture.h"

namespace caravel::net {
namespace {

using ::testing::HasSubstr;

struct BrokenCase {
  std::string_view bytes;
  std::string_view error;
};

TEST_F(ClientConnectionTest, TellsWhyAnAnswerCannotBeTaken) {
  constexpr BrokenCase kCases[] = {
      {"", "the server closed the connection before it answered"},
      {"HTTP/1.1 200", "closed the connection in the middle of its answer"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe",
       "closed the connection in the middle of its answer"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
       "closed the connection in the middle of its answer"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
       "the server's answer is not valid: a chunk has no size"},
      {"HTTP/1.1 200 OK\nA: b\n\n",
       "the server's answer is not valid: a line of its head ends in LF"},
      {"HTTP/1.1 101 Switching Protocols\r\n\r\n",
       "switched to a protocol that it was not asked for"},
  };
  for (const BrokenCase& each : kCases) {
    auto [near, far] = FarEnd::Pair();
    near_ = std::move(near);
    far_ = std::move(far);
    connection_.reset();
    idle_ = closed_ = false;
    Ask(MakeRequest("GET", "/"));
    ServerGets("\r\n\r\n");
    ServerSends(each.bytes);
    far_->Close();
    WaitForTheEnd();
    EXPECT_THAT(asker_.error, HasSubstr(each.error)) << each.bytes;
    EXPECT_TRUE(closed_);
  }
}

TEST_F(ClientConnectionTest, RefusesInterimAnswersWithoutEnd) {
  Ask(MakeRequest("GET", "/"));
  ServerGets("\r\n\r\n");
  for (int i = 0; i < 20; ++i) far_->Send("HTTP/1.1 100 Continue\r\n\r\n");
  WaitForTheEnd();
  EXPECT_THAT(asker_.error, HasSubstr("interim answers without end"));
}

struct BadRequestCase {
  std::string method;
  std::string target;
  std::string authority;
  std::string_view error;
};

TEST_F(ClientConnectionTest, SendsNothingThatBreaksOutOfItsPlace) {
  const BadRequestCase kCases[] = {
      {"GE T", "/", "a", "\"GE T\" is no method"},
      {"CONNECT", "/", "a", "CONNECT is not supported"},
      {"GET", "/ HTTP/1.1\r\nX: y", "a", "is no path"},
      {"GET", "http://b/", "a", "is no path"},
      {"GET", "", "a", "is no path"},
      {"GET", "/", "a\r\nX: y", "is no host"},
  };
  for (const BadRequestCase& each : kCases) {
    auto [near, far] = FarEnd::Pair();
    near_ = std::move(near);
    far_ = std::move(far);
    connection_.reset();
    idle_ = closed_ = false;
    RequestHead head = MakeRequest(each.method, each.target);
    head.authority = each.authority;
    Ask(std::move(head));
    WaitForTheEnd();
    EXPECT_THAT(asker_.error, HasSubstr(each.error));
    far_->Read();
    EXPECT_EQ(far_->received, "");
  }
}

TEST_F(ClientConnectionTest, SaysWhichProtocolsItCannotChangeTo) {
  RequestHead head = MakeRequest("GET", "/");
  head.headers.Add("Upgrade", "h2c");
  Ask(std::move(head));
  WaitForTheEnd();
  EXPECT_EQ(asker_.error,
            "an upgrade of the connection to \"h2c\" is not supported\n"
            "leave the header Upgrade out");
}

}  // namespace
}  // namespace caravel::net
