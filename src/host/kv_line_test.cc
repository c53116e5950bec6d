#include "host/kv_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

namespace caravel::host {
namespace {

using registry::AskKv;
using registry::KvAnswer;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// While it lives no descriptor can be had.
class NoDescriptors {
 public:
  NoDescriptors() {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    const rlimit none{.rlim_cur = 0, .rlim_max = before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  }
  ~NoDescriptors() { EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before_), 0); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

class KvLineTest : public ::testing::Test {
 protected:
  KvLineTest() { line_.OnJoined(); }

  // How it was answered is the answer of its place in answers_.
  void Ask(std::string key, std::string worker = "w", std::string value = {}) {
    KvLine::Question question{.account = {"a"},
                              .worker = {std::move(worker)},
                              .version = {"v"},
                              .binding = "KV",
                              .space = "space",
                              .asks = {},
                              .held = held_};
    question.asks.keys = {std::move(key)};
    question.asks.value = std::move(value);
    const size_t place = answers_.size();
    answers_.emplace_back();
    line_.Ask(std::move(question), [this, place](KvLine::Answer answer) {
      answers_[place] = std::move(answer);
    });
  }
  std::vector<AskKv> Asked() {
    std::vector<AskKv> asked;
    for (const net::Packet& packet : sent_) {
      const auto message = registry::DecodeFromHost(packet.bytes).value();
      if (const auto* ask = std::get_if<AskKv>(&message)) asked.push_back(*ask);
    }
    return asked;
  }
  void Answer(uint64_t request, std::string value, bool may_keep = false) {
    KvAnswer answer;
    answer.items.push_back({.found = true,
                            .key = {},
                            .value = std::move(value),
                            .metadata = {},
                            .expiration = {}});
    line_.OnAnswered({request, base::Encode(answer), may_keep}, {});
  }

  base::FakeClock clock_;
  base::NullLog log_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  KvCache cache_{clock_};
  std::vector<net::Packet> sent_;
  KvHolds::Counter held_ = std::make_shared<std::atomic<size_t>>(0);
  std::vector<KvLine::Answer> answers_;
  KvLine line_{*loop_, cache_, log_, [this](net::Packet packet) {
                 sent_.push_back(std::move(packet));
               }};
};

TEST_F(KvLineTest, AnAnswerComesToItsQuestion) {
  Ask("one");
  Ask("two");
  ASSERT_THAT(Asked(), SizeIs(2));
  Answer(Asked()[1].request, "2");
  EXPECT_EQ(answers_[0], nullptr);
  EXPECT_EQ(answers_[1]->items[0].value, "2");
  Answer(Asked()[1].request, "again");
  Answer(Asked()[0].request, "1");
  EXPECT_EQ(answers_[0]->items[0].value, "1");
}

TEST_F(KvLineTest, WhatMayBeKeptIsGivenUntilItIsDropped) {
  Ask("k");
  Ask("other");
  Answer(Asked()[0].request, "v", /*may_keep=*/true);
  Answer(Asked()[1].request, "w", /*may_keep=*/false);
  EXPECT_EQ(cache_.Find("space", "k"), nullptr) << "without a lease";
  line_.OnLease({std::chrono::nanoseconds(clock_.Steady().time_since_epoch() +
                                          std::chrono::seconds(1))
                     .count()});
  ASSERT_NE(cache_.Find("space", "k"), nullptr);
  EXPECT_EQ(cache_.Find("space", "other"), nullptr);
  line_.OnDrop({7, {{"space", "k"}}});
  EXPECT_EQ(cache_.Find("space", "k"), nullptr);
  const auto told = registry::DecodeFromHost(sent_.back().bytes).value();
  EXPECT_EQ(std::get<registry::KvDropped>(told).number, 7U);
}

TEST_F(KvLineTest, AnotherCaraveldIsAskedAgainAndKnowsOfNothingKept) {
  Ask("k");
  Answer(Asked()[0].request, "v", /*may_keep=*/true);
  line_.OnLease({std::chrono::nanoseconds(std::chrono::hours(1)).count()});
  ASSERT_NE(cache_.Find("space", "k"), nullptr);
  Ask("waits");
  line_.OnAway();
  Ask("meanwhile");
  EXPECT_NE(cache_.Find("space", "k"), nullptr);
  sent_.clear();
  line_.OnJoined();
  EXPECT_EQ(cache_.Find("space", "k"), nullptr);
  EXPECT_THAT(Asked(), SizeIs(2));
  line_.OnLease({std::chrono::nanoseconds(std::chrono::hours(1)).count()});
  EXPECT_EQ(cache_.Find("space", "k"), nullptr);
}

TEST_F(KvLineTest, WhatIsAskedWhileCaraveldIsAwayFailsAfterAWhile) {
  line_.OnAway();
  Ask("k");
  clock_.Advance(std::chrono::seconds(2));
  loop_->Poll(std::chrono::nanoseconds(0));
  ASSERT_NE(answers_[0], nullptr);
  EXPECT_EQ(answers_[0]->status, 503);
  EXPECT_THAT(answers_[0]->error, HasSubstr("caraveld"));
}

TEST_F(KvLineTest, AWorkerThatAsksWithoutEndLeavesRoomToOthers) {
  for (int i = 0; i < 500; ++i) Ask(std::to_string(i), "greedy");
  const size_t greedy = Asked().size();
  EXPECT_LT(greedy, 64U);
  Ask("k", "modest");
  ASSERT_THAT(Asked(), SizeIs(greedy + 1));
  EXPECT_EQ(Asked().back().worker.value, "modest");
  for (size_t i = 0; i < answers_.size(); ++i) Answer(i + 1, "v");
  for (const KvLine::Answer& answer : answers_) EXPECT_NE(answer, nullptr);
}

TEST_F(KvLineTest, LargeQuestionsAndAnswersTravelAsDescriptors) {
  const std::string large(1 << 20, 'x');
  Ask("k", "w", large);
  ASSERT_THAT(sent_.back().fds, SizeIs(1));
  EXPECT_EQ(Asked()[0].question, "");
  const std::string bytes =
      base::ReadWholeFile(sent_.back().fds[0], 2 << 20).value();
  EXPECT_EQ(base::Decode<registry::KvQuestion>(bytes)->value, large);
  KvAnswer answer;
  answer.items.push_back({true, {}, large, {}, {}});
  std::vector<base::Fd> fds;
  fds.push_back(base::SealedMemoryFile("kv", base::Encode(answer)).value());
  line_.OnAnswered({Asked()[0].request, "", false}, std::move(fds));
  EXPECT_EQ(answers_[0]->items[0].value, large);
}

TEST_F(KvLineTest, AnswersThatNobodyReadsAreRefusedInTheEnd) {
  const std::string large(40 << 20, 'x');
  Ask("one");
  Ask("two");
  Answer(1, large);
  Answer(2, large);
  EXPECT_EQ(answers_[0]->items[0].value.size(), large.size());
  EXPECT_EQ(answers_[1]->status, 429);
  answers_.clear();
  EXPECT_EQ(*held_, 0U);
}

TEST_F(KvLineTest, AnAnswerThatCannotBeReadIsAnError) {
  Ask("k");
  line_.OnAnswered({1, "\xFF\xFF\xFF", true}, {});
  EXPECT_EQ(answers_[0]->status, 500);
}

TEST_F(KvLineTest, AQuestionThatCannotBeSentFailsInATaskOfItsOwn) {
#if __has_feature(undefined_behavior_sanitizer)
  GTEST_SKIP() << "the sanitizer needs descriptors to look at objects";
#endif
  const std::string large(1 << 20, 'x');
  {
    const NoDescriptors none;
    Ask("k", "w", large);
    EXPECT_EQ(answers_[0], nullptr) << "from within Ask()";
    for (int i = 0; i < 100; ++i) Ask(std::to_string(i), "w", large);
    Ask("other", "w");
    for (int i = 0; i < 200; ++i) loop_->Poll(std::chrono::nanoseconds(0));
  }
  for (size_t i = 0; i + 1 < answers_.size(); ++i) {
    ASSERT_NE(answers_[i], nullptr) << i;
    EXPECT_EQ(answers_[i]->status, 500) << i;
  }
  ASSERT_THAT(Asked(), SizeIs(1));
  EXPECT_EQ(answers_.back(), nullptr);
}

}  // namespace
}  // namespace caravel::host
