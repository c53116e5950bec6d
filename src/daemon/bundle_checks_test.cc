#include "daemon/bundle_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "daemon/testing/fake_host_port.h"

namespace caravel::daemon {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

// A clock that stands still but for what a test adds: limits pass at once.
class SkippingClock final : public base::Clock {
 public:
  base::SteadyTime Steady() const override {
    return system_.Steady() + skipped_;
  }
  base::WallTime Wall() const override { return system_.Wall(); }
  void Skip(milliseconds by) { skipped_ += by; }

 private:
  base::SystemClock system_;
  milliseconds skipped_{0};
};

class BundleChecksTest : public testing::Test, public BundleChecks::Hosts {
 protected:
  HostPort* ForRiskyWork() override { return ready_ ? &host_ : nullptr; }
  HostPort* Find(std::string_view id) override {
    return id == host_.id() ? &host_ : nullptr;
  }
  // As the supervisor does with a standby.
  void GiveUp(HostPort& host, std::string_view why) override {
    ready_ = false;
    host.Kill(why);
    checks_->OnHostLeft(host, HostEnd::kAsked);
  }

  // Checks on another thread, as handlers of the API do.
  void BeginCheck() {
    bundle_ = base::SealedMemoryFile("bundle", "code").value();
    thread_ = std::thread([this] {
      result_ = checks_->Check(bundle_, registry::Version(), "shop");
      finished_ = true;
    });
  }

  Result<api::CheckedBundle> Outcome() {
    EXPECT_TRUE(Until([&] { return finished_.load(); }));
    thread_.join();
    return std::move(*result_);
  }

  bool UntilAsked() {
    return Until([&] { return !host_.sent.empty(); });
  }
  uint64_t Asked() {
    return host_.SentOf<registry::CheckBundle>().back()->request;
  }

  template <typename Condition>
  bool Until(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(60);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      loop_->Poll(milliseconds(10));
    }
    return true;
  }

  SkippingClock clock_;
  base::NullLog log_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  FakeHostPort host_{"h1", /*serving=*/false};
  bool ready_ = true;
  std::unique_ptr<BundleChecks> checks_ =
      std::make_unique<BundleChecks>(*loop_, log_, *this);
  base::Fd bundle_;
  std::thread thread_;
  std::atomic<bool> finished_ = false;
  std::optional<Result<api::CheckedBundle>> result_;
};

TEST_F(BundleChecksTest, BringsBackWhatTheHostFound) {
  BeginCheck();
  ASSERT_TRUE(UntilAsked());
  EXPECT_EQ(host_.SentOf<registry::CheckBundle>()[0]->worker_name, "shop");
  EXPECT_EQ(base::ReadWholeFile(host_.sent[0].fds.at(0), 100).value(), "code");
  registry::BundleChecked answer;
  answer.request = Asked();
  answer.handlers = {"fetch"};
  answer.startup_ms = 12;
  checks_->OnChecked(host_, answer, {});
  const Result<api::CheckedBundle> checked = Outcome();
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->handlers, std::vector<std::string>{"fetch"});
  EXPECT_EQ(checked->startup, milliseconds(12));
}

TEST_F(BundleChecksTest, PassesTheHostsRefusalOn) {
  BeginCheck();
  ASSERT_TRUE(UntilAsked());
  registry::BundleChecked answer;
  answer.request = Asked();
  answer.error = "index.js:3:7: SyntaxError: Unexpected token";
  checks_->OnChecked(host_, answer, {});
  const Result<api::CheckedBundle> checked = Outcome();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code(), ErrorCode::kInvalid);
  EXPECT_EQ(checked.error().message(), answer.error);
}

TEST_F(BundleChecksTest, WaitsForAHostToBeReady) {
  ready_ = false;
  BeginCheck();
  loop_->Poll(milliseconds(50));
  EXPECT_TRUE(host_.sent.empty());
  ready_ = true;
  ASSERT_TRUE(Until([&] {
    checks_->OnHostsChanged();
    return !host_.sent.empty();
  }));
  registry::BundleChecked answer;
  answer.request = Asked();
  checks_->OnChecked(host_, answer, {});
  EXPECT_TRUE(Outcome());
}

TEST_F(BundleChecksTest, SaysThatNoHostIsReady) {
  ready_ = false;
  BeginCheck();
  ASSERT_TRUE(Until([&] {
    clock_.Skip(BundleChecks::kPatience);
    return finished_.load();
  }));
  const Result<api::CheckedBundle> checked = Outcome();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(checked.error().message(),
            "no standby host was ready within 20 s to start the Worker for a "
            "check");
}

TEST_F(BundleChecksTest, GivesUpAHostThatDoesNotComeToAnEnd) {
  BeginCheck();
  ASSERT_TRUE(UntilAsked());
  clock_.Skip(BundleChecks::kLimit);
  const Result<api::CheckedBundle> checked = Outcome();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code(), ErrorCode::kLimit);
  EXPECT_THAT(checked.error().message(), HasSubstr("startup"));
  EXPECT_EQ(host_.killed, "did not finish a check in time");
}

TEST_F(BundleChecksTest, SaysThatTheCodeEndedItsHost) {
  BeginCheck();
  ASSERT_TRUE(UntilAsked());
  checks_->OnHostLeft(host_, HostEnd::kOwn);
  const Result<api::CheckedBundle> checked = Outcome();
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message(), HasSubstr("ended the process"));
}

TEST_F(BundleChecksTest, BeginsAgainWhenCaraveldEndedTheHost) {
  BeginCheck();
  ASSERT_TRUE(UntilAsked());
  ready_ = false;
  checks_->OnHostLeft(host_, HostEnd::kAsked);
  EXPECT_FALSE(finished_);
  EXPECT_EQ(checks_->waiting(), 1U);
  ready_ = true;
  checks_->OnHostsChanged();
  ASSERT_EQ(host_.sent.size(), 2U);
  EXPECT_EQ(base::ReadWholeFile(host_.sent[1].fds.at(0), 100).value(), "code");
  registry::BundleChecked answer;
  answer.request = Asked();
  checks_->OnChecked(host_, answer, {});
  EXPECT_TRUE(Outcome());
}

// Once a standby serves, what ends it may be any Worker's.
TEST_F(BundleChecksTest, BlamesACheckOnlyForAHostThatItHadForItself) {
  BeginCheck();
  ASSERT_TRUE(UntilAsked());
  checks_->OnHostServing(host_);
  checks_->OnHostLeft(host_, HostEnd::kOwn);
  ASSERT_EQ(host_.sent.size(), 2U);
  EXPECT_FALSE(finished_);
  checks_->OnHostLeft(host_, HostEnd::kOwn);
  const Result<api::CheckedBundle> checked = Outcome();
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message(), HasSubstr("ended the process"));
}

TEST_F(BundleChecksTest, HasPatienceAnewWhenItHasToBeginAgain) {
  BeginCheck();
  ASSERT_TRUE(UntilAsked());
  ready_ = false;
  checks_->OnHostLeft(host_, HostEnd::kAsked);
  clock_.Skip(BundleChecks::kLimit);
  loop_->Poll(milliseconds(10));
  EXPECT_FALSE(finished_);
  clock_.Skip(BundleChecks::kPatience);
  EXPECT_EQ(Outcome().error().code(), ErrorCode::kUnavailable);
}

// One that never ends is not to fail those that came behind it.
TEST_F(BundleChecksTest, BeginsTheNextOnAnotherHostWhenOneIsGivenUp) {
  BeginCheck();
  ASSERT_TRUE(UntilAsked());
  std::atomic<bool> second_finished = false;
  std::optional<Result<api::CheckedBundle>> second;
  const base::Fd bundle = base::SealedMemoryFile("bundle", "code").value();
  std::thread behind([&] {
    second = checks_->Check(bundle, registry::Version(), "behind");
    second_finished = true;
  });
  while (checks_->waiting() == 0) loop_->Poll(milliseconds(10));
  EXPECT_EQ(host_.SentOf<registry::CheckBundle>().size(), 1U);
  clock_.Skip(BundleChecks::kLimit);
  EXPECT_FALSE(Outcome());
  EXPECT_FALSE(second_finished);

  ready_ = true;
  checks_->OnHostsChanged();
  ASSERT_EQ(host_.SentOf<registry::CheckBundle>().size(), 2U);
  EXPECT_EQ(host_.SentOf<registry::CheckBundle>()[1]->worker_name, "behind");
  registry::BundleChecked answer;
  answer.request = Asked();
  checks_->OnChecked(host_, answer, {});
  behind.join();
  EXPECT_TRUE(*second);
}

TEST_F(BundleChecksTest, HasPatienceFromWhenACheckIsTheFirst) {
  BeginCheck();
  ASSERT_TRUE(UntilAsked());
  const base::Fd bundle = base::SealedMemoryFile("bundle", "code").value();
  std::future<Result<api::CheckedBundle>> behind = std::async(
      std::launch::async,
      [&] { return checks_->Check(bundle, registry::Version(), "behind"); });
  ASSERT_TRUE(Until([&] { return checks_->waiting() == 1; }));
  clock_.Skip(BundleChecks::kLimit);
  EXPECT_FALSE(Outcome());

  // Longer than its patience since it came, not since it is the first.
  clock_.Skip(BundleChecks::kPatience - milliseconds(1'000));
  loop_->Poll(milliseconds(10));
  EXPECT_EQ(checks_->waiting(), 1U);
  clock_.Skip(milliseconds(1'000));
  ASSERT_TRUE(Until([&] { return checks_->waiting() == 0; }));
  EXPECT_EQ(behind.get().error().code(), ErrorCode::kUnavailable);
}

TEST_F(BundleChecksTest, TakesNoAnswerFromAHostThatWasNotAsked) {
  BeginCheck();
  ASSERT_TRUE(UntilAsked());
  FakeHostPort other("h2");
  registry::BundleChecked answer;
  answer.request = Asked();
  checks_->OnChecked(other, answer, {});
  EXPECT_FALSE(finished_);
  checks_->OnHostLeft(host_, HostEnd::kOwn);
  EXPECT_FALSE(Outcome());
}

TEST_F(BundleChecksTest, LetsNobodyWaitWhenCaraveldStops) {
  BeginCheck();
  ASSERT_TRUE(UntilAsked());
  const base::Fd bundle = base::SealedMemoryFile("bundle", "code").value();
  const auto check = [&] {
    return checks_->Check(bundle, registry::Version(), "late");
  };
  std::future<Result<api::CheckedBundle>> behind =
      std::async(std::launch::async, check);
  ASSERT_TRUE(Until([&] { return checks_->waiting() == 1; }));

  checks_->Stop();
  const Result<api::CheckedBundle> checked = Outcome();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(checked.error().message(), "caraveld is stopping");
  EXPECT_EQ(behind.get().error().message(), "caraveld is stopping");

  // A handler that comes to its check later.
  std::future<Result<api::CheckedBundle>> after =
      std::async(std::launch::async, check);
  ASSERT_TRUE(Until(
      [&] { return after.wait_for(seconds(0)) == std::future_status::ready; }));
  EXPECT_EQ(after.get().error().message(), "caraveld is stopping");
  EXPECT_EQ(host_.sent.size(), 1U);
}

}  // namespace
}  // namespace caravel::daemon
