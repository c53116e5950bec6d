#include "net/raw_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <optional>
#include <string>
#include <utility>

#include "net/listen.h"
#include "net/tls_test_support.h"

namespace caravel::net {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// One connection, and its peer's end as a blocking socket.
class RawConnectionTest : public testing::Test, public RawConnection::Owner {
 protected:
  RawConnectionTest() {
    int pair[2];
    CARAVEL_CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) ==
                  0);
    ours_ = base::Fd(pair[0]);
    peer_ = base::Fd(pair[1]);
  }

  void Begin(std::unique_ptr<TlsSession> tls = nullptr) {
    connection_.emplace(*loop_, std::move(ours_), std::move(tls), *this,
                        std::chrono::seconds(10));
  }
  void Round() { loop_->Poll(std::chrono::nanoseconds(0)); }
  void Rounds() {
    for (int i = 0; i < 8; ++i) Round();
  }
  void PeerSends(std::string_view bytes) {
    EXPECT_EQ(::send(peer_.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
  }
  // What the peer finds now.
  std::string PeerReads() {
    std::string all;
    char piece[4096];
    while (true) {
      const ssize_t got = ::recv(peer_.get(), piece, sizeof piece, 0);
      if (got == 0) peer_saw_end_ = true;
      if (got <= 0) return all;
      all.append(piece, static_cast<size_t>(got));
    }
  }

  void OnSecured() override { secured_ = true; }
  void OnBytes(std::string_view bytes) override {
    received_ += bytes;
    if (endless_ == 0) return;
    // Grants again what it takes, and the peer has sent more meanwhile.
    connection_->Grant(bytes.size());
    const std::string more(std::min(endless_, bytes.size()), 'x');
    endless_ -= more.size();
    PeerSends(more);
  }
  void OnEnd() override { ended_ = true; }
  void OnRoom() override { ++rooms_; }
  void OnFailed(const Error& why) override { failure_ = why.message(); }

  base::FakeClock clock_;
  std::unique_ptr<EventLoop> loop_ = EventLoop::Create(clock_).value();
  base::Fd ours_;
  base::Fd peer_;
  std::optional<RawConnection> connection_;
  std::string received_;
  std::string failure_;
  size_t endless_ = 0;  // bytes that the peer has yet to send
  bool secured_ = false;
  bool ended_ = false;
  bool peer_saw_end_ = false;
  int rooms_ = 0;
};

TEST_F(RawConnectionTest, ReadsNoMoreThanWasGranted) {
  Begin();
  PeerSends("0123456789");
  Rounds();
  EXPECT_EQ(received_, "");
  connection_->Grant(4);
  Rounds();
  EXPECT_EQ(received_, "0123");
  connection_->Grant(100);
  Rounds();
  EXPECT_EQ(received_, "0123456789");
}

TEST_F(RawConnectionTest, TellsOfThePeersEndBehindItsBytes) {
  Begin();
  PeerSends("last");
  ::shutdown(peer_.get(), SHUT_WR);
  connection_->Grant(2);
  Rounds();
  EXPECT_FALSE(ended_);
  connection_->Grant(2);
  connection_->Grant(1);
  Rounds();
  EXPECT_EQ(received_, "last");
  EXPECT_TRUE(ended_);
  EXPECT_EQ(failure_, "");
}

TEST_F(RawConnectionTest, WritesAndThenEndsItsSideOnly) {
  Begin();
  connection_->Grant(100);
  connection_->Write("hello");
  connection_->End();
  EXPECT_TRUE(connection_->all_sent());
  EXPECT_EQ(PeerReads(), "hello");
  EXPECT_TRUE(peer_saw_end_);
  PeerSends("answer");
  Rounds();
  EXPECT_EQ(received_, "answer");
}

TEST_F(RawConnectionTest, TakesNoMoreThanThereIsRoomForAndTellsWhenThereIs) {
  Begin();
  std::string sent;
  while (connection_->room() > 0) {
    const std::string piece(std::min<size_t>(connection_->room(), 16 * 1024),
                            static_cast<char>('a' + sent.size() % 23));
    connection_->Write(piece);
    sent += piece;
    ASSERT_LT(sent.size(), 16U << 20) << "the socket takes everything";
  }
  EXPECT_FALSE(connection_->all_sent());
  std::string got;
  while (got.size() < sent.size()) {
    got += PeerReads();
    Round();
  }
  Rounds();
  EXPECT_EQ(got, sent);
  EXPECT_GT(rooms_, 0);
  EXPECT_TRUE(connection_->all_sent());
  EXPECT_EQ(connection_->room(), RawConnection::kOutputWindow);
}

TEST_F(RawConnectionTest, FailsOnceWhenThePeerIsGone) {
  Begin();
  peer_.Reset();
  connection_->Write("to nobody");
  Rounds();
  EXPECT_NE(failure_, "");
  EXPECT_EQ(connection_->room(), 0U);
}

TEST_F(RawConnectionTest, APeerThatSendsWithoutAPauseLeavesTheLoopToOthers) {
  Begin();
  Round();
  constexpr size_t kAll = 8U << 20;
  endless_ = kAll;
  const std::string first(32 * 1024, 'x');
  PeerSends(first);
  connection_->Grant(first.size());
  Round();
  EXPECT_GT(received_.size(), 0U);
  EXPECT_LE(received_.size(), 4 * RawConnection::kInputAtOnce);
  for (int i = 0; i < 1000 && received_.size() < kAll; ++i) Round();
  EXPECT_GE(received_.size(), kAll);
  EXPECT_EQ(failure_, "");
}

class SecuredTest : public RawConnectionTest {
 protected:
  std::unique_ptr<TlsSession> NewSession(const std::string& host) {
    context_ = TlsContext::CreateClient(authority_.Pem()).value();
    return TlsSession::Connect(*context_, host, TlsOffer::kNothing).value();
  }
  // Until nothing goes to and fro any more.
  void Talk() {
    for (int i = 0; i < 12; ++i) {
      Round();
      const std::string bytes = PeerReads();
      if (!bytes.empty()) server_.Receive(bytes);
      const std::string answer = server_.TakeOutput();
      if (!answer.empty()) PeerSends(answer);
    }
  }

  TestCertificate authority_ = TestCertificate::Authority("test");
  TestCertificate certificate_{{}, &authority_};
  TlsTestServer server_{certificate_};
  std::unique_ptr<TlsContext> context_;
};

TEST_F(SecuredTest, BeginsWithTlsAndOffersNoProtocol) {
  Begin(NewSession("example.com"));
  connection_->Grant(100);
  EXPECT_EQ(connection_->room(), 0U);
  Talk();
  ASSERT_TRUE(secured_) << failure_;
  EXPECT_EQ(server_.server_name(), "example.com");
  EXPECT_EQ(server_.protocol(), "");
  connection_->Write("question");
  Talk();
  EXPECT_EQ(server_.received(), "question");
  server_.Send("answer");
  Talk();
  EXPECT_EQ(received_, "answer");
  server_.End();
  Talk();
  EXPECT_TRUE(ended_);
}

TEST_F(SecuredTest, GoesOnThroughTlsBehindWhatWasWrittenInTheClear) {
  Begin();
  connection_->Grant(100);
  connection_->Write("STARTTLS\n");
  EXPECT_EQ(PeerReads(), "STARTTLS\n");
  PeerSends("ready\n");
  Rounds();
  EXPECT_EQ(received_, "ready\n");
  connection_->StartTls(NewSession("example.com"));
  Talk();
  ASSERT_TRUE(secured_) << failure_;
  connection_->Write("secret");
  Talk();
  EXPECT_EQ(server_.received(), "secret");
}

TEST_F(SecuredTest, BytesSlippedInBeforeTlsFailTheHandshake) {
  Begin();
  connection_->Grant(6);
  PeerSends("ready\ninjected");
  Rounds();
  EXPECT_EQ(received_, "ready\n");
  connection_->StartTls(NewSession("example.com"));
  Talk();
  EXPECT_THAT(failure_, StartsWith("the TLS handshake failed"));
  EXPECT_EQ(received_, "ready\n");
}

TEST_F(SecuredTest, InputThatIsDroppedIsPassedOverUndecrypted) {
  Begin(NewSession("example.com"));
  Talk();
  ASSERT_TRUE(secured_) << failure_;
  connection_->Grant(100);
  connection_->DropInput();
  PeerSends("no record of TLS, which would fail if it were read as one");
  Rounds();
  EXPECT_EQ(failure_, "");
  connection_->Write("still sent");
  Talk();
  EXPECT_EQ(server_.received(), "still sent");
  ::shutdown(peer_.get(), SHUT_WR);
  Rounds();
  EXPECT_TRUE(ended_);
  EXPECT_EQ(failure_, "");
  EXPECT_EQ(received_, "");
}

TEST_F(RawConnectionTest, InputInTheClearIsDroppedToo) {
  Begin();
  PeerSends("nobody wants it");
  connection_->DropInput();
  Rounds();
  EXPECT_FALSE(ended_);
  ::shutdown(peer_.get(), SHUT_WR);
  Rounds();
  EXPECT_TRUE(ended_);
  EXPECT_EQ(received_, "");
}

TEST_F(SecuredTest, ACertificateForAnotherNameIsRefused) {
  Begin(NewSession("another.example"));
  Talk();
  EXPECT_THAT(failure_, HasSubstr("not valid for \"another.example\""));
}

TEST_F(SecuredTest, AHandshakeHasItsLimitOfTime) {
  Begin(NewSession("example.com"));
  Rounds();
  clock_.Advance(std::chrono::seconds(11));
  Rounds();
  EXPECT_EQ(failure_, "the TLS handshake took more than 10000 ms");
}

TEST_F(RawConnectionTest, KnowsTheAddressesOfBothEnds) {
  const base::Fd listener = ListenTcp({}).value();
  const uint16_t port = LocalPort(listener).value();
  sockaddr_storage address = {};
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address),
                          &size),
            0);
  ours_ = base::Fd(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::connect(ours_.get(), reinterpret_cast<sockaddr*>(&address), size),
            0);
  Begin();
  EXPECT_EQ(connection_->RemoteAddress(), fmt::format("127.0.0.1:{}", port));
  EXPECT_THAT(connection_->LocalAddress(), StartsWith("127.0.0.1:"));
}

}  // namespace
}  // namespace caravel::net
