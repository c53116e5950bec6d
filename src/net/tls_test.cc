#include "net/tls.h"

#include "net/tls_test_support.h"

namespace caravel::net {
namespace {

using ::testing::HasSubstr;

class TlsTest : public ::testing::Test {
 protected:
  // A client that trusts `authority_`, before a server with `certificate`.
  void Meet(const TestCertificate& certificate, const std::string& host) {
    server_.emplace(certificate);
    client_ = TlsSession::Connect(*context_, host).value();
  }
  TestCertificate Signed(const TestCertificate::Wish& wish) const {
    return TestCertificate(wish, &authority_);
  }

  // Carries bytes between the two until both are silent; the client's error,
  // where it fails.
  Status Talk() {
    while (true) {
      std::string to_server;
      client_->TakeOutput(to_server);
      server_->Receive(to_server);
      const std::string to_client = server_->TakeOutput();
      if (to_server.empty() && to_client.empty()) return {};
      CARAVEL_TRY(client_->Receive(to_client));
    }
  }
  std::string ClientReads() {
    std::string bytes(64 * 1024, '\0');
    const Result<size_t> got = client_->Read(bytes.data(), bytes.size());
    if (!got) return "error: " + got.error().message();
    bytes.resize(*got);
    return bytes;
  }
  // The reason for which a client of `host` refuses a server with `wish`.
  std::string Refusal(const TestCertificate& certificate,
                      const std::string& host) {
    Meet(certificate, host);
    const Status talked = Talk();
    if (talked) return "";
    EXPECT_EQ(talked.error().code(), ErrorCode::kDenied);
    EXPECT_FALSE(client_->established());
    return talked.error().message();
  }

  const TestCertificate authority_ = TestCertificate::Authority("Test CA");
  std::unique_ptr<TlsContext> context_ =
      TlsContext::CreateClient(authority_.Pem()).value();
  std::optional<TlsTestServer> server_;
  std::unique_ptr<TlsSession> client_;
};

TEST_F(TlsTest, CarriesBytesBothWays) {
  Meet(Signed({}), "example.com");
  EXPECT_FALSE(client_->established());
  ASSERT_TRUE(Talk());
  ASSERT_TRUE(client_->established());
  EXPECT_EQ(client_->version(), "TLSv1.3");
  const std::string large(1'000'000, 'x');
  ASSERT_TRUE(client_->Write(large));
  ASSERT_TRUE(Talk());
  EXPECT_EQ(server_->received(), large);
  server_->Send("hello");
  ASSERT_TRUE(Talk());
  EXPECT_EQ(ClientReads(), "hello");
  EXPECT_EQ(ClientReads(), "");
}

TEST_F(TlsTest, NamesTheServerAndOffersHttp11) {
  Meet(Signed({}), "example.com");
  ASSERT_TRUE(Talk());
  EXPECT_EQ(server_->server_name(), "example.com");
  EXPECT_EQ(server_->protocol(), "http/1.1");
  EXPECT_EQ(client_->protocol(), "http/1.1");
}

TEST_F(TlsTest, AcceptsTheNamesThatACertificateIsFor) {
  EXPECT_EQ(Refusal(Signed({}), "EXAMPLE.com"), "");
  EXPECT_EQ(Refusal(Signed({}), "example.com."), "");
  const TestCertificate wild = Signed({.alternatives = "DNS:*.example.com"});
  EXPECT_EQ(Refusal(wild, "a.example.com"), "");
  EXPECT_THAT(Refusal(wild, "a.b.example.com"), HasSubstr("not valid for"));
  EXPECT_THAT(Refusal(wild, "example.com"), HasSubstr("not valid for"));
}

TEST_F(TlsTest, AcceptsAnAddressOnlyWhereTheCertificateHasIt) {
  const TestCertificate address =
      Signed({.alternatives = "IP:127.0.0.1,IP:::1"});
  EXPECT_EQ(Refusal(address, "127.0.0.1"), "");
  EXPECT_EQ(server_->server_name(), "") << "an address is no server name";
  EXPECT_EQ(Refusal(address, "::1"), "");
  EXPECT_EQ(Refusal(address, "127.0.0.2"),
            "the certificate is not valid for \"127.0.0.2\"");
  const TestCertificate as_name = Signed({.alternatives = "DNS:127.0.0.1"});
  EXPECT_THAT(Refusal(as_name, "127.0.0.1"), HasSubstr("not valid for"));
}

TEST_F(TlsTest, RefusesACertificateAndSaysWhy) {
  EXPECT_EQ(Refusal(Signed({}), "other.example"),
            "the certificate is not valid for \"other.example\"");
  EXPECT_EQ(Refusal(Signed({.begins_in_hours = -2, .ends_in_hours = -1}),
                    "example.com"),
            "the certificate has expired");
  EXPECT_EQ(Refusal(Signed({.begins_in_hours = 1, .ends_in_hours = 2}),
                    "example.com"),
            "the certificate is not valid yet");
  EXPECT_THAT(Refusal(TestCertificate({}, nullptr), "example.com"),
              HasSubstr("the certificate is not trusted (self"));
  const TestCertificate stranger = TestCertificate::Authority("Stranger");
  EXPECT_THAT(Refusal(TestCertificate({}, &stranger), "example.com"),
              HasSubstr("the certificate is not trusted (unable to get"));
}

TEST_F(TlsTest, TellsTheServerThatItRefuses) {
  Meet(Signed({}), "other.example");
  ASSERT_FALSE(Talk());
  std::string alert;
  client_->TakeOutput(alert);
  EXPECT_FALSE(alert.empty());
}

TEST_F(TlsTest, FailsOnBytesThatAreNoTls) {
  Meet(Signed({}), "example.com");
  const Status received = client_->Receive("HTTP/1.1 400 Bad Request\r\n\r\n");
  ASSERT_FALSE(received);
  EXPECT_EQ(received.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(received.error().message(), HasSubstr("TLS handshake failed"));
}

TEST_F(TlsTest, NoticesBytesThatWereChangedOnTheWay) {
  Meet(Signed({}), "example.com");
  ASSERT_TRUE(Talk());
  ClientReads();  // session tickets
  server_->Send("hello");
  std::string ciphertext = server_->TakeOutput();
  ciphertext.back() ^= 1;
  ASSERT_TRUE(client_->Receive(ciphertext));
  EXPECT_THAT(ClientReads(), HasSubstr("error: TLS failed"));
}

TEST_F(TlsTest, KnowsWhetherThePeerEndedTheStream) {
  Meet(Signed({}), "example.com");
  ASSERT_TRUE(Talk());
  server_->Send("last");
  server_->End();
  ASSERT_TRUE(Talk());
  EXPECT_FALSE(client_->ended()) << "bytes come first";
  EXPECT_EQ(ClientReads(), "last");
  EXPECT_TRUE(client_->ended());
}

TEST_F(TlsTest, KeepsItsContextAlive) {
  Meet(Signed({}), "example.com");
  context_.reset();
  ASSERT_TRUE(Talk());
  EXPECT_TRUE(client_->established());
}

TEST_F(TlsTest, NamesWhatIsWrongWithTheTrustedCertificates) {
  const auto none = TlsContext::CreateClient("");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().ToText(),
            "trusted certificates: there is none in the bundle\n"
            "install Debian's package ca-certificates");
  std::string damaged = authority_.Pem() + authority_.Pem();
  damaged.insert(damaged.size() - 100, "!");
  const auto second = TlsContext::CreateClient(damaged);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message(),
              HasSubstr("trusted certificates: number 2 is damaged"));
}

}  // namespace
}  // namespace caravel::net
