#include "daemon/config_stream.h"

#include <gtest/gtest.h>

#include <atomic>

#include "daemon/testing/fake_host_port.h"
#include "daemon/testing/published_values.h"

namespace caravel::daemon {
namespace {

using registry::Sequence;
using std::chrono::milliseconds;
using std::chrono::seconds;

// What a registry would say; a test publishes into it.
class FakeSource final : public PublishedSource {
 public:
  Result<registry::Snapshot> Load() override {
    const base::MutexLock lock(mutex_);
    return state_.ToSnapshot();
  }
  Result<std::vector<registry::Change>> After(Sequence after) override {
    const base::MutexLock lock(mutex_);
    if (failures_ > 0) {
      --failures_;
      return Error(ErrorCode::kUnavailable, "the database is away");
    }
    if (trimmed_) {
      trimmed_ = false;
      return Error(ErrorCode::kNotFound, "trimmed");
    }
    return *state_.ChangesAfter(after);
  }
  bool MayLag() const override { return lags; }
  std::atomic<bool> lags{false};

  void Publish(const registry::Change& change) {
    const base::MutexLock lock(mutex_);
    state_.Apply(change);
  }
  void FailNext(int calls) {
    const base::MutexLock lock(mutex_);
    failures_ = calls;
  }
  void ForgetChanges() {
    const base::MutexLock lock(mutex_);
    trimmed_ = true;
  }

 private:
  base::Mutex mutex_;
  PublishedState state_ CARAVEL_GUARDED_BY(mutex_);
  int failures_ CARAVEL_GUARDED_BY(mutex_) = 0;
  bool trimmed_ CARAVEL_GUARDED_BY(mutex_) = false;
};

class ConfigStreamTest : public testing::Test {
 protected:
  void Start() { ASSERT_TRUE(stream_->Start()); }

  void Publish(const registry::Change& change) {
    source_.Publish(change);
    stream_->Nudge();
  }

  template <typename Condition>
  bool Until(Condition condition) {
    const auto deadline = clock_.Steady() + seconds(60);
    while (!condition()) {
      if (clock_.Steady() > deadline) return false;
      loop_->Poll(milliseconds(20));
    }
    return true;
  }

  static std::vector<uint64_t> ChangesSentTo(const FakeHostPort& host) {
    std::vector<uint64_t> sequences;
    for (const auto* change : host.SentOf<registry::ApplyChange>()) {
      sequences.push_back(change->sequence.value);
    }
    return sequences;
  }

  base::SystemClock clock_;
  base::NullLog log_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  FakeSource source_;
  std::unique_ptr<ConfigStream> stream_ =
      std::make_unique<ConfigStream>(*loop_, log_, source_);
  FakeHostPort host_{"h1"};
};

TEST_F(ConfigStreamTest, SendsANewHostEverything) {
  source_.Publish(ChangeTo(1, "a", "1"));
  Start();
  stream_->Join(host_, Sequence{0});
  ASSERT_EQ(host_.sent.size(), 1U);
  EXPECT_EQ(host_.SentOf<registry::LoadSnapshot>()[0]->sequence, Sequence{1});
  const Result<std::string> bytes =
      base::ReadWholeFile(host_.sent[0].fds[0], 1 << 20);
  EXPECT_EQ(base::Decode<registry::Snapshot>(*bytes).value(),
            (registry::Snapshot{Sequence{1}, {WorkerAt("a", "1")}}));
}

TEST_F(ConfigStreamTest, SendsAHostThatJoinedEarlyEverythingOnceItIsKnown) {
  stream_->Join(host_, Sequence{0});
  EXPECT_TRUE(host_.sent.empty());
  Start();
  EXPECT_EQ(host_.SentOf<registry::LoadSnapshot>().size(), 1U);
}

TEST_F(ConfigStreamTest, LetsAHostThatIsAheadOfASourceThatLagsKeepWhatItHas) {
  source_.lags = true;
  source_.Publish(ChangeTo(1, "a", "1"));
  FakeHostPort early("h2");
  FakeHostPort behind("h3");
  stream_->Join(early, Sequence{2});
  Start();
  stream_->Join(host_, Sequence{2});
  stream_->Join(behind, Sequence{0});
  EXPECT_TRUE(early.sent.empty());
  EXPECT_TRUE(host_.sent.empty());
  EXPECT_EQ(behind.SentOf<registry::LoadSnapshot>().size(), 1U);
}

TEST_F(ConfigStreamTest, SendsEachChangeOnceAndInOrder) {
  Start();
  stream_->Join(host_, Sequence{0});
  for (uint64_t i = 1; i <= 5; ++i) Publish(ChangeTo(i, "a", "1"));
  ASSERT_TRUE(Until([&] { return ChangesSentTo(host_).size() == 5; }));
  EXPECT_EQ(ChangesSentTo(host_), (std::vector<uint64_t>{1, 2, 3, 4, 5}));
}

TEST_F(ConfigStreamTest, SendsAHostThatJoinsAgainWhatItMissed) {
  Start();
  for (uint64_t i = 1; i <= 3; ++i) Publish(ChangeTo(i, "a", "1"));
  ASSERT_TRUE(Until([&] { return stream_->state().sequence().value == 3; }));
  stream_->Join(host_, Sequence{1});
  EXPECT_EQ(ChangesSentTo(host_), (std::vector<uint64_t>{2, 3}));
}

TEST_F(ConfigStreamTest, SetsAHostThatIsAheadBack) {
  source_.Publish(ChangeTo(1, "a", "1"));
  Start();
  stream_->Join(host_, Sequence{9});
  ASSERT_EQ(host_.sent.size(), 1U);
  EXPECT_EQ(host_.SentOf<registry::LoadSnapshot>()[0]->sequence, Sequence{1});
}

TEST_F(ConfigStreamTest, SetsAHostThatIsAheadBackAlsoWhenItJoinedEarly) {
  source_.Publish(ChangeTo(1, "a", "1"));
  stream_->Join(host_, Sequence{9});
  Start();
  ASSERT_EQ(host_.sent.size(), 1U);
  EXPECT_EQ(host_.SentOf<registry::LoadSnapshot>()[0]->sequence, Sequence{1});
}

TEST_F(ConfigStreamTest, SendsALargeChangeAsAFile) {
  Start();
  stream_->Join(host_, Sequence{0});
  registry::Change large = ChangeTo(1, "a", "1");
  large.now->versions[0].bindings.push_back(
      {"BIG", registry::BindingType::kPlainText, std::string(200'000, 'x')});
  Publish(large);
  ASSERT_TRUE(Until([&] { return ChangesSentTo(host_).size() == 1; }));
  EXPECT_TRUE(host_.SentOf<registry::ApplyChange>()[0]->change.empty());
  const Result<std::string> bytes =
      base::ReadWholeFile(host_.sent.back().fds.at(0), 1 << 20);
  EXPECT_EQ(base::Decode<registry::Change>(*bytes).value(), large);
}

TEST_F(ConfigStreamTest, LoadsAnewWhenChangesWereForgotten) {
  Start();
  stream_->Join(host_, Sequence{0});
  source_.ForgetChanges();
  Publish(ChangeTo(8, "a", "1"));
  ASSERT_TRUE(Until([&] {
    const auto loads = host_.SentOf<registry::LoadSnapshot>();
    return loads.back()->sequence == Sequence{8};
  }));
}

TEST_F(ConfigStreamTest, TriesAgainWhenTheDatabaseIsAway) {
  Start();
  stream_->Join(host_, Sequence{0});
  source_.FailNext(1);
  Publish(ChangeTo(1, "a", "1"));
  EXPECT_TRUE(Until([&] { return ChangesSentTo(host_).size() == 1; }));
}

TEST_F(ConfigStreamTest, WaitsForEveryServingHostAndForNoStandby) {
  FakeHostPort second("h2");
  FakeHostPort standby("h3", /*serving=*/false);
  Start();
  for (FakeHostPort* each : {&host_, &second, &standby}) {
    stream_->Join(*each, Sequence{0});
  }
  EXPECT_FALSE(stream_->WaitApplied(Sequence{1}, milliseconds(0)));
  stream_->Applied(host_, Sequence{1});
  EXPECT_FALSE(stream_->WaitApplied(Sequence{1}, milliseconds(0)));
  stream_->Applied(second, Sequence{2});
  EXPECT_TRUE(stream_->WaitApplied(Sequence{1}, milliseconds(0)));
  stream_->Leave(host_);
  EXPECT_TRUE(stream_->WaitApplied(Sequence{2}, milliseconds(0)));
}

TEST_F(ConfigStreamTest, WakesWhoWaitsOnceItIsApplied) {
  Start();
  stream_->Join(host_, Sequence{0});
  bool applied = false;
  std::thread waiter(
      [&] { applied = stream_->WaitApplied(Sequence{1}, seconds(20)); });
  stream_->Applied(host_, Sequence{1});
  waiter.join();
  EXPECT_TRUE(applied);
}

TEST_F(ConfigStreamTest, HoldsNobodyUpOnceNoHostWillApplyAnything) {
  Start();
  stream_->Join(host_, Sequence{0});
  std::optional<bool> applied;
  std::thread waiter([&] {
    applied = stream_->WaitApplied(Sequence{1}, std::chrono::hours(1));
  });
  stream_->StopWaiting();
  waiter.join();
  EXPECT_EQ(applied, false);
}

}  // namespace
}  // namespace caravel::daemon
