#include <optional>

#include "net/client_pool_fixture.h"
#include "net/tls_test_support.h"

namespace caravel::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ClientPoolTlsTest : public ClientPoolTest {
 protected:
  ClientPoolTlsTest() {
    tls_ = TlsContext::CreateClient(authority_.Pem()).value();
  }

  static RequestHead Https(std::string_view target, int64_t body_size = 0) {
    RequestHead head = MakeRequest("GET", target, body_size);
    head.scheme = "https";
    return head;
  }
  // One round of the loop and of the server behind the first connection.
  void Step() {
    loop_->Poll(std::chrono::nanoseconds(0));
    if (dialer_.ends.empty()) return;
    FarEnd& end = dialer_.ends[0];
    end.Read();
    server_->Receive(std::exchange(end.received, {}));
    to_client_ += server_->TakeOutput();
    to_client_.erase(0, end.Send(to_client_));
  }
  template <typename Condition>
  void StepUntil(Condition condition) {
    while (!condition()) Step();
  }

  const TestCertificate authority_ = TestCertificate::Authority("Test CA");
  std::optional<TlsTestServer> server_{std::in_place,
                                       TestCertificate({}, &authority_)};
  std::string to_client_;
};

TEST_F(ClientPoolTlsTest, ExchangesOverTlsAndUsesTheConnectionAgain) {
  for (int i = 0; i < 2; ++i) {
    RecordingAsker asker;
    const std::string path = fmt::format("/{}", i);
    Ask(asker, Https(path));
    StepUntil(
        [&] { return server_->received().find(path) != std::string::npos; });
    server_->Send(kOkAnswer);
    StepUntil([&] { return asker.over; });
    EXPECT_EQ(asker.body, "ok") << asker.error;
    StepUntil([&] { return pool_->idle_connections() == 1; });
  }
  EXPECT_THAT(dialer_.dialled,
              ::testing::ElementsAre("worker example.com 443"));
}

TEST_F(ClientPoolTlsTest, StreamsALargeAnswerOverTls) {
  RecordingAsker asker;
  Answerer& answerer = Ask(asker, Https("/"));
  StepUntil([&] { return server_->received().ends_with("\r\n\r\n"); });
  constexpr size_t kSize = 3'000'000;
  server_->Send(
      fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", kSize));
  server_->Send(std::string(kSize, 'x'));
  StepUntil([&] {
    if (asker.credit == 0 && !asker.over) asker.Grant(answerer, 100'000);
    return asker.over;
  });
  EXPECT_EQ(asker.body.size(), kSize);
}

TEST_F(ClientPoolTlsTest, TakesABodyUntilCloseOnlyWithTheServersWord) {
  for (const bool says_so : {true, false}) {
    dialer_.ends.clear();
    server_.emplace(TestCertificate({}, &authority_));
    RecordingAsker asker;
    Ask(asker, Https("/"));
    StepUntil([&] { return server_->received().ends_with("\r\n\r\n"); });
    server_->Send("HTTP/1.1 200 OK\r\n\r\nall of it?");
    if (says_so) server_->End();
    StepUntil([&] { return asker.body == "all of it?"; });
    dialer_.ends[0].Close();
    WaitFor(asker);
    if (says_so) {
      EXPECT_EQ(asker.error, "");
    } else {
      EXPECT_THAT(asker.error, HasSubstr("in the middle of its answer"));
    }
  }
}

TEST_F(ClientPoolTlsTest, NamesHostAndReasonWhenTheCertificateIsRefused) {
  server_.emplace(
      TestCertificate({.alternatives = "DNS:other.example"}, &authority_));
  RecordingAsker asker;
  Ask(asker, Https("/"));
  StepUntil([&] { return asker.over; });
  EXPECT_EQ(asker.error,
            "fetch to example.com:443: the certificate is not valid for "
            "\"example.com\"");
  EXPECT_EQ(server_->received(), "") << "nothing may leave before";
}

TEST_F(ClientPoolTlsTest, GivesUpOnAHandshakeThatDoesNotEnd) {
  RecordingAsker asker;
  Ask(asker, Https("/"));
  PollUntil(*loop_, [&] { return !dialer_.ends.empty(); });
  clock_.Advance(options_.connection.stall_timeout);
  WaitFor(asker);
  EXPECT_EQ(asker.error,
            "fetch to example.com:443: the TLS handshake did not end in 100 s");
}

TEST_F(ClientPoolTlsTest, SaysThatThereAreNoCertificates) {
  tls_.reset();
  RecordingAsker asker;
  Ask(asker, Https("/"));
  WaitFor(asker);
  EXPECT_EQ(asker.error, "fetch to example.com:443: no certificates");
}

}  // namespace
}  // namespace caravel::net
