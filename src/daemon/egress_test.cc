#include "daemon/egress.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <thread>

namespace caravel::daemon {
namespace {

using ::testing::HasSubstr;

// Answers from a table, from the loop as a real one does; a name that is not in
// it gets no answer at all.
class FakeResolver final : public Resolver {
 public:
  explicit FakeResolver(net::EventLoop& loop) : loop_(loop) {}

  void Resolve(const std::string& name, Done done) override {
    ++asked;
    const auto known = names.find(name);
    if (known == names.end()) {
      unanswered = std::move(done);
      return;
    }
    loop_.After(std::chrono::nanoseconds(0),
                [addresses = known->second, done = std::move(done)] {
                  if (addresses.empty()) {
                    done(Error(ErrorCode::kNotFound, "no such name"));
                  } else {
                    done(addresses);
                  }
                });
  }

  std::map<std::string, Addresses> names;
  Done unanswered;
  int asked = 0;

 private:
  net::EventLoop& loop_;
};

net::IpAddress Address(std::string_view text) {
  return net::ParseIpLiteral(text).value().value();
}

// A listening socket on a port of the system's choice.
class Listener {
 public:
  explicit Listener(std::string_view address)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_storage raw;
    const socklen_t size = Address(address).ToSocketAddress(0, raw);
    CARAVEL_CHECK(
        ::bind(socket_.get(), reinterpret_cast<sockaddr*>(&raw), size) == 0);
    CARAVEL_CHECK(::listen(socket_.get(), 16) == 0);
    sockaddr_in bound = {};
    socklen_t bound_size = sizeof bound;
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&bound),
                  &bound_size);
    port_ = ntohs(bound.sin_port);
  }

  uint16_t port() const { return port_; }
  base::Fd Accept() const {
    return base::Fd(::accept(socket_.get(), nullptr, nullptr));
  }

 private:
  base::Fd socket_;
  uint16_t port_ = 0;
};

class EgressTest : public ::testing::Test {
 protected:
  // Connects and waits for the outcome.
  Result<base::Fd> Connect(const std::string& host, uint16_t port) {
    std::optional<Result<base::Fd>> outcome;
    Begin(host, port, outcome);
    EXPECT_FALSE(outcome.has_value()) << "called from within Connect()";
    while (!outcome) loop_->Poll(std::chrono::seconds(10));
    return std::move(*outcome);
  }
  std::string Refusal(const std::string& host) {
    const Result<base::Fd> result = Connect(host, 80);
    if (result) return "";
    EXPECT_EQ(result.error().code(), ErrorCode::kDenied) << host;
    return result.error().message();
  }
  void Begin(const std::string& host, uint16_t port,
             std::optional<Result<base::Fd>>& outcome) {
    if (broker_ == nullptr) {
      rules_ = EgressRules::Parse(allowed_).value();
      broker_ = std::make_unique<EgressBroker>(*loop_, resolver_, *rules_, log_,
                                               options_);
    }
    broker_->Connect(
        host, port, "worker-a",
        [&](Result<base::Fd> result) { outcome = std::move(result); }, reach_);
  }
  void Allow(const std::string& range) { allowed_.push_back(range); }

  EgressBroker::Reach reach_ = EgressBroker::Reach::kByRules;
  base::SystemClock clock_;
  base::NullLog log_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  FakeResolver resolver_{*loop_};
  EgressBroker::Options options_;
  std::vector<std::string> allowed_;
  std::optional<EgressRules> rules_;
  std::unique_ptr<EgressBroker> broker_;
};

TEST_F(EgressTest, NoRuleIsAskedWhereTheOperatorNamedTheHost) {
  const Listener listener("127.0.0.1");
  EXPECT_FALSE(Connect("127.0.0.1", listener.port()));
  reach_ = EgressBroker::Reach::kAnywhere;
  resolver_.names["origin.test"] = {Address("127.0.0.1")};
  EXPECT_TRUE(Connect("origin.test", listener.port()));
}

TEST_F(EgressTest, SaysOfANameOfAWorkerWhatElseThereIs) {
  resolver_.names = {{"mylocalhost", {Address("127.0.0.1")}}};
  EXPECT_EQ(Refusal("shop.Localhost."),
            "connection to \"shop.Localhost.\": the address 127.0.0.1 is "
            "loopback; the operator can allow it with --allow-egress "
            "127.0.0.0/8. Names below localhost are those of Workers: to call "
            "one from another, bind it there, by \"services\" in the "
            "configuration");
  EXPECT_THAT(Refusal("mylocalhost"), Not(HasSubstr("services")));
}

TEST_F(EgressTest, RefusesALiteralWithoutAskingTheResolver) {
  EXPECT_EQ(Refusal("10.0.0.1"),
            "connection to \"10.0.0.1\": the address 10.0.0.1 is private; the "
            "operator can allow it with --allow-egress 10.0.0.0/8");
  EXPECT_EQ(resolver_.asked, 0);
}

TEST_F(EgressTest, RefusesEveryFormOfLoopback) {
  for (const std::string host :
       {"127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1",
        "127.0.0.1.", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1",
        "64:ff9b::7f00:1", "2002:7f00:1::"}) {
    EXPECT_THAT(Refusal(host), HasSubstr("is loopback")) << host;
  }
}

TEST_F(EgressTest, JudgesANameByTheAddressesBehindIt) {
  resolver_.names = {{"loop.example", {Address("127.0.0.1")}},
                     {"private.example", {Address("192.168.0.7")}},
                     {"metadata.example", {Address("169.254.169.254")}},
                     {"six.example", {Address("fe80::1"), Address("::1")}}};
  EXPECT_THAT(Refusal("loop.example"), HasSubstr("127.0.0.1 is loopback"));
  EXPECT_THAT(Refusal("private.example"), HasSubstr("192.168.0.7 is private"));
  EXPECT_THAT(Refusal("metadata.example"), HasSubstr("metadata"));
  EXPECT_THAT(Refusal("six.example"), HasSubstr("fe80::1 is link-local"));
}

TEST_F(EgressTest, TakesLocalhostAndNamesBelowItForLoopbackWithoutAsking) {
  const Listener listener("127.0.0.1");
  Allow("127.0.0.0/8");
  resolver_.names = {{"shop.localhost", {Address("8.8.8.8")}}};
  for (const std::string host :
       {"localhost", "LOCALHOST.", "shop.localhost", "a.b.LocalHost."}) {
    const Result<base::Fd> near = Connect(host, listener.port());
    EXPECT_TRUE(near) << near.error().message();
  }
  EXPECT_EQ(resolver_.asked, 0);
}

TEST_F(EgressTest, RefusesLocalhostWhereLoopbackIsNotOpened) {
  Allow("10.0.0.0/8");
  resolver_.names = {{"localhost", {Address("10.0.0.1")}},
                     {"shop.localhost", {Address("10.0.0.1")}}};
  EXPECT_THAT(Refusal("localhost"), HasSubstr("127.0.0.1 is loopback"));
  EXPECT_THAT(Refusal("shop.localhost"), HasSubstr("127.0.0.1 is loopback"));
}

TEST_F(EgressTest, RefusesAPublicAddressOfThisMachine) {
  options_.machine_addresses = [] {
    return std::vector<net::IpAddress>{Address("8.8.8.8"), Address("2a00::1")};
  };
  resolver_.names = {{"own.example", {Address("2a00::1")}}};
  EXPECT_EQ(Refusal("8.8.8.8"),
            "connection to \"8.8.8.8\": the address 8.8.8.8 is this machine's "
            "own; the operator can allow it with --allow-egress 8.8.8.8/32");
  EXPECT_THAT(Refusal("64:ff9b::8.8.8.8"), HasSubstr("this machine's own"));
  EXPECT_THAT(Refusal("own.example"),
              HasSubstr("this machine's own; the operator can allow it with "
                        "--allow-egress 2a00::1/128"));
}

TEST_F(EgressTest, ReachesAnAddressOfThisMachineThatTheOperatorAllows) {
  const Listener listener("127.0.0.1");
  options_.machine_addresses = [] {
    return std::vector<net::IpAddress>{Address("127.0.0.1")};
  };
  Allow("127.0.0.1/32");
  EXPECT_TRUE(Connect("127.0.0.1", listener.port()));
}

TEST_F(EgressTest, RefusesWhenTheMachinesAddressesCannotBeRead) {
  options_.machine_addresses = []() -> Result<std::vector<net::IpAddress>> {
    return Error(ErrorCode::kUnavailable, "they cannot be read");
  };
  const Result<base::Fd> result = Connect("8.8.8.8", 80);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(),
            "connection to \"8.8.8.8\": they cannot be read");
}

TEST_F(EgressTest, ConnectsToWhatTheOperatorAllows) {
  const Listener listener("127.0.0.1");
  Allow("127.0.0.0/8");
  resolver_.names = {{"local.example", {Address("127.0.0.1")}}};
  for (const std::string host : {"127.0.0.1", "127.1", "local.example"}) {
    const Result<base::Fd> near = Connect(host, listener.port());
    ASSERT_TRUE(near) << near.error().message();
    const base::Fd far = listener.Accept();
    ASSERT_EQ(::send(near->get(), "hello", 5, 0), 5);
    std::array<char, 8> bytes;
    EXPECT_EQ(::recv(far.get(), bytes.data(), bytes.size(), 0), 5);
  }
}

TEST_F(EgressTest, ConnectsOnlyToTheAllowedAddressOfAName) {
  const Listener listener("127.0.0.2");
  Allow("127.0.0.2/32");
  resolver_.names = {
      {"mixed.example", {Address("127.0.0.1"), Address("127.0.0.2")}}};
  const Result<base::Fd> near = Connect("mixed.example", listener.port());
  ASSERT_TRUE(near) << near.error().message();
  sockaddr_in peer = {};
  socklen_t size = sizeof peer;
  ::getpeername(near->get(), reinterpret_cast<sockaddr*>(&peer), &size);
  EXPECT_EQ(ntohl(peer.sin_addr.s_addr), 0x7f000002U);
}

TEST_F(EgressTest, TriesTheNextAddressWhenOneRefuses) {
  const Listener listener("127.0.0.2");
  Allow("127.0.0.0/8");
  resolver_.names = {
      {"two.example", {Address("127.0.0.1"), Address("127.0.0.2")}}};
  EXPECT_TRUE(Connect("two.example", listener.port()));
}

TEST_F(EgressTest, TellsWhyNobodyAnswered) {
  Allow("127.0.0.0/8");
  uint16_t free_port = 0;
  {
    const Listener listener("127.0.0.1");
    free_port = listener.port();
  }
  const Result<base::Fd> result = Connect("127.0.0.1", free_port);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(
      result.error().message(),
      fmt::format("connect to 127.0.0.1:{}: connection refused", free_port));
}

TEST_F(EgressTest, TellsThatANameDoesNotResolve) {
  resolver_.names = {{"nosuch.example", {}}};
  const Result<base::Fd> result = Connect("nosuch.example", 443);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(result.error().message(),
            "connect to nosuch.example:443: the name does not resolve: no such "
            "name");
}

TEST_F(EgressTest, RefusesTextThatIsNoHost) {
  for (const std::string& host :
       {std::string(""), std::string("a b"), std::string("fe80::1%eth0"),
        std::string("x%lo"), std::string("1.2.3.4.5"), std::string("[::1]"),
        std::string("a\0b", 3), std::string(300, 'a'), std::string("a/b")}) {
    const Result<base::Fd> result = Connect(host, 80);
    ASSERT_FALSE(result) << host;
    EXPECT_EQ(result.error().code(), ErrorCode::kInvalid) << host;
    EXPECT_THAT(result.error().message(), HasSubstr("connection to \"" + host));
  }
  EXPECT_EQ(resolver_.asked, 0);
  EXPECT_EQ(Connect("8.8.8.8", 0).error().message(),
            "connect to 8.8.8.8:0: 0 is no port to connect to");
}

TEST_F(EgressTest, GivesUpAtItsDeadline) {
  options_.timeout = std::chrono::milliseconds(1);
  const Result<base::Fd> result = Connect("silent.example", 443);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(),
            "connect to silent.example:443: no answer in 1 ms");
  resolver_.unanswered(Resolver::Addresses{Address("8.8.8.8")});  // too late
}

TEST_F(EgressTest, BoundsWhatOneWorkerOpensAtATime) {
  options_.max_opening_for_worker = 1;
  std::optional<Result<base::Fd>> first;
  Begin("silent.example", 80, first);
  const Result<base::Fd> second = Connect("silent.example", 80);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kLimit);
  EXPECT_EQ(second.error().message(),
            "connect to silent.example:80: this Worker is opening 1 "
            "connections already");
  EXPECT_FALSE(first.has_value());
}

TEST_F(EgressTest, MayBeDestroyedWhileConnectionsAreBeingOpened) {
  Allow("127.0.0.0/8");
  const Listener listener("127.0.0.1");
  std::optional<Result<base::Fd>> named;
  std::optional<Result<base::Fd>> numeric;
  Begin("silent.example", 80, named);
  Begin("127.0.0.1", listener.port(), numeric);
  while (resolver_.unanswered == nullptr) {
    loop_->Poll(std::chrono::seconds(10));
  }
  broker_.reset();
  resolver_.unanswered(Resolver::Addresses{Address("127.0.0.1")});
  loop_->Poll(std::chrono::nanoseconds(0));
  EXPECT_FALSE(named.has_value());
}

TEST_F(EgressTest, SystemResolverKnowsLocalhostAndRefusesNonsense) {
  SystemResolver resolver(*loop_);
  std::optional<Result<Resolver::Addresses>> known;
  std::optional<Result<Resolver::Addresses>> unknown;
  resolver.Resolve("localhost", [&](auto found) { known = std::move(found); });
  resolver.Resolve("no_such_name.invalid",
                   [&](auto found) { unknown = std::move(found); });
  while (!known || !unknown) loop_->Poll(std::chrono::seconds(10));
  ASSERT_TRUE(*known);
  EXPECT_THAT(**known,
              ::testing::AnyOf(::testing::Contains(Address("127.0.0.1")),
                               ::testing::Contains(Address("::1"))));
  EXPECT_FALSE(*unknown);
}

TEST_F(EgressTest, SystemResolverDropsWhoWaitsWhenItGoes) {
  {
    SystemResolver resolver(*loop_, 1);
    for (int i = 0; i < 20; ++i) {
      resolver.Resolve("localhost",
                       [](auto) { FAIL() << "its owner is gone"; });
    }
  }
  loop_->Poll(std::chrono::nanoseconds(0));
}

}  // namespace
}  // namespace caravel::daemon
