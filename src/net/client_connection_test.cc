#include "net/client_connection.h"

#include "net/client_connection_fixture.h"

namespace caravel::net {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST_F(ClientConnectionTest, SendsARequestAndGetsTheAnswer) {
  RequestHead head = MakeRequest("GET", "/path?query");
  head.headers.Add("Accept", "text/html");
  Ask(std::move(head));
  ServerGets("\r\n\r\n");
  EXPECT_EQ(far_->received,
            "GET /path?query HTTP/1.1\r\nHost: example.com\r\n"
            "Accept: text/html\r\n\r\n");
  ServerSends("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  WaitForTheEnd();
  EXPECT_EQ(asker_.head->status, 200);
  EXPECT_EQ(asker_.body, "hello");
  EXPECT_TRUE(idle_);
}

TEST_F(ClientConnectionTest, SendsNoFieldThatConcernsAnotherConnection) {
  RequestHead head = MakeRequest("POST", "/");
  for (const auto& [name, value] :
       {std::pair("Host", "evil.example"), std::pair("Connection", "X-Hop"),
        std::pair("X-Hop", "1"), std::pair("Content-Length", "7"),
        std::pair("Transfer-Encoding", "chunked"), std::pair("TE", "gzip"),
        std::pair("Expect", "100-continue"), std::pair("Kept", "yes")}) {
    head.headers.Add(name, value);
  }
  Ask(std::move(head));
  ServerGets("\r\n\r\n");
  EXPECT_EQ(far_->received,
            "POST / HTTP/1.1\r\nHost: example.com\r\nKept: yes\r\n"
            "Content-Length: 0\r\n\r\n");
}

TEST_F(ClientConnectionTest, ServesOneExchangeAfterTheOther) {
  for (int i = 0; i < 3; ++i) {
    idle_ = false;
    far_->received.clear();
    Exchange("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    EXPECT_EQ(asker_.body, "x");
    EXPECT_TRUE(idle_);
  }
}

struct AnswerCase {
  std::string_view bytes;
  std::string_view body;
  bool reusable;
};

TEST_F(ClientConnectionTest, ReadsEachFramingOfABody) {
  constexpr AnswerCase kCases[] = {
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
       "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: 1\r\n\r\n",
       "hello world", true},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n"
       "\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
       "hi", true},
      {"HTTP/1.1 204 No Content\r\n\r\n", "", true},
      {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
       "hi", false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi and more", "hi", false},
  };
  for (const AnswerCase& each : kCases) {
    auto [near, far] = FarEnd::Pair();
    near_ = std::move(near);
    far_ = std::move(far);
    connection_.reset();
    idle_ = closed_ = false;
    Exchange(each.bytes);
    EXPECT_EQ(asker_.error, "") << each.bytes;
    EXPECT_EQ(asker_.body, each.body) << each.bytes;
    EXPECT_EQ(idle_, each.reusable) << each.bytes;
  }
}

TEST_F(ClientConnectionTest, ReadsABodyThatEndsWithTheConnection) {
  Ask(MakeRequest("GET", "/"));
  ServerGets("\r\n\r\n");
  ServerSends("HTTP/1.1 200 OK\r\n\r\nuntil the end");
  far_->Close();
  WaitForTheEnd();
  EXPECT_EQ(asker_.error, "");
  EXPECT_EQ(asker_.body, "until the end");
  EXPECT_TRUE(closed_);
}

TEST_F(ClientConnectionTest, KnowsThatTheAnswerToHeadHasNoBody) {
  Ask(MakeRequest("HEAD", "/"));
  ServerGets("\r\n\r\n");
  ServerSends("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  WaitForTheEnd();
  EXPECT_EQ(asker_.head->body_size, 1000);
  EXPECT_EQ(asker_.body, "");
  EXPECT_TRUE(idle_);
}

TEST_F(ClientConnectionTest, ReadsNoMoreThanTheAskerHasRoomFor) {
  Ask(MakeRequest("GET", "/"), 0);
  ServerGets("\r\n\r\n");
  constexpr size_t kSize = 8 * 1024 * 1024;
  ServerSends(
      fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", kSize));
  const std::string body(kSize, 'x');
  size_t sent = 0;
  const auto fill = [&] {
    for (int still = 0; still < 3; ++still) {
      const size_t took = far_->Send(std::string_view(body).substr(sent));
      if (took > 0) still = 0;
      sent += took;
      loop_->Poll(std::chrono::nanoseconds(0));
    }
  };
  fill();
  EXPECT_EQ(asker_.body, "");
  EXPECT_LT(sent, 1024 * 1024U) << "socket buffers and one of ours, no more";
  // RecordingAsker checks that each piece is within its credit.
  while (!asker_.over) {
    asker_.Grant(*answerer_, 300 * 1000);
    const size_t had = asker_.body.size();
    PollUntil(*loop_, [&] {
      fill();
      return asker_.over || asker_.body.size() - had == 300 * 1000;
    });
  }
  EXPECT_EQ(asker_.body.size(), kSize);
  EXPECT_TRUE(idle_);
}

TEST_F(ClientConnectionTest, ReadsChunksWithinCreditToo) {
  Ask(MakeRequest("GET", "/"), 0);
  ServerGets("\r\n\r\n");
  ServerSends("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 100; ++i) ServerSends("a\r\n0123456789\r\n");
  ServerSends("0\r\n\r\n");
  while (!asker_.over) {
    asker_.Grant(*answerer_, 7);
    PollUntil(*loop_, [&] { return asker_.over || asker_.credit == 0; });
    loop_->Poll(std::chrono::nanoseconds(0));
  }
  EXPECT_EQ(asker_.body.size(), 1000U);
}

TEST_F(ClientConnectionTest, StreamsABodyOfUnknownLengthInChunks) {
  Ask(MakeRequest("POST", "/", -1));
  PollUntil(*loop_, [&] { return asker_.granted > 0; });
  answerer_->OnRequestBody("hello ");
  answerer_->OnRequestBody("world");
  answerer_->OnRequestEnd();
  ServerGets("0\r\n\r\n");
  EXPECT_THAT(far_->received, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(far_->received,
              EndsWith("\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n"));
}

TEST_F(ClientConnectionTest, GrantsTheRequestOnlyWhatTheSocketTakes) {
  constexpr size_t kSize = 8 * 1024 * 1024;
  Ask(MakeRequest("PUT", "/", kSize));
  size_t given = 0;
  const auto give = [&] {
    loop_->Poll(std::chrono::nanoseconds(0));
    while (given < asker_.granted) {
      const size_t piece = std::min<size_t>(asker_.granted - given, 50'000);
      answerer_->OnRequestBody(std::string(piece, 'x'));
      given += piece;
    }
  };
  for (int i = 0; i < 100; ++i) give();
  EXPECT_GE(given, options_.request_window);
  EXPECT_LT(given, 1024 * 1024U) << "nobody reads";
  while (given < kSize) {
    give();
    far_->Read();
  }
  EXPECT_EQ(asker_.granted, kSize) << "never more than the body has";
  answerer_->OnRequestEnd();
  ServerGets("xxx");
  PollUntil(*loop_, [&] {
    far_->Read();
    return far_->received.size() > kSize;
  });
  ServerSends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  WaitForTheEnd();
  EXPECT_TRUE(idle_);
}

TEST_F(ClientConnectionTest, RefusesABodyOfAnotherLengthThanAnnounced) {
  Ask(MakeRequest("PUT", "/", 3));
  PollUntil(*loop_, [&] { return asker_.granted == 3; });
  answerer_->OnRequestBody("ab");
  answerer_->OnRequestEnd();
  WaitForTheEnd();
  EXPECT_EQ(asker_.error, "the request's body is shorter than was announced");
  EXPECT_TRUE(closed_);
}

TEST_F(ClientConnectionTest, DeliversAnAnswerThatComesBeforeTheBodyIsSent) {
  Ask(MakeRequest("POST", "/", -1));
  PollUntil(*loop_, [&] { return asker_.granted > 0; });
  ServerSends("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
  WaitForTheEnd();
  EXPECT_EQ(asker_.head->status, 413);
  EXPECT_EQ(asker_.body, "big");
  EXPECT_TRUE(closed_) << "half a request has been sent";
}

TEST_F(ClientConnectionTest, ReadsTheAnswerOfAServerThatStoppedReading) {
  Ask(MakeRequest("POST", "/", -1));
  PollUntil(*loop_, [&] { return asker_.granted > 0; });
  ServerGets("\r\n\r\n");
  ServerSends(
      "HTTP/1.1 403 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\n");
  PollUntil(*loop_, [&] { return asker_.head.has_value(); });
  ASSERT_EQ(::shutdown(far_->socket().get(), SHUT_RD), 0);
  answerer_->OnRequestBody(std::string(1000, 'x'));
  loop_->Poll(std::chrono::nanoseconds(0));
  ServerSends("no");
  WaitForTheEnd();
  EXPECT_EQ(asker_.body, "no");
  EXPECT_EQ(asker_.error, "");
}

TEST_F(ClientConnectionTest, ClosesWhenTheAskerCancels) {
  Ask(MakeRequest("GET", "/"));
  ServerGets("\r\n\r\n");
  answerer_->OnCancel(Error(ErrorCode::kUnavailable, "gone"));
  EXPECT_TRUE(closed_);
  EXPECT_FALSE(asker_.over) << "who cancels is told nothing";
  far_->Read();
  EXPECT_TRUE(far_->closed);
}

TEST_F(ClientConnectionTest, GivesUpOnAServerThatDoesNotAnswer) {
  Ask(MakeRequest("GET", "/"));
  ServerGets("\r\n\r\n");
  clock_.Advance(options_.stall_timeout);
  WaitForTheEnd();
  EXPECT_EQ(asker_.error, "the server did not answer in 100 s");
}

TEST_F(ClientConnectionTest, WaitsForAnAskerThatHasNoRoom) {
  Ask(MakeRequest("GET", "/"), 0);
  ServerGets("\r\n\r\n");
  ServerSends("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
  PollUntil(*loop_, [&] { return asker_.head.has_value(); });
  clock_.Advance(options_.stall_timeout);
  loop_->Poll(std::chrono::nanoseconds(0));
  EXPECT_FALSE(asker_.over) << "it is not the server that is slow";
  asker_.Grant(*answerer_, 5);
  ServerSends("lo");
  WaitForTheEnd();
  EXPECT_EQ(asker_.body, "hello");
}

TEST_F(ClientConnectionTest, ClosesWhenTheServerClosesOrTalksUnasked) {
  Exchange("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(connection_->IsQuiet());
  far_->Send("HTTP/1.1 408 Too late\r\n\r\n");
  EXPECT_FALSE(connection_->IsQuiet());
  PollUntil(*loop_, [&] { return closed_; });
}

}  // namespace
}  // namespace caravel::net
